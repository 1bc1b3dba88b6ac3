"""What a reduction tries: edits of a copy of the module, each of a place in it, so that many can be tried at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from ..passes.dce import DcePass
from .validity import is_valid

Ops = Sequence[Operation]
"""The ops of a copy of the module in the order of `walk`, as they were before the first edit of it."""

Edit = Callable[[Ops], bool]
"""Changes a copy of the module; tells whether it did: an earlier edit may have taken away what it is about."""


class Attempts(Protocol):
    """What a strategy may ask of the reduction that runs it."""

    @property
    def module(self) -> ModuleOp:
        """The smallest module so far."""
        ...

    def attempt(self, edits: Sequence[Edit]) -> bool:
        """Try the edits together; tell whether the module is now the edited one."""
        ...


class Strategy(ABC):
    """One way to make modules smaller.

    Attributes:
        name: for people.
    """

    name: ClassVar[str]

    @abstractmethod
    def edits(self, module: ModuleOp) -> list[Edit]:
        """The edits that it has for a module, the most promising first."""

    def run(self, reduction: Attempts) -> bool:
        """Try all edits at once, then halves, quarters and so on down to single ones; tell whether any was taken."""
        edits, progress = self.edits(reduction.module), False
        size = len(edits)
        while size:
            position = 0
            while position < len(edits):
                if reduction.attempt(edits[position : position + size]):
                    edits, progress = self.edits(reduction.module), True
                else:
                    position += size
            size = min(size, len(edits)) // 2
        return progress


class OneAtATime(Strategy):
    """A strategy whose edits exclude each other, or are few."""

    def run(self, reduction: Attempts) -> bool:
        """Try each edit by itself, and start again after each that was taken."""
        edits, progress, position = self.edits(reduction.module), False, 0
        while position < len(edits):
            if reduction.attempt([edits[position]]):
                edits, progress, position = self.edits(reduction.module), True, 0
            else:
                position += 1
        return progress


def is_in(op: Operation, ops: Ops) -> bool:
    """Whether an op is still in the copy of the module that `ops` are of."""
    return op is ops[0] or (op.parent is not None and op.get_toplevel_object() is ops[0])


def edited(module: ModuleOp, edits: Sequence[Edit], clean: bool) -> ModuleOp | None:
    """A copy of the module with the edits; None where nothing was changed or the result is not valid.

    With `clean`, ops that are dead then are removed.
    """
    copy = module.clone()
    ops = list(copy.walk())
    changed = False
    for edit in edits:
        changed |= edit(ops)
    if not changed:
        return None
    if clean:
        remove_dead(copy)
    return copy if is_valid(copy) else None


def remove_dead(module: ModuleOp) -> None:
    """Remove ops that are unused and have no effect."""
    from xdsl.context import Context

    DcePass().apply(Context(), module)
