"""Recurrent layers: a loop over time for each direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ......dialects.diagnostics import InvalidArgumentError
from ......dialects.dtypes import INT64
from .....frontend.tensor_array.array import TensorArray
from .....frontend.values.dispatch import as_tensor, scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import Call, rule
from ...values import m
from .activations import hard_sigmoid

Step = Callable[[Tensor, list[Tensor]], list[Tensor]]
"""The states after an input, given those before; the first one is the result."""

_ALPHA = {"LeakyRelu": 0.01, "ThresholdedRelu": 1.0, "HardSigmoid": 0.2, "Elu": 1.0, "ScaledTanh": 1.0, "Affine": 1.0}
_BETA = {"HardSigmoid": 0.5, "ScaledTanh": 1.0, "Affine": 0.0}


def _activation(name: str, alpha: float, beta: float) -> Callable[[Tensor], Tensor]:
    functions: dict[str, Callable[[Tensor], Tensor]] = {
        "relu": m.relu,
        "tanh": m.tanh,
        "sigmoid": m.sigmoid,
        "softsign": m.softsign,
        "softplus": m.softplus,
        "hardsigmoid": lambda x: hard_sigmoid(x, alpha, beta),
        "leakyrelu": lambda x: m.where(m.less(x, scalar_like(0, x)), x * scalar_like(alpha, x), x),
        "thresholdedrelu": lambda x: m.where(m.greater(x, scalar_like(alpha, x)), x, scalar_like(0, x)),
        "elu": lambda x: m.where(m.less(x, scalar_like(0, x)), scalar_like(alpha, x) * m.expm1(x), x),
        "scaledtanh": lambda x: scalar_like(alpha, x) * m.tanh(scalar_like(beta, x) * x),
        "affine": lambda x: scalar_like(alpha, x) * x + scalar_like(beta, x),
    }
    if name.lower() not in functions:
        raise InvalidArgumentError(f"attribute activations: there is no {name!r}")
    return functions[name.lower()]


def _activations(call: Call, usual: Sequence[str], directions: int) -> list[list[Callable[[Tensor], Tensor]]]:
    """The activations of each direction, with their bounds."""
    names = call.texts("activations", list(usual) * directions)
    if len(names) != len(usual) * directions:
        raise InvalidArgumentError(f"attribute activations: expected {len(usual) * directions}, got {names}")
    alphas, betas = iter(call.floats("activation_alpha", [])), iter(call.floats("activation_beta", []))
    proper = {name.lower(): name for name in (*_ALPHA, *_BETA)}
    found, clip = [], call.float("clip")
    for name in names:
        known = proper.get(name.lower(), name)
        alpha = next(alphas, _ALPHA[known]) if known in _ALPHA else 0.0
        beta = next(betas, _BETA[known]) if known in _BETA else 0.0
        found.append(_clipped(_activation(name, alpha, beta), clip))
    size = len(usual)
    return [found[direction * size : (direction + 1) * size] for direction in range(directions)]


def _clipped(function: Callable[[Tensor], Tensor], clip: float | None) -> Callable[[Tensor], Tensor]:
    if not clip:
        return function
    return lambda x: function(m.minimum(m.maximum(x, scalar_like(-clip, x)), scalar_like(clip, x)))


class _Layer:
    """What the layers share: time along the first axis, directions, and lengths of sequences."""

    def __init__(self, call: Call, x: Tensor, lengths: Tensor | None):
        self.call, self.lengths = call, lengths
        self.batch_first = bool(call.int("layout", 0))
        self.x = m.transpose(x, [1, 0, 2]) if self.batch_first else x
        kind = call.text("direction", "forward")
        if kind not in ("forward", "reverse", "bidirectional"):
            raise InvalidArgumentError(f"attribute direction: expected forward, reverse, bidirectional, got {kind!r}")
        self.backwards = {"forward": [False], "reverse": [True], "bidirectional": [False, True]}[kind]

    def initial(self, state: Tensor | None, direction: int, size: Any) -> Tensor:
        """The state at the start, zeros where it is not given."""
        if state is None:
            return m.zeros([m.size_along(self.x, 1), size], self.x.dtype)
        return state[:, direction] if self.batch_first else state[direction]

    def run(self, step: Step, states: list[Tensor], backward: bool) -> tuple[Tensor, list[Tensor]]:
        """All results along time, and the last states."""
        x = self._turned(self.x) if backward else self.x
        count = m.int64_of(m.size_along(x, 0))
        rows: Any = TensorArray(x.dtype, m.cast(count, np.int32), element_shape=states[0].shape.as_list())

        def body(time: Any, *rest: Any) -> list[Any]:
            old, array = list(rest[:-1]), rest[-1]
            new = step(x[time], old)
            row = new[0]
            if self.lengths is not None:
                goes_on = m.expand_dims(m.less(m.cast(as_tensor(time), INT64), m.cast(self.lengths, INT64)), 1)
                new = [m.where(goes_on, after, before) for after, before in zip(new, old)]
                row = m.where(goes_on, row, scalar_like(0, row))
            return [*new, array.write(m.cast(as_tensor(time), np.int32), row)]

        *last, rows = m.for_range(as_tensor(np.int64(0)), count, 1, body, [*states, rows])
        stacked = rows.stack()
        return (self._turned(stacked) if backward else stacked), list(last)

    def _turned(self, x: Tensor) -> Tensor:
        if self.lengths is None:
            return m.reverse(x, [0])
        return m.reverse_sequence(x, self.lengths, seq_axis=0, batch_axis=1)

    def results(self, rows: Sequence[Tensor], *states: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The results of all directions, as ONNX lays them out."""
        if self.batch_first:
            whole = m.transpose(m.stack(rows, 1), [2, 0, 1, 3])
            return whole, *(m.transpose(m.stack(each), [1, 0, 2]) for each in states)
        return m.stack(rows, 1), *(m.stack(each) for each in states)


