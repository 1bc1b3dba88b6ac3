"""The llvm level → LLVM's own text, one line an instruction."""

from .module import ModuleText

__all__ = ["ModuleText"]
