"""How two runs differ: where the error is largest, and how large it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...dialects.dtypes import dtype_of
from .outcome import Outcome
from .packed import unpacked_as
from .tolerance import Tolerance


@dataclass(frozen=True)
class Difference:
    """Where two runs differ most.

    Attributes:
        what: `result 0` or `parameter 2`, or `the run` and `print` for what is no array.
        index: the index in it; empty for a scalar, and for what differs as a whole.
        got: what is there, as text.
        expected: what was to be there, as text.
        error: the largest absolute error; infinite for NaN or infinity instead of a number, and for other shapes.
        relative: that error relative to what was expected.
        result: the index of the result; None where something else differs.
        parameter: the number of the parameter, a Variable; None where something else differs.
    """

    what: str
    index: tuple[int, ...]
    got: str
    expected: str
    error: float = np.inf
    relative: float = np.inf
    result: int | None = None
    parameter: int | None = None

    def __str__(self) -> str:
        if self.what == "the run":
            return f"{self.got}, expected {self.expected}"
        if self.what == "print":
            return f"prints {self.got}, expected {self.expected}"
        place = f"{self.what}[{', '.join(map(str, self.index))}]" if self.index else self.what
        text = f"{place} is {self.got}, expected {self.expected}"
        return f"{text} (off by {self.error:.3g})" if np.isfinite(self.error) and self.error else text


def difference(got: Outcome, expected: Outcome, tolerance: Tolerance) -> Difference | None:
    """Where two runs differ most, or None where they do not.

    A run that fails is the same as one that fails too, whatever they say, with the same effects before; but one that
    does what is undefined where the other does not is another. Prints are compared where both were recorded and
    results have to be the same bit for bit: otherwise the numbers in them may differ. Complex numbers that the first
    run has packed are compared unpacked.
    """
    got = unpacked_as(got, expected)
    found = _of_the_runs(got, expected) or _of_arrays(got, expected, tolerance)
    if found is not None:
        return found
    if not tolerance.rtol and None not in (got.printed, expected.printed) and got.printed != expected.printed:
        return Difference("print", (), repr(got.printed), repr(expected.printed))
    return None


def _of_the_runs(got: Outcome, expected: Outcome) -> Difference | None:
    """Whether one fails and the other does not, or they give different numbers of things."""
    if got.failure is not None and expected.failure is None:
        return Difference("the run", (), f"fails with {got.failure}", "a result")
    if got.failure is None and expected.failure is not None:
        return Difference("the run", (), "does not fail", expected.failure)
    if got.undefined and not expected.undefined:
        return Difference("the run", (), f"does what is undefined: {got.failure}", str(expected.failure))
    for what, a, b in (
        ("results", got.results, expected.results),
        ("parameters", got.variables, expected.variables),
    ):
        if len(a) != len(b):
            return Difference("the run", (), f"has {len(a)} {what}", str(len(b)))
    return None


def _of_arrays(got: Outcome, expected: Outcome, tolerance: Tolerance) -> Difference | None:
    """The largest difference of results; of Variables, where all results are the same."""
    found: list[Difference] = []
    for number, each in enumerate(_differences("result", got.results, expected.results, tolerance)):
        found += [replace(each, result=number)] if each is not None else []
    for number, each in enumerate(_differences("parameter", got.variables, expected.variables, tolerance)):
        found += [replace(each, parameter=number)] if each is not None else []
    return max(found, key=lambda each: (each.result is not None, each.error), default=None)


def _differences(
    what: str, got: Sequence[np.ndarray], expected: Sequence[np.ndarray], tolerance: Tolerance
) -> list[Difference | None]:
    pairs = enumerate(zip(got, expected, strict=True))
    return [array_difference(f"{what} {number}", a, b, tolerance) for number, (a, b) in pairs]


def array_difference(what: str, got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> Difference | None:
    """Where two arrays differ most, or None where they do not.

    Example:
        >>> array_difference("result 0", np.float32([1, 2]), np.float32([1, 4]), Tolerance(1e-4)).index
        (1,)
    """
    if (got.dtype, got.shape) != (expected.dtype, expected.shape):
        return Difference(what, (), _kind(got), _kind(expected))
    same = tolerance.same(got, expected)
    if same.all():
        return None
    if dtype_of(expected).is_string:
        index = tuple(map(int, np.argwhere(~same)[0]))
        return Difference(what, index, str(got[index]), str(expected[index]), np.inf, np.inf)
    wide = np.complex128 if dtype_of(expected).is_complex else np.float64
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(wide) - expected.astype(wide))
    error = np.where(np.isnan(error), np.inf, error)
    index = np.unravel_index(np.argmax(np.where(same, -1.0, error)), error.shape)
    a, b, largest = got[index], expected[index], float(error[index])
    relative = largest / float(abs(b)) if b else np.inf
    return Difference(what, tuple(map(int, index)), str(a), str(b), largest, relative)


def _kind(array: np.ndarray) -> str:
    return f"{array.dtype.name}{list(array.shape)}"
