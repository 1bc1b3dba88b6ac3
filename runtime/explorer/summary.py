"""A value in a few numbers: what a person looks at first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from xdsl.dialects.builtin import IndexType, MemRefType
from xdsl.ir import Attribute

from ...dialects.dtypes import dtype_of
from ...dialects.strings import printable

BINS = 16
"""How many bars a histogram has."""
TALLEST = 15
"""How high the highest bar of a histogram is."""
SHOWN = 6
"""How many elements are shown."""


@dataclass(frozen=True)
class Summary:
    """What is worth knowing about a value.

    Attributes:
        type: element type as the IR writes it: `f32`; `ptr` for an address.
        shape: its sizes; empty for a scalar.
        first: its first elements, as text.
        minimum: the smallest finite element; None where there is none, and for complex numbers.
        maximum: the largest finite element.
        mean: the mean of the finite elements.
        nan: how many elements are NaN.
        infinite: how many elements are infinite.
        histogram: how many finite elements lie in each of 16 equal steps from minimum to maximum, scaled to 0 … 15;
            empty where that says nothing.
    """

    type: str
    shape: tuple[int, ...]
    first: tuple[str, ...]
    minimum: str | None = None
    maximum: str | None = None
    mean: str | None = None
    nan: int = 0
    infinite: int = 0
    histogram: tuple[int, ...] = ()


def text_of(value: Any) -> str:
    """An element as text: six significant digits of a float, all of an integer."""
    value = value[()] if isinstance(value, np.ndarray) else value
    if isinstance(value, bytes):
        return f'"{printable(value)}"'
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, complex | np.complexfloating):
        return f"{complex(value):.6g}"
    return f"{float(value):.6g}"


def summarise(value: object, type_: Attribute) -> Summary | None:
    """The summary of a value of type `type_`; None for what is not a number or an array of numbers."""
    if not isinstance(value, np.ndarray | np.generic):
        return None
    array = np.asarray(value)
    if type_.name == "llvm.ptr":
        return Summary("ptr", array.shape, tuple(hex(int(address)) for address in array.flat[:SHOWN]))
    kind = "index" if isinstance(type_, IndexType) else str(dtype_of(array).element_type)
    first = tuple(text_of(element) for element in array.flat[:SHOWN])
    if dtype_of(array).is_string:
        return Summary(kind, array.shape, first)
    if array.ndim == 0:
        is_inexact = dtype_of(array).is_inexact
        return Summary(
            kind,
            (),
            first,
            nan=int(is_inexact and bool(np.isnan(array))),
            infinite=int(is_inexact and bool(np.isinf(array))),
        )
    return _Elements(array).summary(kind, first)


def is_memory(type_: Attribute) -> bool:
    """Whether values of a type are memory, whose contents change."""
    return isinstance(type_, MemRefType) or type_.name == "state.variable"


class _Elements:
    """The elements of an array, those that are finite apart."""

    def __init__(self, array: np.ndarray):
        self._array = array
        self._dtype = dtype_of(array)

    @cached_property
    def _wide(self) -> np.ndarray:
        wide = np.complex128 if self._dtype.is_complex else np.float64
        return self._array.astype(wide) if self._dtype.is_inexact else self._array

    @cached_property
    def _finite(self) -> np.ndarray:
        return self._wide[np.isfinite(self._wide)] if self._dtype.is_inexact else self._wide.reshape(-1)

    def summary(self, kind: str, first: tuple[str, ...]) -> Summary:
        """The summary, told as being of element type `kind`."""
        nan = int(np.isnan(self._wide).sum()) if self._dtype.is_inexact else 0
        infinite = int(np.isinf(self._wide).sum()) if self._dtype.is_inexact else 0
        if not self._finite.size:
            return Summary(kind, self._array.shape, first, nan=nan, infinite=infinite)
        if self._dtype.is_complex:
            mean = text_of(np.mean(self._finite))
            return Summary(kind, self._array.shape, first, mean=mean, nan=nan, infinite=infinite)
        return Summary(
            kind,
            self._array.shape,
            first,
            text_of(self._finite.min()),
            text_of(self._finite.max()),
            text_of(float(np.mean(self._finite, dtype=np.float64))),
            nan,
            infinite,
            self._histogram(),
        )

    def _histogram(self) -> tuple[int, ...]:
        values = self._finite.astype(np.float64)
        low, high = values.min(), values.max()
        if values.size < BINS // 2 or not np.isfinite(high - low) or low == high:
            return ()
        counts = np.histogram(values, BINS, (low, high))[0]
        return tuple(int(count) for count in np.ceil(counts * (TALLEST / counts.max())))
