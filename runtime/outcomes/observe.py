"""Runs that are observed: on the interpreter at whatever level a module is, or on an engine."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation

from ...dialects.diagnostics import ExecutionError, StepwellError
from ..engines.interpreter import InterpreterError, run_module
from ..engines.interpreter.machine import Change, Observer
from .fence import Fenced
from .outcome import Outcome

_MAY_FAIL = ("hl.", "state.", "debug.", "cf.assert", "host")
"""What the names of ops start with at which a program may fail: they say when they do."""


class TooLongError(InterpreterError):
    """A run that was stopped."""


def observe(
    module: ModuleOp,
    inputs: Sequence[np.ndarray],
    function: str | None = None,
    max_ops: int | None = None,
    *,
    timeout: float | None = None,
    observer: Observer | None = None,
    change: Change | None = None,
    any_failure: bool = False,
) -> Outcome:
    """Run a module of any level on the interpreter; inputs are copied first.

    Args:
        module: the program.
        inputs: an array for each parameter.
        function: the function to run; by default `main`, or the first public one.
        max_ops: the run is stopped, and counts as failed, after so many ops and blocks; by default never.
        timeout: the same after so many seconds.
        observer: told the results of each op once it has run, and the arguments of each block as it is entered.
        change: replaces the results of each op, before anything uses them.
        any_failure: whether whatever Python raises counts as a failure of the program: a module may verify, and yet
            have no meaning. By default only what the interpreter says does; anything else is an error of ours.
    """
    out = io.StringIO()
    watch = _watch(max_ops, timeout, observer)

    def run(arrays: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        return run_module(module, arrays, function=function, stdout=out, observer=watch, change=change)

    return _observed(run, inputs, out, (Exception,) if any_failure else (StepwellError,))


def observe_run(
    run: Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]],
    inputs: Sequence[np.ndarray],
    *,
    any_failure: bool = False,
) -> Outcome:
    """Run what an engine has made of a program; inputs are copied first, and what it prints is kept.

    The copies are between known bytes: a run that writes to those has failed, and does what is undefined.

    Args:
        run: runs the program on arrays, of which it may change those of Variables.
        inputs: an array for each parameter.
        any_failure: whether whatever Python raises counts as a failure of the program; by default only a check that
            failed, `ExecutionError`, does.
    """
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        return _observed(run, inputs, out, (Exception,) if any_failure else (ExecutionError,))


def _observed(
    run: Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]],
    inputs: Sequence[np.ndarray],
    out: io.StringIO,
    failures: tuple[type[Exception], ...],
) -> Outcome:
    fenced = [Fenced(np.asarray(array)) for array in inputs]
    arrays = tuple(fence.array for fence in fenced)
    try:
        results = tuple(np.asarray(result) for result in run(arrays))
    except failures as error:
        return _failed(error, arrays, out.getvalue())
    broken = [number for number, fence in enumerate(fenced) if not fence.is_whole()]
    if broken:
        failure = f"memory outside of parameter {broken[0]} was written to"
        return Outcome((), arrays, out.getvalue(), failure=failure, undefined=True)
    return Outcome(results, arrays, out.getvalue())


def _failed(error: Exception, arrays: tuple[np.ndarray, ...], printed: str) -> Outcome:
    told = isinstance(error, StepwellError)
    failed_op = error.op_name if isinstance(error, InterpreterError) else None
    unfinished = isinstance(error, TooLongError)
    defined = unfinished or not isinstance(error, InterpreterError) or _may_fail(failed_op)
    return Outcome(
        (),
        arrays,
        printed,
        failure=str(error) if told else f"{type(error).__name__}: {error}",
        failed_op=failed_op,
        failed_at=error.location if isinstance(error, StepwellError) else None,
        unfinished=unfinished,
        undefined=not defined,
    )


def _may_fail(op_name: str | None) -> bool:
    """Whether programs may fail at an op of this name."""
    return op_name is not None and op_name.startswith(_MAY_FAIL)


def _watch(max_ops: int | None, timeout: float | None, observer: Observer | None) -> Observer | None:
    """An observer that stops the run once it has taken too long, and tells another one."""
    if max_ops is None and timeout is None:
        return observer
    count, end = 0, None if timeout is None else time.monotonic() + timeout

    def watch(at: Operation | Block, values: Sequence[object]) -> None:
        nonlocal count
        count += 1
        if max_ops is not None and count > max_ops:
            raise TooLongError(f"the program has not ended after {max_ops} ops")
        if end is not None and time.monotonic() > end:
            raise TooLongError(f"the program did not end within {timeout:g} s")
        if observer is not None:
            observer(at, values)

    return watch
