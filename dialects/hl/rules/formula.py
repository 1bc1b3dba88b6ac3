"""Formulas in float64 that are computed in three ways: on arrays, as ops on scalars, as nodes of an ONNX graph.

A formula is a function of `Number`s. Operands of other dtypes are widened before, and the result is narrowed after it,
so that of float32 it has an error of little more than the rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import f32, f64
from xdsl.ir import Operation, SSAValue

from ...dtypes import FLOAT32, FLOAT64, dtype_of
from ...emitter import Emitter
from .facets import OnnxGraph, OpCall

Value = TypeVar("Value")
Formula = Callable[..., "Number"]
Formulas = Callable[..., "Sequence[Number]"]


@dataclass(frozen=True)
class _Kind:
    """One operation: on arrays, as an op, and as a node."""

    numpy: Callable[..., Any]
    op: Callable[..., Operation]
    node: str


def _compare(predicate: str) -> Callable[[SSAValue, SSAValue], Operation]:
    return lambda x, y: arith.CmpfOp(x, y, predicate)


_ADD = _Kind(np.add, arith.AddfOp, "Add")
_SUB = _Kind(np.subtract, arith.SubfOp, "Sub")
_MUL = _Kind(np.multiply, arith.MulfOp, "Mul")
_DIV = _Kind(np.divide, arith.DivfOp, "Div")
_NEG = _Kind(np.negative, arith.NegfOp, "Neg")
_ABS = _Kind(np.abs, math.AbsFOp, "Abs")
_EXP = _Kind(np.exp, math.ExpOp, "Exp")
_LOG = _Kind(np.log, math.LogOp, "Log")
_SQRT = _Kind(np.sqrt, math.SqrtOp, "Sqrt")
_SIN = _Kind(np.sin, math.SinOp, "Sin")
_COS = _Kind(np.cos, math.CosOp, "Cos")
_FLOOR = _Kind(np.floor, math.FloorOp, "Floor")
_LESS = _Kind(np.less, _compare("olt"), "Less")
_EQUAL = _Kind(np.equal, _compare("oeq"), "Equal")
_WHERE = _Kind(np.where, arith.SelectOp, "Where")


class Number(Generic[Value]):
    """A number of a formula, or the truth of a comparison.

    Attributes:
        value: an array, an SSA value, or the name of a result in a graph.
        way: makes constants, and applies operations to values.
    """

    __slots__ = ("value", "way")

    def __init__(self, value: Value, way: _Way[Value]):
        self.value, self.way = value, way

    def _apply(self, kind: _Kind, *others: Number[Value] | float) -> Number[Value]:
        values = [other.value if isinstance(other, Number) else self.way.constant(other) for other in others]
        return Number(self.way.apply(kind, [self.value, *values]), self.way)

    def _lifted(self, value: float) -> Number[Value]:
        return Number(self.way.constant(value), self.way)

    def __add__(self, other: Number[Value] | float) -> Number[Value]:
        return self._apply(_ADD, other)

    def __sub__(self, other: Number[Value] | float) -> Number[Value]:
        return self._apply(_SUB, other)

    def __mul__(self, other: Number[Value] | float) -> Number[Value]:
        return self._apply(_MUL, other)

    def __truediv__(self, other: Number[Value] | float) -> Number[Value]:
        return self._apply(_DIV, other)

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: float) -> Number[Value]:
        return self._lifted(other) - self

    def __rtruediv__(self, other: float) -> Number[Value]:
        return self._lifted(other) / self

    def __neg__(self) -> Number[Value]:
        return self._apply(_NEG)

    def __abs__(self) -> Number[Value]:
        return self._apply(_ABS)

    def __lt__(self, other: Number[Value] | float) -> Number[Value]:
        """False where either is NaN."""
        return self._apply(_LESS, other)

    def __gt__(self, other: Number[Value] | float) -> Number[Value]:
        return (other if isinstance(other, Number) else self._lifted(other)) < self

    def equals(self, other: Number[Value] | float) -> Number[Value]:
        """Where both are the same number."""
        return self._apply(_EQUAL, other)

    def where(self, then: Number[Value] | float, otherwise: Number[Value] | float) -> Number[Value]:
        """Of a truth: `then` where it holds, else `otherwise`."""
        return self._apply(_WHERE, then, otherwise)

    def exp(self) -> Number[Value]:
        """`e` to this power."""
        return self._apply(_EXP)

    def log(self) -> Number[Value]:
        """The natural logarithm."""
        return self._apply(_LOG)

    def sqrt(self) -> Number[Value]:
        """The square root."""
        return self._apply(_SQRT)

    def sin(self) -> Number[Value]:
        """The sine."""
        return self._apply(_SIN)

    def cos(self) -> Number[Value]:
        """The cosine."""
        return self._apply(_COS)

    def floor(self) -> Number[Value]:
        """Rounded down."""
        return self._apply(_FLOOR)

    def rounded_to_float32(self) -> Number[Value]:
        """The nearest number that a float32 can be."""
        return Number(self.way.rounded(self.value), self.way)


class _Way(Protocol[Value]):
    """How a formula is computed."""

    def constant(self, value: float, /) -> Value:
        """A number that is known."""
        ...

    def apply(self, kind: _Kind, values: Sequence[Value], /) -> Value:
        """The result of an operation."""
        ...

    def rounded(self, value: Value, /) -> Value:
        """The nearest float32, as float64."""
        ...


class _OnArrays:
    def constant(self, value: float) -> np.ndarray | np.float64:
        return np.float64(value)

    def apply(self, kind: _Kind, values: Sequence[np.ndarray | np.float64]) -> np.ndarray | np.float64:
        return kind.numpy(*values)

    def rounded(self, value: np.ndarray | np.float64) -> np.ndarray | np.float64:
        return value.astype(np.float32).astype(FLOAT64)


@dataclass
class _AsOps:
    e: Emitter

    def constant(self, value: float) -> SSAValue:
        return self.e.constant(float(value), f64)

    def apply(self, kind: _Kind, values: Sequence[SSAValue]) -> SSAValue:
        return self.e.value(kind.op(*values))

    def rounded(self, value: SSAValue) -> SSAValue:
        return self.e.value(arith.ExtFOp(self.e.value(arith.TruncFOp(value, f32)), f64))


@dataclass
class _AsNodes:
    g: OnnxGraph

    def constant(self, value: float) -> str:
        return self.g.constant(np.array(value, FLOAT64))

    def apply(self, kind: _Kind, values: Sequence[str]) -> str:
        return self.g.node(kind.node, values)

    def rounded(self, value: str) -> str:
        return self.g.cast(self.g.cast(value, FLOAT32), FLOAT64)


def on_numpy(formula: Formulas, *operands: np.ndarray) -> tuple[np.ndarray, ...]:
    """The results of a formula that has several, in float64."""
    found = formula(*(Number(x.astype(FLOAT64), _OnArrays()) for x in operands))
    return tuple(np.asarray(number.value) for number in found)


def on_scalars(e: Emitter, formula: Formulas, *operands: SSAValue) -> tuple[SSAValue, ...]:
    """The results, as ops on `f64` values."""
    return tuple(number.value for number in formula(*(Number(x, _AsOps(e)) for x in operands)))


def in_graph(g: OnnxGraph, formula: Formulas, *operands: str) -> tuple[str, ...]:
    """The results, as nodes on float64 tensors."""
    return tuple(number.value for number in formula(*(Number(x, _AsNodes(g)) for x in operands)))


def on_arrays(formula: Formula) -> staticmethod[..., np.ndarray]:
    """`compute` by a formula; the op rounds the result to its dtype.

    Example:
        >>> on_arrays(lambda x: x * x + 1.0).__func__(np.array([2.0])).tolist()
        [5.0]
    """

    def compute(*operands: np.ndarray) -> np.ndarray:
        """The formula, in float64."""
        return np.asarray(formula(*(Number(x.astype(FLOAT64), _OnArrays()) for x in operands)).value)

    return staticmethod(compute)


def as_ops(formula: Formula) -> staticmethod[..., SSAValue]:
    """`scalar` by a formula."""

    def scalar(e: Emitter, *operands: SSAValue) -> SSAValue:
        """The formula, in float64."""
        type_ = operands[0].type
        wide = [x if type_ == f64 else e.value(arith.ExtFOp(x, f64)) for x in operands]
        result = formula(*(Number(x, _AsOps(e)) for x in wide)).value
        return result if type_ == f64 else e.value(arith.TruncFOp(result, type_))  # pyright: ignore[reportArgumentType]

    return staticmethod(scalar)


def as_nodes(formula: Formula, of_float32: str = "") -> staticmethod[..., list[str]]:
    """`onnx` by a formula; of float32 by the standard's node, where there is one, whose only kernels are for that."""

    def onnx(g: OnnxGraph, call: OpCall) -> list[str]:
        """The standard's node, or the formula in float64."""
        dtype = dtype_of(call.input_types[0])
        if of_float32 and dtype != FLOAT64:
            return [g.node(of_float32, call.inputs)]
        result = formula(*(Number(g.cast(x, FLOAT64), _AsNodes(g)) for x in call.inputs))
        return [g.cast(result.value, dtype)]

    return staticmethod(onnx)
