"""What a run of a module comes to, and whether two runs come to the same."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation
from xdsl.passes import ModulePass

from stepwell.compiler.diagnostics import StepwellError
from stepwell.runtime.engines.interpreter import InterpreterError, run_module
from stepwell.runtime.engines.interpreter.machine import Observer

INEXACT_RTOL = 1e-4
"""How far the results of a pass may be off that declares itself inexact, where the caller does not say."""


@dataclass(frozen=True)
class Outcome:
    """Everything that can be observed of a run.

    Attributes:
        results: what the function returned; empty where it failed.
        variables: its parameters afterwards: those of Variables may have changed.
        printed: what it printed.
        error: why it failed, or `None`.
        unfinished: whether it failed because it took too long.
        failed_at: the name of the op at which it failed.
    """

    results: tuple[np.ndarray, ...]
    variables: tuple[np.ndarray, ...]
    printed: str
    error: str | None = None
    unfinished: bool = False
    failed_at: str | None = None

    def __str__(self) -> str:
        lines = [f"result {number}: {_shown(array)}" for number, array in enumerate(self.results)]
        if self.error is not None:
            lines.append(f"error: {self.error}")
        if self.printed:
            lines.append(f"printed: {self.printed!r}")
        return "\n".join(lines) or "nothing"


def _shown(array: np.ndarray) -> str:
    return f"{array.dtype.name}{list(array.shape)} {np.array2string(array, threshold=20, separator=', ')}"


class TooLongError(InterpreterError):
    """A run that was stopped."""


def observe(
    module: ModuleOp, inputs: Sequence[np.ndarray], function: str | None = None, max_ops: int | None = None
) -> Outcome:
    """Run a module of any level on the interpreter; inputs are copied first.

    Args:
        module: the program.
        inputs: an array for each parameter.
        function: the function to run; by default `main`, or the first public one.
        max_ops: the run is stopped, and counts as failed, after so many ops and blocks; by default never.
    """
    arrays = [np.array(array) for array in inputs]
    out = io.StringIO()
    watch = None if max_ops is None else _stop_after(max_ops)
    try:
        results = tuple(run_module(module, arrays, function=function, stdout=out, observer=watch))
    except (InterpreterError, StepwellError) as error:
        what = f"{type(error).__name__}: {error}"
        failed_at = error.op_name if isinstance(error, InterpreterError) else None
        return Outcome((), tuple(arrays), out.getvalue(), what, isinstance(error, TooLongError), failed_at)
    return Outcome(results, tuple(arrays), out.getvalue())


def _stop_after(max_ops: int) -> Observer:
    """An observer that stops the run after so many ops and blocks."""
    count = itertools.count(1)

    def watch(at: Operation | Block, values: Sequence[Any]) -> None:
        if next(count) > max_ops:
            raise TooLongError(f"the program has not ended after {max_ops} ops")

    return watch


@dataclass(frozen=True)
class Tolerance:
    """How far floats may differ: `rtol` relative to each expected value and, at least, to `scale` times the largest.

    The second is for results of cancellation, whose error is that of what cancelled. Zero is bit for bit, but for
    the payload of NaN.
    """

    rtol: float = 0.0
    scale: float = 1.0

    def difference(self, got: np.ndarray, expected: np.ndarray) -> str | None:
        """How `got` differs, or `None` where it does not."""
        if (got.dtype, got.shape) != (expected.dtype, expected.shape):
            return f"{got.dtype.name}{list(got.shape)} instead of {expected.dtype.name}{list(expected.shape)}"
        if not self.rtol or got.dtype.kind != "f":
            return None if _same_bits(got, expected) else "not the same values"
        with np.errstate(all="ignore"):
            finite = np.abs(expected[np.isfinite(expected)]).astype(np.float64)
            floor = self.rtol * self.scale * max(float(finite.max(initial=0.0)), 1.0)
            close = np.isclose(got, expected, rtol=self.rtol, atol=floor, equal_nan=True)
            error = float(np.max(np.abs(got.astype(np.float64) - expected), initial=0.0, where=~close))
        return None if close.all() else f"off by up to {error:.3g}"


def _same_bits(got: np.ndarray, expected: np.ndarray) -> bool:
    if got.dtype.kind != "f":
        return bool(np.array_equal(got, expected))
    same = (got == expected) & (np.signbit(got) == np.signbit(expected))
    return bool((same | (np.isnan(got) & np.isnan(expected))).all())


def tolerance_after(passes: Sequence[ModulePass], rtol: float | None = None) -> Tolerance:
    """What passes may change: nothing, unless one of them declares itself inexact; `rtol`, where it is given."""
    if rtol is None:
        rtol = 0.0 if all(getattr(pass_, "exact", True) for pass_ in passes) else INEXACT_RTOL
    return Tolerance(rtol)


def difference(got: Outcome, expected: Outcome, tolerance: Tolerance) -> str | None:
    """How two runs differ, or `None` where they do not; a run that fails may differ in how it says so."""
    if (got.error is None) != (expected.error is None):
        return f"fails with {got.error}" if got.error else f"does not fail, expected {expected.error}"
    if got.error is None and len(got.results) != len(expected.results):
        return f"{len(got.results)} results instead of {len(expected.results)}"
    for what, pairs in (
        ("result", (got.results, expected.results)),
        ("parameter", (got.variables, expected.variables)),
    ):
        if got.error is not None and what == "result":
            continue
        for number, (a, b) in enumerate(zip(*pairs, strict=True)):
            found = tolerance.difference(a, b)
            if found is not None:
                return f"{what} {number}: {found}"
    if got.printed != expected.printed and not tolerance.rtol:
        return f"prints {got.printed!r} instead of {expected.printed!r}"
    return None
