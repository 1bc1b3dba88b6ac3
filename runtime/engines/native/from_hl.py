"""The native engine for functions: down all levels, then to machine code."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp

from ....compiler.pipeline.manager import Timing
from ....dialects.recursion import deep_recursion
from ..lower import lowered
from .executable import NativeExecutable, compile_module


@deep_recursion()
def compile_hl(module: ModuleOp) -> NativeExecutable:
    """Take an `hl` module down and compile it; the seconds of each pass are in `timings`."""
    timing = Timing()
    executable = compile_module(lowered(module, "llvm", [timing]))
    executable.timings = {**timing.seconds, **executable.timings}
    return executable
