"""Formulas on sizes, written once: for numbers that are known, for `index` values of a program, for an ONNX graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue

from ....emitter import Emitter
from ....types import DYNAMIC, shape_of
from ..facets import OnnxGraph
from ..linalg_builder import dim, type_of

Dynamic = TypeVar("Dynamic")
"""What represents a size that is not known."""


class Sizes(Generic[Dynamic]):
    """Arithmetic on sizes: what is known is computed here, the rest where a subclass says.

    A size is an int, or what the subclass computes with. Operands of `floordiv` are 0 or more, and above 0.

    Example:
        >>> Sizes().floordiv(Sizes().add(3, 4), 2)
        3
    """

    def add(self, a: int | Dynamic, b: int | Dynamic) -> int | Dynamic:
        """`a + b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if isinstance(b, int) and b < 0:
            return self.sub(a, -b)
        return b if _is(a, 0) else a if _is(b, 0) else self.emit("add", a, b)

    def sub(self, a: int | Dynamic, b: int | Dynamic) -> int | Dynamic:
        """`a - b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a - b
        return a if _is(b, 0) else self.emit("sub", a, b)

    def mul(self, a: int | Dynamic, b: int | Dynamic) -> int | Dynamic:
        """`a * b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if _is(a, 0) or _is(b, 0):
            return 0
        return b if _is(a, 1) else a if _is(b, 1) else self.emit("mul", a, b)

    def floordiv(self, a: int | Dynamic, b: int | Dynamic) -> int | Dynamic:
        """`a // b`."""
        if isinstance(a, int) and isinstance(b, int):
            return a // b
        return a if _is(b, 1) else self.emit("floordiv", a, b)

    def maximum(self, a: int | Dynamic, b: int | Dynamic) -> int | Dynamic:
        """The greater one."""
        if isinstance(a, int) and isinstance(b, int):
            return max(a, b)
        return self.emit("maximum", a, b)

    def minimum(self, a: int | Dynamic, b: int | Dynamic) -> int | Dynamic:
        """The lesser one."""
        if isinstance(a, int) and isinstance(b, int):
            return min(a, b)
        return self.emit("minimum", a, b)

    def emit(self, operation: str, a: int | Dynamic, b: int | Dynamic) -> int | Dynamic:
        """An operation of which an operand is not known."""
        raise TypeError(f"{operation} of {a!r} and {b!r}: expected ints")


def _is(size: object, number: int) -> bool:
    return isinstance(size, int) and size == number


class KnownSizes(Sizes[None]):
    """Sizes that are ints, or `None` where they are not known; what follows from one of these is not known either."""

    def emit(self, operation: str, a: int | None, b: int | None) -> int | None:
        """`None`."""
        return None


class IndexSizes(Sizes[SSAValue]):
    """Sizes that are ints, or `index` values of a program."""

    def __init__(self, e: Emitter):
        self.e = e

    def along(self, x: SSAValue, axis: int) -> int | SSAValue:
        """The size of a tensor along an axis."""
        known = shape_of(type_of(x))[axis]
        return dim(self.e, x, axis) if known == DYNAMIC else known

    def value(self, size: int | SSAValue) -> SSAValue:
        """A size as an `index` value."""
        return self.e.index(size) if isinstance(size, int) else size

    def emit(self, operation: str, a: int | SSAValue, b: int | SSAValue) -> SSAValue:
        """An op of `arith`."""
        return self.e.value(_INDEX_OPS[operation](self.value(a), self.value(b)))


_INDEX_OPS: dict[str, Callable[[SSAValue, SSAValue], Operation]] = {
    "add": arith.AddiOp,
    "sub": arith.SubiOp,
    "mul": arith.MuliOp,
    "floordiv": arith.DivUIOp,
    "maximum": arith.MaxSIOp,
    "minimum": arith.MinSIOp,
}


class OnnxSizes(Sizes[str]):
    """Sizes that are ints, or names of int64 scalars in an ONNX graph."""

    def __init__(self, g: OnnxGraph):
        self.g = g

    def along(self, x: str, type_: TensorType[Attribute], axis: int) -> int | str:
        """The size of a tensor along an axis."""
        known = shape_of(type_)[axis]
        if known != DYNAMIC:
            return known
        return self.g.node("Gather", [self.g.node("Shape", [x]), self.g.constant(np.array(axis, np.int64))], axis=0)

    def value(self, size: int | str) -> str:
        """A size as the name of a scalar."""
        return self.g.constant(np.array(size, np.int64)) if isinstance(size, int) else size

    def emit(self, operation: str, a: int | str, b: int | str) -> str:
        """A node."""
        return self.g.node(_ONNX_OPS[operation], [self.value(a), self.value(b)])

    def vector(self, sizes: Sequence[int | str]) -> str:
        """Sizes as the name of a vector."""
        if all(isinstance(size, int) for size in sizes):
            return self.g.constant(np.array(sizes, np.int64))
        zero = self.g.constant(np.array([0], np.int64))
        parts = [self.g.node("Unsqueeze", [self.value(size), zero]) for size in sizes]
        return self.g.node("Concat", parts, axis=0)


_ONNX_OPS = {"add": "Add", "sub": "Sub", "mul": "Mul", "floordiv": "Div", "maximum": "Max", "minimum": "Min"}
