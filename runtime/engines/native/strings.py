"""The entry point of machine code that has strings, and the tables of the calls that run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from ....compiler.lowering.llvm import abi
from ..string_table import StringTable, is_string


class _Tables(threading.local):
    """The tables of the calls that run in a thread, one inside of the other."""

    def __init__(self) -> None:
        self.open: list[StringTable] = []


_tables = _Tables()


def current_table() -> StringTable:
    """The table of the innermost call that runs in this thread."""
    return _tables.open[-1]


@contextmanager
def string_table() -> Iterator[StringTable]:
    """A table for a call that runs inside the `with` block."""
    table = StringTable()
    _tables.open.append(table)
    try:
        yield table
    finally:
        _tables.open.pop()


def has_strings(info: abi.KernelInfo) -> bool:
    """Whether a kernel needs a table."""
    types = (*info.arguments, *info.results, *(type_ for site in info.sites for type_ in site.types))
    return any(map(is_string, types))


def with_strings(entry: Callable[..., object], info: abi.KernelInfo) -> Callable[..., object]:
    """An entry point that takes and returns arrays of strings, for one that takes and returns their indices."""
    takes, returns = list(map(is_string, info.arguments)), list(map(is_string, info.results))
    written = [n for n in info.written if takes[n]]

    def call(*arrays: np.ndarray) -> object:
        if len(arrays) != len(takes):
            return NotImplemented
        with string_table() as table:
            given = [_given(table, array) if is_one else array for array, is_one in zip(arrays, takes)]
            if any(array is None for array in given):
                return NotImplemented
            try:
                results = entry(*given)
            finally:
                _write_back(table, arrays, given, written)
            if results is NotImplemented:
                return results
            if not isinstance(results, tuple):
                return table.strings(results) if returns[0] else results  # pyright: ignore[reportArgumentType]
            return tuple(
                [table.strings(array) if is_one else array for array, is_one in zip(results, returns, strict=True)]
            )

    return call


def _given(table: StringTable, array: np.ndarray) -> np.ndarray | None:
    """An argument of strings for the code; None for an array of others."""
    return table.indices(array) if array.dtype == np.object_ else None


def _write_back(
    table: StringTable, arrays: Sequence[np.ndarray], given: Sequence[np.ndarray | None], written: Iterable[int]
) -> None:
    for number in written:
        indices = given[number]
        assert indices is not None
        arrays[number][...] = table.strings(indices)