def _parts(matrix: Tensor, count: int) -> list[Tensor]:
    return m.split(matrix, count, 0)


def _biases(bias: Tensor | None, direction: int, size: int, like: Tensor) -> list[Tensor]:
    """The biases of the inputs and of the states, zeros where they are not given."""
    if bias is None:
        return [m.zeros([size], like.dtype)] * 2
    return m.split(bias[direction], 2, 0)


@rule("RNN")
def _rnn(
    call: Call, x: Tensor, w: Tensor, r: Tensor, b: Tensor | None = None, lengths: Tensor | None = None,
    initial: Tensor | None = None,
) -> tuple[Tensor, ...]:  # fmt: skip
    layer, size = _Layer(call, x, lengths), _hidden(call, r)
    rows, lasts = [], []
    for number, (backward, [f]) in enumerate(_directions(call, layer, ["Tanh"])):
        bias = sum(_biases(b, number, size, x), m.zeros([size], x.dtype))

        def step(now: Tensor, states: list[Tensor], number: int = number, bias: Any = bias, f: Any = f) -> list[Tensor]:
            [h] = states
            return [f(m.matmul(now, w[number], transpose_b=True) + m.matmul(h, r[number], transpose_b=True) + bias)]

        row, [last] = layer.run(step, [layer.initial(initial, number, size)], backward)
        rows.append(row)
        lasts.append(last)
    return layer.results(rows, lasts)


def _hidden(call: Call, r: Tensor) -> int:
    size = call.int("hidden_size", r.shape[-1])
    if size is None:
        raise InvalidArgumentError("the size of its states is not known")
    return int(size)


def _directions(call: Call, layer: _Layer, usual: Sequence[str]) -> list[tuple[bool, list[Callable[..., Tensor]]]]:
    return list(zip(layer.backwards, _activations(call, usual, len(layer.backwards))))


@rule("GRU")
def _gru(
    call: Call, x: Tensor, w: Tensor, r: Tensor, b: Tensor | None = None, lengths: Tensor | None = None,
    initial: Tensor | None = None,
) -> tuple[Tensor, ...]:  # fmt: skip
    layer, size = _Layer(call, x, lengths), _hidden(call, r)
    rows, lasts = [], []
    for number, (backward, (f, g)) in enumerate(_directions(call, layer, ["Sigmoid", "Tanh"])):
        ws, rs = _parts(w[number], 3), _parts(r[number], 3)
        bw, br = (_parts(each, 3) for each in _biases(b, number, 3 * size, x))
        linear = bool(call.int("linear_before_reset", 0))
        step = _gru_step(ws, rs, bw, br, f, g, linear)
        row, [last] = layer.run(step, [layer.initial(initial, number, size)], backward)
        rows.append(row)
        lasts.append(last)
    return layer.results(rows, lasts)


def _gru_step(ws: Any, rs: Any, bw: Any, br: Any, f: Any, g: Any, linear: bool) -> Step:
    """Gates are in the order update, reset, hidden."""

    def step(now: Tensor, states: list[Tensor]) -> list[Tensor]:
        [h] = states
        own = [m.matmul(now, each, transpose_b=True) + bias for each, bias in zip(ws, bw)]
        z, t = (f(own[i] + m.matmul(h, rs[i], transpose_b=True) + br[i]) for i in (0, 1))
        if linear:
            hidden = g(own[2] + t * (m.matmul(h, rs[2], transpose_b=True) + br[2]))
        else:
            hidden = g(own[2] + m.matmul(t * h, rs[2], transpose_b=True) + br[2])
        return [(scalar_like(1, z) - z) * hidden + z * h]

    return step


@rule("LSTM")
def _lstm(
    call: Call, x: Tensor, w: Tensor, r: Tensor, b: Tensor | None = None, lengths: Tensor | None = None,
    initial_h: Tensor | None = None, initial_c: Tensor | None = None, peepholes: Tensor | None = None,
) -> tuple[Tensor, ...]:  # fmt: skip
    layer, size = _Layer(call, x, lengths), _hidden(call, r)
    rows, hs, cs = [], [], []
    for number, (backward, functions) in enumerate(_directions(call, layer, ["Sigmoid", "Tanh", "Tanh"])):
        bias = sum(_biases(b, number, 4 * size, x), m.zeros([4 * size], x.dtype))
        looks = None if peepholes is None else _parts(peepholes[number], 3)
        step = _lstm_step(w[number], r[number], bias, looks, functions, bool(call.int("input_forget", 0)))
        states = [layer.initial(each, number, size) for each in (initial_h, initial_c)]
        row, (h, c) = layer.run(step, states, backward)
        rows.append(row)
        hs.append(h)
        cs.append(c)
    return layer.results(rows, hs, cs)


def _lstm_step(w: Tensor, r: Tensor, bias: Any, looks: Any, functions: Sequence[Any], coupled: bool) -> Step:
    """Gates are in the order input, output, forget, cell; peepholes look at the cell."""
    f, g, h_ = functions

    def step(now: Tensor, states: list[Tensor]) -> list[Tensor]:
        h, c = states
        total = m.matmul(now, w, transpose_b=True) + m.matmul(h, r, transpose_b=True) + bias
        i, o, forget, cell = m.split(total, 4, 1)
        if looks is not None:
            i, forget = i + looks[0] * c, forget + looks[2] * c
        i = f(i)
        kept = scalar_like(1, i) - i if coupled else f(forget)
        new = kept * c + i * g(cell)
        if looks is not None:
            o = o + looks[1] * new
        return [f(o) * h_(new), new]

    return step
