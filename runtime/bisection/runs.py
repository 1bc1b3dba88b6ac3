"""Running a program: on the interpreter at whatever level it is, or on an engine. Whatever it raises is its failure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from ..engines.interpreter.machine import Observer
from ..outcomes import Outcome, observe, observe_run, packed_for

Run = Callable[[ModuleOp, Sequence[np.ndarray]], Outcome]
"""Runs a module on arrays."""


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
        given = packed_for(module, arrays)
        return observe(module, given, timeout=self.timeout, observer=self.observer, any_failure=True)


def on_native(module: ModuleOp, arrays: Sequence[np.ndarray]) -> Outcome:
    """Machine code for a module at the llvm level, run."""
    from ..engines.native import compile_module  # loads LLVM

    return observe_run(lambda given: compile_module(module).run(*given), packed_for(module, arrays), any_failure=True)


def on_onnx(module: ModuleOp, arrays: Sequence[np.ndarray]) -> Outcome:
    """The export of an `hl` module, run in ONNX Runtime."""
    from ..engines.onnx import compile_hl  # loads ONNX Runtime

    return observe_run(lambda given: compile_hl(module).run(*given), packed_for(module, arrays), any_failure=True)


ENGINES: dict[str, Run] = {"native": on_native, "onnx": on_onnx}
"""What comes after the passes: engines by their names."""
