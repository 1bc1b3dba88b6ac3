"""Which dialects programs may use: one table, each loaded when a text first names it."""

from __future__ import annotations

from importlib import import_module

from xdsl.context import Context
from xdsl.ir import Dialect

_DIALECTS = {
    "builtin": ("xdsl.dialects.builtin", "Builtin"),
    "func": ("xdsl.dialects.func", "Func"),
    "cf": ("xdsl.dialects.cf", "Cf"),
    "scf": ("xdsl.dialects.scf", "Scf"),
    "arith": ("xdsl.dialects.arith", "Arith"),
    "math": ("xdsl.dialects.math", "Math"),
    "affine": ("xdsl.dialects.affine", "Affine"),
    "tensor": ("xdsl.dialects.tensor", "Tensor"),
    "linalg": ("xdsl.dialects.linalg", "Linalg"),
    "bufferization": ("xdsl.dialects.bufferization", "Bufferization"),
    "memref": ("xdsl.dialects.memref", "MemRef"),
    "vector": ("xdsl.dialects.vector", "Vector"),
    "llvm": (".llvm", "LLVM"),
    "ub": ("xdsl.dialects.ub", "UB"),
    "hl": (".hl", "HL"),
    "state": (".state", "State"),
    "debug": (".debug", "Debug"),
    "host": (".host", "Host"),
    "simd": (".simd", "SIMD"),
}


def load_dialect(name: str) -> Dialect:
    """The dialect of that name.

    Example:
        >>> load_dialect("state").name
        'state'
    """
    module, attribute = _DIALECTS[name]
    return getattr(import_module(module, __package__), attribute)


def make_context() -> Context:
    """A context that knows every dialect of every level, for parsing and for passes."""
    context = Context()
    for name in _DIALECTS:
        context.register_dialect(name, lambda name=name: load_dialect(name))
    return context
