"""Who may write Variables: one call at a time, so that what a call reads and writes of a Variable belongs together.

Each Variable belongs to a `Writer`, and whoever writes it holds that Writer's lock. A compiled function that assigns
Variables has a Writer of its own, and makes them belong to it before it runs; so a call takes one lock, however many
Variables it writes. Nobody waits for one lock while holding another, so calls that write the same Variables in
different order do not wait for each other.

Reading takes no lock. A compiled function writes into a Variable's memory, unless someone else refers to it: then the
Variable gets new memory, and the reader keeps the old. A reader therefore refers to the memory first, and looks whether
it is being written afterwards; a writer says that it writes first, and looks for readers afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from sys import getrefcount
from typing import Any, Protocol

import numpy as np


class Owned(Protocol):
    """What a Writer may own: a Variable."""

    _writer: Writer
    _memory: np.ndarray


class Writer:
    """The right to write the Variables that belong to it; one thread at a time holds the lock, as often as it likes.

    Attributes:
        lock: held while they are written.
        in_place: whether their memory itself is written, rather than replaced.
    """

    __slots__ = ("in_place", "lock")

    def __init__(self, in_place: bool = False):
        self.in_place = in_place
        self.lock: Any = threading.RLock()

    def __reduce__(self) -> tuple[object, ...]:
        return Writer, ()

    def is_held_here(self) -> bool:
        """Whether the calling thread holds it: it is inside of a call that writes."""
        return self.lock._is_owned()

    def is_held_elsewhere(self) -> bool:
        """Whether another thread holds it."""
        if self.lock.acquire(blocking=False):
            self.lock.release()
            return False
        return True

    def wait(self) -> None:
        """Wait until no other thread holds it."""
        with self.lock:
            pass

    def claim(
        self, things: Sequence[Any], written: Sequence[bool | None], nested: bool
    ) -> tuple[Writer | None, list[np.ndarray]]:
        """Make the Variables that are written belong to this Writer, which the calling thread holds.

        Args:
            things: Variables and tensors.
            written: for each whether it is written; None for tensors.
            nested: whether the thread held this Writer before this call.

        Returns the Writer to wait for, which another thread holds, or None; and the memory of each thing.
        """
        arrays: list[np.ndarray] = []
        for thing, writes in zip(things, written):
            if writes is not None:
                owner = thing._writer
                inside = nested
                if owner is not self:
                    inside = owner.is_held_here()
                    if not inside and (owner.in_place or writes) and not self._take(thing, owner, writes):
                        return owner, arrays
                if writes and not inside and getrefcount(thing._memory) > _ALONE:
                    thing._memory = thing._memory.copy()
            arrays.append(thing._array if writes is None else thing._memory)
        return None, arrays

    def _take(self, variable: Owned, owner: Writer, writes: bool) -> bool:
        """Make a Variable belong to this Writer, if it is to be written; False where its owner is busy."""
        if not owner.lock.acquire(blocking=False):
            return False
        try:
            if variable._writer is not owner:
                return False
            if writes:
                variable._writer = self
            return True
        finally:
            owner.lock.release()


_PARTS = Writer(in_place=True)
"""That of the Variables of which parts were written last, one after the other."""


def write_part(variable: Owned, write: Callable[[np.ndarray], None]) -> None:
    """Let `write` change the memory of a Variable, which nobody else refers to, while nobody else writes."""
    nested = _PARTS.is_held_here()
    while True:
        with _PARTS.lock:
            busy, arrays = _PARTS.claim([variable], [True], nested)
            if busy is None:
                write(arrays[0])
                return
            del arrays
        busy.wait()


class _Probe:
    __slots__ = ("_memory",)


def _alone() -> int:
    """What `getrefcount` says of an array that only an attribute refers to."""
    probe = _Probe()
    probe._memory = np.empty(0)  # pyright: ignore[reportAttributeAccessIssue]
    return getrefcount(probe._memory)  # pyright: ignore[reportAttributeAccessIssue]


_ALONE = _alone()


def memory_of(things: Sequence[Any], written: Sequence[bool | None]) -> list[np.ndarray]:
    """The memory of Variables and tensors for a call that only reads: of one moment, between calls that write."""
    while True:
        arrays = [t._array if kind is None else t._memory for t, kind in zip(things, written)]
        if (busy := _written_meanwhile(things, written, arrays)) is None:
            return arrays
        busy.wait()


def _written_meanwhile(
    things: Sequence[Any], written: Sequence[bool | None], arrays: Sequence[np.ndarray]
) -> Writer | None:
    """The Writer of a Variable that was written while the arrays were taken, or is being written."""
    free: Writer | None = None
    for thing, kind, array in zip(things, written, arrays):
        if kind is None:
            continue
        writer = thing._writer
        if not writer.in_place:
            continue
        if writer is not free:
            if writer.is_held_elsewhere():
                return writer
            free = writer
        if thing._memory is not array:
            return writer
    return None


__all__ = ["Writer", "memory_of", "write_part"]
