"""math → llvm: what CPUs have instructions for. Other functions were expanded before, or are calls of the C library."""

from __future__ import annotations

from xdsl.dialects import llvm, math
from xdsl.dialects.builtin import Float64Type, VectorType, i1
from xdsl.ir import Operation

from ....dialects.diagnostics import UnsupportedError
from .function import FunctionLowering, Handler

_INTRINSICS: dict[type[Operation], str] = {
    math.AbsFOp: "fabs",
    math.CeilOp: "ceil",
    math.CopySignOp: "copysign",
    math.FloorOp: "floor",
    math.FmaOp: "fma",
    math.RoundEvenOp: "roundeven",
    math.RoundOp: "round",
    math.SqrtOp: "sqrt",
    math.TruncOp: "trunc",
    math.CtPopOp: "ctpop",
}
_NO_FUNCTIONS = (
    math.AbsIOp,
    math.CountLeadingZerosOp,
    math.CountTrailingZerosOp,
    math.FPowIOp,
    math.IPowIOp,
    math.RsqrtOp,
)
LIBRARY = {
    op: op.name.removeprefix("math.")
    for op in math.Math.operations
    if op not in _INTRINSICS and op not in _NO_FUNCTIONS
} | {math.PowFOp: "pow"}
"""Functions of the C library, by their name for doubles; that for floats has an `f` behind it."""


def _intrinsic(f: FunctionLowering, op: Operation) -> None:
    f.set(op.results[0], f.b.intrinsic_value(_INTRINSICS[type(op)], [f.get(operand) for operand in op.operands]))


def _absolute(f: FunctionLowering, op: Operation) -> None:
    """The least integer stays as it is."""
    value = f.get(op.operands[0])
    f.set(op.results[0], f.b.intrinsic_value("abs", [value, f.b.constant(0, i1)]))


def _rsqrt(f: FunctionLowering, op: Operation) -> None:
    value = f.get(op.operands[0])
    root = f.b.intrinsic_value("sqrt", [value])
    f.set(op.results[0], f.b.binary(llvm.FDivOp, f.b.constant(1.0, value.type), root))


def _library(f: FunctionLowering, op: Operation) -> None:
    args = [f.get(operand) for operand in op.operands]
    type_ = args[0].type
    if isinstance(type_, VectorType):
        raise UnsupportedError(f"'{op.name}' on vectors has no native form", location=op.location)
    name = LIBRARY[type(op)] + ("" if isinstance(type_, Float64Type) else "f")
    f.declarations.declare(name, [arg.type for arg in args], type_)
    result = f.b.call(name, args, type_)
    assert result is not None
    f.set(op.results[0], result)


HANDLERS: dict[type[Operation], Handler] = {
    **dict.fromkeys(_INTRINSICS, _intrinsic),
    **dict.fromkeys(LIBRARY, _library),
    math.AbsIOp: _absolute,
    math.RsqrtOp: _rsqrt,
}
"""How each op is lowered."""
