"""The native engine: runs the llvm level as machine code for this CPU."""

from .executable import NativeExecutable, compile_module
from .from_hl import compile_hl, lower_to_llvm

__all__ = ["NativeExecutable", "compile_hl", "compile_module", "lower_to_llvm"]
