"""Recurrent layers: a compiled loop over time, or its steps one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from keras.src import tree

import stepwell as sw

from .ops.core import convert_to_tensor, shape

Masking = Callable[[Any], sw.Tensor]
"""Returns which examples of the batch a step is for."""


def rnn(
    step_function: Callable[[Any, Any], tuple[Any, Any]],
    inputs: Any,
    initial_states: Sequence[Any],
    go_backwards: bool = False,
    mask: Any = None,
    constants: Sequence[Any] | None = None,
    unroll: bool = False,
    input_length: Any = None,
    time_major: bool = False,
    zero_output_for_mask: bool = False,
    return_all_outputs: bool = True,
) -> tuple[Any, Any, Any]:
    """Run a cell over time; returns its last output, its outputs, and its states at the end.

    Args:
        step_function: takes the input of a time and a tuple of states and constants; returns an output and states.
        inputs: tensors of shape `(batch, time, ...)`, or `(time, batch, ...)` if `time_major`.
        initial_states: the states that the first time starts from.
        go_backwards: whether the last time comes first.
        mask: which times of which examples count, `(batch, time)`; at others states and output stay as they were.
        constants: passed with the states to each step.
        unroll: whether the steps become operations one after the other instead of a loop.
        input_length: how many times to run, or how many of each example.
        time_major: whether time is the first axis, also of the outputs.
        zero_output_for_mask: whether outputs at times that do not count are zeros instead.
        return_all_outputs: whether the outputs of all times are returned, instead of the last alone.
    """
    inputs = tree.map_structure(convert_to_tensor, inputs)
    if not time_major:
        inputs = tree.map_structure(_with_axes_exchanged, inputs)
    length = shape(tree.flatten(inputs)[0])[0]
    counts = _masking(mask, input_length, length, go_backwards, time_major)
    cell = _Cell(step_function, inputs, tuple(constants or ()), length, go_backwards, counts, zero_output_for_mask)
    states = tree.map_structure(convert_to_tensor, tuple(initial_states))
    if unroll:
        if not isinstance(length, int) or not length:
            raise ValueError("Unrolling requires a fixed number of timesteps.")
        last, outputs, states = _unrolled(cell, states, length, return_all_outputs)
    else:
        most = length if not sw.is_tensor(input_length) else sw.reduce_max(input_length)
        last, outputs, states = _looped(cell, states, length, most, return_all_outputs)
    if not time_major:
        outputs = tree.map_structure(_with_axes_exchanged, outputs)
    return last, outputs, states


@dataclass(frozen=True)
class _Cell:
    """A cell and what it is run over.

    Attributes:
        step: what the user gave.
        inputs: tensors whose first axis is time.
        constants: passed with the states.
        length: the number of times.
        backwards: whether the last time comes first.
        counts: which examples a step is for; None for all.
        zeros: whether the output of others is zeros, instead of the one before.
    """

    step: Callable[[Any, Any], tuple[Any, Any]]
    inputs: Any
    constants: tuple[Any, ...]
    length: Any
    backwards: bool
    counts: Masking | None
    zeros: bool

    def first(self, states: Any) -> Any:
        """The output for the first time as the cell returns it.

        The call is made for its shape, and outside of any loop: what layers compute once and keep, such as masks of
        dropout, is then of use in each step.
        """
        output, _ = self.step(self._input(0), (*states, *self.constants))
        return output

    def run(self, time: Any, previous: Any, states: Any) -> tuple[Any, Any]:
        """The output and the states after one time."""
        output, new = self.step(self._input(time), (*states, *self.constants))
        new = tree.pack_sequence_as(states, tree.flatten(new))
        if self.counts is None:
            return output, new
        mask = self.counts(time)
        kept = tree.map_structure(sw.zeros_like, previous) if self.zeros else previous
        return _where(mask, output, kept), _where(mask, new, states)

    def _input(self, time: Any) -> Any:
        at = self.length - 1 - time if self.backwards else time
        return tree.map_structure(lambda x: x[at], self.inputs)


def _unrolled(cell: _Cell, states: Any, length: int, keep_all: bool) -> tuple[Any, Any, Any]:
    output = tree.map_structure(sw.zeros_like, cell.first(states))
    outputs = []
    for time in range(length):
        output, states = cell.run(time, output, states)
        outputs = [*outputs, output] if keep_all else [output]
    return output, tree.map_structure(lambda *each: sw.stack(each), *outputs), states


def _looped(cell: _Cell, states: Any, length: Any, most: Any, keep_all: bool) -> tuple[Any, Any, Any]:
    start = tree.map_structure(sw.zeros_like, cell.first(states))
    flat = tree.flatten(start)
    arrays = [sw.TensorArray(x.dtype, size=length, element_shape=x.shape) for x in flat] if keep_all else []

    def step(time: sw.Tensor, arrays: Any, previous: Any, states: Any) -> tuple[Any, Any, Any, Any]:
        output, states = cell.run(time, previous, states)
        written = [array.write(time, x) for array, x in zip(arrays, tree.flatten(output), strict=keep_all)]
        return time + 1, written, output, states

    loop_vars = sw.constant(0), arrays, start, states
    _, arrays, last, states = sw.while_loop(lambda time, *_: time < most, step, loop_vars)
    if not keep_all:
        return last, tree.map_structure(lambda x: sw.expand_dims(x, 0), last), states
    return last, tree.pack_sequence_as(start, [array.stack() for array in arrays]), states


def _masking(mask: Any, input_length: Any, length: Any, backwards: bool, time_major: bool) -> Masking | None:
    """Which examples count at a time; None if all do at every time."""
    if mask is not None:
        mask = convert_to_tensor(mask, "bool")
        by_time = mask if time_major else _with_axes_exchanged(mask)
        return lambda time: by_time[length - 1 - time if backwards else time]
    if not sw.is_tensor(input_length):
        return None
    lengths = convert_to_tensor(input_length)
    if not backwards:
        return lambda time: lengths > sw.cast(time, lengths.dtype)
    first = sw.reduce_max(lengths) - 1 - lengths
    return lambda time: first < sw.cast(time, lengths.dtype)


def _where(mask: sw.Tensor, new: Any, old: Any) -> Any:
    """`new` for the examples of the mask, `old` for the others, in each tensor of a structure."""

    def choose(x: sw.Tensor, y: sw.Tensor) -> sw.Tensor:
        missing = len(x.shape) - len(mask.shape)
        return sw.where(sw.reshape(mask, [*shape(mask), *[1] * missing]) if missing > 0 else mask, x, y)

    return tree.map_structure(choose, new, old)


def _with_axes_exchanged(x: sw.Tensor) -> sw.Tensor:
    """The same elements with the first two axes exchanged."""
    return sw.transpose(x, [1, 0, *range(2, len(x.shape))])


def cudnn_ok(*args: Any, **kwargs: Any) -> bool:
    """Whether kernels of a GPU's library serve: never."""
    del args, kwargs
    return False


def lstm(*args: Any, **kwargs: Any) -> NoReturn:
    """Refused: Keras then runs the cell by `rnn`, which compiles to one loop."""
    raise NotImplementedError


gru = bidirectional_lstm = bidirectional_gru = lstm
