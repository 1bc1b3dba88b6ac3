"""The native engine for functions: down all levels, then to machine code."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp

from ....compiler.lowering.convert_cfg_to_llvm import ConvertCfgToLlvmPass
from ....compiler.lowering.convert_scf_to_cf import ConvertScfToCfPass
from ....dialects.context import make_context
from .executable import NativeExecutable, compile_module


def lower_to_llvm(module: ModuleOp) -> ModuleOp:
    """A copy of a module at the loops or cfg level, taken down to the llvm level."""
    copy, context = module.clone(), make_context()
    ConvertScfToCfPass().apply(context, copy)
    ConvertCfgToLlvmPass().apply(context, copy)
    return copy


def compile_hl(module: ModuleOp) -> NativeExecutable:
    """Take an `hl` module down and compile it; the seconds of each pass are in `timings`."""
    from ....compiler.pipeline.manager import Timing
    from ..lower import lowered

    timing = Timing()
    executable = compile_module(lowered(module, "llvm", [timing]))
    executable.timings = {**timing.seconds, **executable.timings}
    return executable
