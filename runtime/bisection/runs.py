"""Running a program: on the interpreter at whatever level it is, or on an engine."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation

from ...compiler.diagnostics import StepwellError
from ..engines.interpreter import InterpreterError, run_module
from .difference import Outcome

Observer = Callable[[Operation | Block, Sequence[Any]], None]
Run = Callable[[ModuleOp, Sequence[np.ndarray]], Outcome]
"""Runs a module on arrays, which it may change."""


@dataclass(frozen=True)
class Interpreted:
    """Runs a module on the interpreter.

    Attributes:
        timeout: how many seconds a run may take; one that takes longer has failed. None: any number.
        observer: told the results of each op.
    """

    timeout: float | None = None
    observer: Observer | None = None

    def __call__(self, module: ModuleOp, arrays: Sequence[np.ndarray]) -> Outcome:
        """What the run came to."""
        out = io.StringIO()
        try:
            results = run_module(module, arrays, stdout=out, observer=self._watch())
        except (InterpreterError, StepwellError) as error:
            op = error.op_name if isinstance(error, InterpreterError) else None
            return Outcome((), tuple(arrays), out.getvalue(), str(error), op, error.location)
        except Exception as error:  # a module that verifies, and yet has no meaning
            return Outcome((), tuple(arrays), out.getvalue(), f"{type(error).__name__}: {error}")
        return Outcome(tuple(results), tuple(arrays), out.getvalue())

    def _watch(self) -> Observer | None:
        if self.timeout is None:
            return self.observer
        end, observer = time.monotonic() + self.timeout, self.observer

        def watch(op: Operation | Block, values: Sequence[Any]) -> None:
            if time.monotonic() > end:
                raise InterpreterError(f"the program did not end within {self.timeout:g} s")
            if observer is not None:
                observer(op, values)

        return watch


def on_native(module: ModuleOp, arrays: Sequence[np.ndarray]) -> Outcome:
    """Machine code for a module at the llvm level, run."""
    from ..engines.native import compile_module

    return _executed(lambda: compile_module(module).run(*arrays), arrays)


def on_onnx(module: ModuleOp, arrays: Sequence[np.ndarray]) -> Outcome:
    """The export of an `hl` module, run in ONNX Runtime."""
    from ..engines.onnx import compile_hl

    return _executed(lambda: compile_hl(module).run(*arrays), arrays)


ENGINES: dict[str, Run] = {"native": on_native, "onnx": on_onnx}
"""What comes after the passes: engines by their names."""


def _executed(run: Callable[[], Sequence[np.ndarray]], arrays: Sequence[np.ndarray]) -> Outcome:
    try:
        results = tuple(np.asarray(result) for result in run())
    except Exception as error:
        if isinstance(error, StepwellError):
            return Outcome((), tuple(arrays), None, str(error), None, error.location)
        return Outcome((), tuple(arrays), None, f"{type(error).__name__}: {error}")
    return Outcome(results, tuple(arrays))
