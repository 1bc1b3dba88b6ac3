"""How much memory there is, and what does not fit into it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from .dtypes import DTypeLike, as_dtype
from .types import MAX_BYTES, extent

_CGROUP_FILES = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.swap.max"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", None),
)
"""Where Linux says what a container may use: of version 2 of control groups, and of version 1."""


@cache
def memory_limit() -> int:
    """The bytes of memory and swap that this process can use at most.

    A single request for more is refused: where the system overcommits memory it would seem to succeed, and the process
    would be killed when it writes there.
    """
    limits = [MAX_BYTES, _of_machine() or MAX_BYTES, _of_container() or MAX_BYTES, _of_process() or MAX_BYTES]
    return min(limits)


def _of_machine() -> int | None:
    """Physical memory and swap."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        found = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines)}
        return found["MemTotal"] + found.get("SwapTotal", 0)
    except (OSError, KeyError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None


def _of_container() -> int | None:
    """What the control group of the process allows."""
    for memory, swap in _CGROUP_FILES:
        given = _number_in(memory)
        if given is not None:
            more = _number_in(swap) if swap is not None else 0
            return None if more is None else given + more
    return None


def _number_in(path: str) -> int | None:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):  # absent, or `max`
        return None


def _of_process() -> int | None:
    """The limit of the address space (`ulimit -v`)."""
    try:
        import resource
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


_at_most: ContextVar[int] = ContextVar("at_most", default=MAX_BYTES)


@contextmanager
def elements_limited(count: int) -> Iterator[None]:
    """Let `check_memory` refuse tensors of more elements, inside the `with` block."""
    token = _at_most.set(count)
    try:
        yield
    finally:
        _at_most.reset(token)


def check_memory(shape: Sequence[int | None], dtype: DTypeLike) -> None:
    """Raise MemoryError for the shape of a tensor that does not fit into memory; sizes not known count as 1."""
    needed = extent(shape, dtype)
    if needed > memory_limit() and 0 not in shape:
        raise MemoryError(too_much(shape, dtype))
    if needed // as_dtype(dtype).size > _at_most.get():
        raise MemoryError(f"a result has more than {_at_most.get()} elements")


def too_much(shape: Sequence[int | None], dtype: DTypeLike) -> str:
    """What to say of a tensor that does not fit into memory."""
    shown = ", ".join("?" if size is None or size < 0 else str(size) for size in shape)
    needed, there = (f"{size / 2**30:,.1f} GiB" for size in (extent(shape, dtype), memory_limit()))
    return f"a tensor of shape [{shown}] of {as_dtype(dtype).name} needs {needed} of memory, there are at most {there}"


__all__ = ["check_memory", "elements_limited", "memory_limit", "too_much"]
