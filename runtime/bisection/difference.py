"""How two runs differ: where the error is largest, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from xdsl.dialects.builtin import LocationAttr

RTOL = 1e-4
"""How far results may be off, relative to the largest one, where they need not be the same bit for bit."""


@dataclass(frozen=True)
class Outcome:
    """Everything that can be observed of a run.

    Attributes:
        results: what the function returned; empty where it failed.
        variables: its parameters afterwards: those of Variables may have changed.
        printed: what it printed; None where that was not recorded.
        failure: why it failed; None where it did not.
        failed_op: the name of the op that was running then, where known.
        failed_at: the op's location, where known.
    """

    results: tuple[np.ndarray, ...]
    variables: tuple[np.ndarray, ...] = ()
    printed: str | None = None
    failure: str | None = None
    failed_op: str | None = None
    failed_at: LocationAttr | None = None


@dataclass(frozen=True)
class Difference:
    """Where two runs differ most.

    Attributes:
        what: `result 0`, `parameter 2` or `print`.
        index: the place in it; empty for a scalar, and for what differs as a whole.
        got: what is there, as text.
        expected: what was to be there, as text.
        error: the largest absolute error; infinite for NaN or infinity in the place of a number, and for other shapes.
        relative: that error relative to what was expected.
        result: the number of the result; None where something else differs.
        parameter: the number of the parameter, a Variable; None where something else differs.
    """

    what: str
    index: tuple[int, ...]
    got: str
    expected: str
    error: float
    relative: float
    result: int | None = None
    parameter: int | None = None

    def __str__(self) -> str:
        place = f"{self.what}[{', '.join(map(str, self.index))}]" if self.index else self.what
        text = f"{place} is {self.got}, expected {self.expected}"
        return f"{text} (off by {self.error:.3g})" if np.isfinite(self.error) else text


@dataclass(frozen=True)
class Tolerance:
    """How far floats may be off; 0: not at all, bit for bit, but for the payload of NaN.

    Attributes:
        rtol: relative to each expected value and, at least, to the largest of its array: what cancels is as exact as
            what it is computed from.
    """

    rtol: float

    def of(self, got: np.ndarray, expected: np.ndarray) -> np.ndarray:
        """Where the elements of two arrays of one dtype and shape are the same."""
        if expected.dtype.kind not in "fV":
            return np.asarray(got == expected)
        both_nan = np.isnan(got) & np.isnan(expected)
        with np.errstate(all="ignore"):
            if not self.rtol:
                return both_nan | ((got == expected) & (np.signbit(got) == np.signbit(expected)))
            rtol = max(self.rtol, 4 * _epsilon(expected.dtype))
            wide = expected.astype(np.float64)
            largest = float(np.max(np.abs(wide), initial=0.0, where=np.isfinite(wide)))
            error = np.abs(got.astype(np.float64) - wide)
            return both_nan | (got == expected) | (error <= rtol * (np.abs(wide) + largest))


def _epsilon(dtype: np.dtype) -> float:
    return float(np.finfo(dtype).eps) if dtype.kind == "f" else 2.0**-7


def difference(got: Outcome, expected: Outcome, tolerance: Tolerance) -> Difference | None:
    """Where two runs differ most, or None where they do not; prints are compared where both were recorded.

    A run that fails is the same as one that fails too, with the same effects before.
    """
    if (got.failure is None) != (expected.failure is None):
        result = (got.failure or "a result", expected.failure or "a result")
        return Difference("the run", (), result[0], result[1], np.inf, np.inf)
    found: list[Difference] = []
    if len(got.results) != len(expected.results):
        counts = f"{len(got.results)} results", f"{len(expected.results)} results"
        return Difference("the run", (), *counts, np.inf, np.inf)
    for number, (a, b) in enumerate(zip(got.results, expected.results)):
        each = array_difference(f"result {number}", a, b, tolerance)
        found += [replace(each, result=number)] if each is not None else []
    for number, (a, b) in enumerate(zip(got.variables, expected.variables)):
        each = array_difference(f"parameter {number}", a, b, tolerance)
        found += [replace(each, parameter=number)] if each is not None else []
    if found:
        return max(found, key=lambda each: each.error)
    if not tolerance.rtol and None not in (got.printed, expected.printed) and got.printed != expected.printed:
        return Difference("print", (), repr(got.printed), repr(expected.printed), np.inf, np.inf)
    return None


def array_difference(what: str, got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> Difference | None:
    """Where two arrays differ most, or None where they do not."""
    if (got.dtype, got.shape) != (expected.dtype, expected.shape):
        return Difference(what, (), _kind(got), _kind(expected), np.inf, np.inf)
    same = tolerance.of(got, expected)
    if same.all():
        return None
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    error = np.where(np.isnan(error), np.inf, error)
    index = np.unravel_index(np.argmax(np.where(same, -1.0, error)), error.shape)
    a, b, largest = got[index], expected[index], float(error[index])
    relative = largest / abs(float(b)) if float(b) else np.inf
    return Difference(what, tuple(map(int, index)), _shown(a), _shown(b), largest, relative)


def _kind(array: np.ndarray) -> str:
    return f"{array.dtype.name}{list(array.shape)}"


def _shown(value: np.generic) -> str:
    return str(value.item())
