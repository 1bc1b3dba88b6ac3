"""The native engine: runs the llvm level as machine code for this CPU."""

from .executable import NativeExecutable, compile_module
from .from_hl import compile_hl

__all__ = ["NativeExecutable", "compile_hl", "compile_module"]
