"""The recorders of operations as they run: the tapes that record in this thread, and what looks at eager results.

A tape itself is in `gradients`; it is known here by what it is told.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ....dialects.hl.rules.functions import Value
from ..tracing import modes
from .tensor import traced_value

if TYPE_CHECKING:
    import numpy as np
    from xdsl.dialects.builtin import ModuleOp

Backward = Callable[..., Sequence[Any]]
"""Gradients with respect to the inputs, given the public functions by name, and the gradients of the outputs.

Where nothing flowed to an output its gradient is zeros. A branch or loop of a trace is recorded as data in its place,
since only a tape can differentiate it.
"""


class Whole(ABC):
    """How to go back through what has many outputs, most of which nothing may flow to."""

    @abstractmethod
    def gradients(self, grads: Sequence[Any]) -> Sequence[Any]:
        """The gradients with respect to the inputs; those of the outputs are None where nothing flowed."""


Record: TypeAlias = tuple[Sequence[Value], Sequence[Value], Any, str]
"""What an operation computed from what, the function that goes back, and the operation's name."""


class Trainable(Value, Protocol):
    """A Variable."""

    trainable: bool


class Tape(Protocol):
    """What records operations."""

    watch_accessed_variables: bool

    def follows(self, thing: Value) -> bool:
        """Whether it records what is computed from `thing`."""
        ...

    def follow(self, thing: Value) -> None:
        """Record from now on what is computed from `thing`."""
        ...

    def record(self, inputs: Sequence[Value], outputs: Sequence[Value], backward: Any, name: str) -> None:
        """Note that `outputs` were computed from `inputs`, if it follows one of these."""
        ...


class Guard(Protocol):
    """What looks at the results of operations.

    Attributes:
        nan: whether NaN stops the program.
        inf: whether an infinity does.
    """

    nan: bool
    inf: bool

    def check(self, op_name: str, operands: Sequence[np.ndarray], results: Sequence[np.ndarray]) -> None:
        """Look at the arrays of one operation; raises where it does not accept them."""
        ...

    def checked(self, module: ModuleOp) -> ModuleOp:
        """A copy of a traced module that looks at its results when it runs."""
        ...


class _State(threading.local):
    guard: Guard | None = None

    def __init__(self) -> None:
        self.tapes: list[Tape] = []


state = _State()
"""The tapes and the guard in force in this thread; without them, a call costs a look at each and no more."""


def tape_key(thing: Any) -> int:
    """What a tape knows a tensor or Variable by: in traces, all tensors that represent one value are that value."""
    value = traced_value(thing)
    if value is None:
        return id(thing)
    around = thing._tracer.outside(value)
    return id(value) if around is None else tape_key(around)


def record_on(tapes: list[Tape]) -> None:
    """Let exactly these tapes record in this thread."""
    was = bool(state.tapes)
    if tapes:
        modes.switch("tape", was, True)
        state.tapes = tapes
    else:
        state.tapes = tapes
        modes.switch("tape", was, False)


def is_recording() -> bool:
    """Whether any tape in this thread is recording."""
    return bool(state.tapes)


def is_watched(thing: Value) -> bool:
    """Whether a recording tape follows `thing`, a tensor or a Variable."""
    return any(tape.follows(thing) for tape in state.tapes) or (is_recording() and getattr(thing, "trainable", False))


def followers(things: Sequence[Any]) -> int:
    """How many of the recording tapes follow one of `things`."""
    return sum(any(tape.follows(thing) for thing in things) for tape in state.tapes)


def record(inputs: Sequence[Value], outputs: Sequence[Value], backward: Any, name: str) -> None:
    """Tell the recording tapes that `outputs` were computed from `inputs`."""
    for tape in state.tapes:
        tape.record(inputs, outputs, backward, name)


def record_again(records: Sequence[Record]) -> None:
    """Tell the recording tapes what was computed while a function was traced, each of them once."""
    for tape in state.tapes:
        for inputs, outputs, backward, name in records:
            if not any(tape.follows(output) for output in outputs):
                tape.record(inputs, outputs, backward, name)


def follow_accessed(variables: Sequence[Trainable]) -> None:
    """Tell the recording tapes that `variables` were read."""
    for tape in state.tapes:
        for variable in variables:
            if tape.watch_accessed_variables and variable.trainable:
                tape.follow(variable)


def foreign_error(what: str) -> TypeError:
    """The error for `what`, an object of another library that became a constant where a tape records."""
    return TypeError(
        f"{what} is an object of another library, through which a GradientTape cannot follow gradients; "
        "convert it explicitly, outside of the tape, for a constant: sw.constant(numpy.asarray(x))"
    )


def record_read(variable: Trainable, value: Value) -> None:
    """Tell the recording tapes that `value` is what `variable` holds."""
    follow_accessed([variable])
    record([variable], [value], lambda _, grad: [grad], "read")


@contextmanager
def stop_recording() -> Iterator[None]:
    """Nothing is recorded inside the `with` block, by any tape."""
    saved = state.tapes
    record_on([])
    try:
        yield
    finally:
        record_on(saved)
