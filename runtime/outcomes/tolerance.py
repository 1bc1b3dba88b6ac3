"""How far the results of two runs may be apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.passes import ModulePass

from ...dialects.dtypes import DType, dtype_of
from ...dialects.packing import packed

RTOL = 1e-4
"""How far results may be off, relative to the largest one, where they need not be the same bit for bit."""

_ROUNDINGS = 4
"""How many roundings to a dtype an inexact result may be off at least."""


@dataclass(frozen=True)
class Tolerance:
    """How far floats may be off; 0: not at all, bit for bit, but for the payload of NaN.

    The error of an element may be `rtol` times its expected value plus `rtol` times the largest finite value of its
    array. The second is for elements that are what is left where larger numbers cancelled: their error is that of the
    others, however small they are themselves. An array in which everything is small gets no allowance for being so: a
    gradient of 1e-6 that comes out as 2e-6 is wrong, which a fixed absolute error would hide.

    Whatever `rtol` is, unless it is 0, results may be a few roundings to their own dtype apart: no one who allows 1e-4
    means that float16, whose neighbours are 1e-3 apart, has to be the same bit for bit. NaN equals NaN, an infinity
    itself only. Complex numbers are the same if both parts are, or if both numbers have a NaN. Elements of other dtypes
    have to be the same.

    Attributes:
        rtol: the relative error.
        atol: an absolute error besides, where `rtol` is not 0: for somebody else's functions, which promise no more.
        by_element: whether the largest value of the array does not count, and 0 is not -0.
    """

    rtol: float = 0.0
    atol: float = 0.0
    by_element: bool = False

    def same(self, got: np.ndarray, expected: np.ndarray) -> np.ndarray:
        """Where the elements of two arrays of one dtype and shape are the same."""
        if dtype_of(expected).is_complex:
            both = self.same(packed(got), packed(expected)).all(-1)
            return np.asarray(both | (np.isnan(got) & np.isnan(expected)))
        if not dtype_of(expected).is_floating:
            return np.asarray(got == expected)
        with np.errstate(all="ignore"):
            same = np.isnan(got) & np.isnan(expected)
            if not self.rtol or self.by_element:
                same |= (got == expected) & (np.signbit(got) == np.signbit(expected))
            else:
                same |= got == expected
            return np.asarray(same | self._close(got, expected) if self.rtol else same)

    def _close(self, got: np.ndarray, expected: np.ndarray) -> np.ndarray:
        """Where both are finite, and no further apart than they may be."""
        rtol = max(self.rtol, _ROUNDINGS * _epsilon(dtype_of(expected)))
        wide = expected.astype(np.float64)
        finite = np.isfinite(wide)
        error = np.abs(got.astype(np.float64) - wide)
        if self.by_element:
            return finite & (got != expected) & (error <= rtol * np.abs(wide) + self.atol)
        largest = float(np.max(np.abs(wide), initial=0.0, where=finite))
        return finite & (error <= rtol * np.abs(wide) + rtol * largest + self.atol)


def _epsilon(dtype: DType) -> float:
    return float(dtype.finfo.eps) if dtype.is_floating else 2.0**-7


def tolerance_after(passes: Sequence[ModulePass], rtol: float = RTOL, *, long_sums: bool = True) -> Tolerance:
    """What passes may change: nothing, unless one of them declares itself inexact.

    Args:
        passes: the passes; one that says nothing about itself has to be exact.
        rtol: how far floats may be off after inexact ones.
        long_sums: whether the program may have sums of so many elements that a pass which declares that it reorders
            such sums rounds them otherwise.
    """
    exact = all(getattr(pass_, "exact", True) for pass_ in passes)
    reordered = long_sums and any(getattr(pass_, "reorders_sums", False) for pass_ in passes)
    return Tolerance(0.0 if exact and not reordered else rtol)
