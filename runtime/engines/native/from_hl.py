"""The native engine for functions: down all levels, then to machine code."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp

from ....compiler.pipeline.manager import Timing
from ....compiler.targets import HOST, find_target
from ....dialects.recursion import deep_recursion
from ..lower import lowered
from .executable import NativeExecutable, assembly, compile_module


@deep_recursion()
def compile_hl(module: ModuleOp) -> NativeExecutable:
    """Take an `hl` module down and compile it; the seconds of each pass are in `timings`."""
    timing = Timing()
    executable = compile_module(lowered(module, "llvm", [timing]))
    executable.timings = {**timing.seconds, **executable.timings}
    return executable


@deep_recursion()
def assembly_of_hl(module: ModuleOp, target: str = HOST) -> str:
    """Take an `hl` module down for a CPU, which need not be the one this runs on; its machine code as text."""
    return assembly(lowered(module, "llvm", target=target), find_target(target))
