"""Connectionist temporal classification (Graves and others, 2006): labels of sequences that are not aligned with them.

The states of a sequence of labels are these, with a blank before, between and behind them. In each frame a state stays,
or the next one follows, or the one behind that, if it is another label. All sums over paths are of logarithms; the
gradient is that of the forward-backward algorithm, so that no loop has to be differentiated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import INT64
from ....dialects.public import public
from ..gradients.custom import custom_gradient
from ..ops import namespace
from ..ops.arguments import int64_of, size_along, times
from ..tensor_array.functional import scan
from ..values.dispatch import as_tensor, scalar_like
from ..values.recording import stop_recording
from ..values.tensor import Tensor, TensorLike

_LOG_0 = np.float32(np.log(1e-307))
"""The logarithm, in TensorFlow, of the probability to begin or to end in a state where no path can: a sequence that is
too short for its labels has a finite loss."""


@public("nn")
def ctc_loss(
    labels: TensorLike,
    logits: TensorLike,
    label_length: TensorLike,
    logit_length: TensorLike,
    logits_time_major: bool = True,
    unique: object = None,
    blank_index: int | None = None,
    name: str | None = None,
) -> Tensor:
    """How unlikely labels are, of sequences whose frames are not aligned with them: a loss for each sequence.

    Args:
        labels: rows of labels, int32 or int64; what is behind `label_length` of them is not read.
        logits: for each frame of each sequence a number for each label and for the blank, float32.
        label_length: how many labels each sequence has.
        logit_length: how many frames each sequence has.
        logits_time_major: whether the first axis of `logits` is that of the frames, and not that of the sequences.
        unique: accepted as in TensorFlow; unused.
        blank_index: which label is the blank, 0 if not given; negative ones count from the end.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> loss = sw.nn.ctc_loss([[1]], sw.zeros([2, 1, 2]), [1], [2])
        >>> round(float(loss[0]), 4)  # three of four paths
        0.2877
    """
    del unique, name
    m = namespace()
    x, rows = as_tensor(logits, name="ctc_loss: logits"), as_tensor(labels, name="ctc_loss: labels")
    if not x.dtype.is_floating:
        raise InvalidTypeError(f"ctc_loss: logits: expected floats, got dtype {x.dtype.name}")
    if not rows.dtype.is_integer:
        raise InvalidTypeError(f"ctc_loss: labels: expected integers, got dtype {rows.dtype.name}")
    if x.ndim != 3 or rows.ndim != 2:
        text = f"expected 3 axes of logits and 2 of labels, got shapes {x.shape} and {rows.shape}"
        raise InvalidArgumentError(f"ctc_loss: {text}")
    x = x if logits_time_major else m.transpose(x, [1, 0, 2])
    classes = x.shape[2]
    if blank_index is not None and blank_index < 0 and classes is None:
        raise InvalidArgumentError("ctc_loss: blank_index: expected a label from 0 on, where logits have any number")
    blank = 0 if blank_index is None else blank_index + (classes or 0) * (blank_index < 0)
    lengths = [m.cast(as_tensor(each, name="ctc_loss: length"), INT64) for each in (label_length, logit_length)]

    @custom_gradient
    def loss(x: Tensor) -> tuple[Tensor, Any]:
        with stop_recording():
            paths = _Paths(x, m.cast(rows, INT64), blank, *lengths)
            value = m.negative(paths.log_likelihood)
        return value, lambda dy: m.multiply(paths.slopes(), m.expand_dims(m.expand_dims(dy, 0), 2))

    return loss(x)


class _Paths:
    """All paths through the states of each sequence.

    Attributes:
        log_likelihood: the logarithm of the probability of the labels, for each sequence.
    """

    def __init__(self, x: Tensor, labels: Tensor, blank: int, label_length: Tensor, logit_length: Tensor):
        m = namespace()
        self.x, self.dtype = x, x.dtype
        # 1. The label of each state: blank, label, blank, …, label, blank.
        blanks = m.fill(m.shape(labels), np.int64(blank))
        sizes = [size_along(labels, 0), times(size_along(labels, 1), 2)]
        self.states = m.concat(
            [m.reshape(m.stack([blanks, labels], -1), sizes), m.fill([sizes[0], 1], np.int64(blank))], 1
        )
        numbers = m.expand_dims(m.range(int64_of(size_along(self.states, 1))), 0)
        # 2. Which states may follow the one two before: those of another label.
        before = self._moved(self.states, 2, np.int64(blank))
        other = m.logical_and(m.not_equal(self.states, before), m.greater_equal(numbers, np.int64(2)))
        self.skips = m.logical_and(m.equal(m.floormod(numbers, np.int64(2)), np.int64(1)), other)
        # 3. The logarithms of probabilities: to begin, to end, and of each state in each frame.
        low = scalar_like(_LOG_0, x)
        zero = m.zeros([sizes[0], 1], x.dtype)
        first = m.add(m.where(m.equal(numbers, np.int64(0)), m.zeros_like(low), low), zero)
        last = m.expand_dims(m.multiply(label_length, np.int64(2)), 1)
        ends = m.logical_or(m.equal(numbers, last), m.equal(numbers, m.subtract(last, np.int64(1))))
        self.final = m.where(ends, m.zeros_like(low), low)
        self.logs = m.log_softmax(x)
        by_sequence = m.gather(m.transpose(self.logs, [1, 0, 2]), self.states, axis=2, batch_dims=1)
        self.emitted = m.transpose(by_sequence, [1, 0, 2])
        frames = m.range(int64_of(size_along(x, 0)))
        self.active = m.less(m.expand_dims(frames, 1), m.expand_dims(logit_length, 0))
        # 4. Forward.
        self.forward = scan(self._step, (self.emitted, self.active), first)
        whole = m.concat([m.expand_dims(first, 0), self.forward], 0)
        self.log_likelihood = m.reduce_logsumexp(m.add(whole[-1], self.final), -1)

    def _moved(self, x: Tensor, by: int, value: object) -> Tensor:
        """States moved towards the end, or the beginning if negative."""
        m = namespace()
        around = [[0, 0], [by, 0] if by > 0 else [0, -by]]
        padded = m.pad(x, around, constant_values=value)
        return padded[:, :-by] if by > 0 else padded[:, -by:]

    def _step(self, before: Tensor, frame: Any) -> Tensor:
        m, (emitted, active) = namespace(), frame
        nothing = as_tensor(np.array(-np.inf, self.dtype))
        skipped = m.where(self.skips, self._moved(before, 2, nothing), nothing)
        total = _log_sum(before, self._moved(before, 1, nothing), skipped)
        return m.where(m.expand_dims(active, 1), m.add(total, emitted), before)

    def _step_back(self, after: Tensor, frame: Any) -> Tensor:
        m, (emitted, active) = namespace(), frame
        nothing = as_tensor(np.array(-np.inf, self.dtype))
        value = m.add(emitted, after)
        skipped = self._moved(m.where(self.skips, value, nothing), -2, nothing)
        total = _log_sum(value, self._moved(value, -1, nothing), skipped)
        return m.where(m.expand_dims(active, 1), total, after)

    def slopes(self) -> Tensor:
        """The derivatives of the losses with respect to the logits: how probable a label is, less how much of it is."""
        m = namespace()
        back = scan(self._step_back, (self.emitted, self.active), self.final, reverse=True)
        behind = m.concat([back, m.expand_dims(self.final, 0)], 0)[1:]
        both = m.add(self.forward, behind)
        parts = m.exp(m.subtract(both, m.reduce_logsumexp(both, -1, keepdims=True)))
        of_labels = m.one_hot(self.states, size_along(self.x, 2), dtype=self.dtype)
        found = m.transpose(m.matmul(m.transpose(parts, [1, 0, 2]), of_labels), [1, 0, 2])
        slope = m.subtract(m.exp(self.logs), found)
        return m.where(m.expand_dims(self.active, 2), slope, m.zeros_like(slope))


def _log_sum(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
    """The logarithm of the sum of three exponentials, elementwise."""
    m = namespace()
    most = m.maximum(m.maximum(x, y), z)
    base = m.where(m.equal(most, scalar_like(-np.inf, x)), m.zeros_like(most), most)
    first, second, third = (m.exp(m.subtract(each, base)) for each in (x, y, z))
    return m.add(base, m.log(m.add(m.add(first, second), third)))
