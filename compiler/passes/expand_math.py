"""`expand-math`: functions that CPUs have no instruction for become arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import Float32Type, Float64Type, ModuleOp, VectorType
from xdsl.ir import Operation
from xdsl.rewriter import InsertPoint, Rewriter

from ...dialects.emitter import Emitter
from ...dialects.walk import ops_in
from ..lowering.elementary import EXPANSIONS, Constants, Scope, Value, error_table
from ..pipeline.base import Pass
from ..rewriting import refuse


@dataclass(frozen=True)
class ExpandMathPass(Pass):
    """Compute elementary functions of `math`, on scalars and vectors, by range reduction and polynomials.

    Before:

        func.func @f(%x: f32) -> f32 {
          %0 = math.exp %x : f32
          func.return %0 : f32
        }

    After:

        func.func @f(%x: f32) -> f32 {
          %0 = arith.constant 8.900000e+01 : f32
          %1 = arith.cmpf ogt, %x, %0 : f32
          %2 = arith.select %1, %0, %x : f32
          %3 = arith.constant -1.040000e+02 : f32
          %4 = arith.cmpf olt, %2, %3 : f32
          %5 = arith.select %4, %3, %2 : f32
          %6 = arith.constant 1.44269502 : f32
          %7 = arith.constant 0x4B4000FE : f32
          %8 = math.fma %5, %6, %7 : f32
          %9 = arith.subf %8, %7 : f32
          %10 = arith.constant -0.693147182 : f32
          %11 = math.fma %9, %10, %5 : f32
          %12 = arith.constant 1.90465421e-09 : f32
          %13 = math.fma %9, %12, %11 : f32
          %14 = arith.constant 0.00138392649 : f32
          %15 = arith.constant 0.00836930797 : f32
          %16 = math.fma %14, %13, %15 : f32
          %17 = arith.constant 0.0416680798 : f32
          %18 = math.fma %16, %13, %17 : f32
          %19 = arith.constant 0.166665152 : f32
          %20 = math.fma %18, %13, %19 : f32
          %21 = arith.constant 0.49999994 : f32
          %22 = math.fma %20, %13, %21 : f32
          %23 = arith.constant 1.000000e+00 : f32
          %24 = math.fma %22, %13, %23 : f32
          %25 = math.fma %24, %13, %23 : f32
          %26 = arith.bitcast %8 : f32 to i32
          %27 = arith.constant 1 : i32
          %28 = arith.shrui %26, %27 : i32
          %29 = arith.constant 23 : i32
          %30 = arith.shli %28, %29 : i32
          %31 = arith.bitcast %30 : i32 to f32
          %32 = arith.mulf %25, %31 : f32
          %33 = arith.subi %26, %28 : i32
          %34 = arith.shli %33, %29 : i32
          %35 = arith.bitcast %34 : i32 to f32
          %36 = arith.mulf %32, %35 : f32
          func.return %36 : f32
        }

    Loops can then be vectorized, whereas the C library computes one element per call. The only branch that depends on
    an element is that of sin and cos: arguments beyond 2**17 (float32) and 2**30 (float64) need a longer range
    reduction, which runs if any lane needs it. NaN, infinities, signed zeros and subnormals have the results that the
    C library returns.

    Errors in units in the last place are at most:

        {errors}

    Functions without a formula here are not changed, nor are those for which CPUs have instructions.
    """

    name = "expand-math"
    requires: ClassVar[str | None] = "loops"
    ensures: ClassVar[str | None] = "loops"
    nestable: ClassVar[bool] = True
    exact: ClassVar[bool] = False
    inexact_because: ClassVar[str] = "elementary functions differ by the errors in the table of the pass"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Expand each function of the module."""
        for function in op.ops:
            if isinstance(function, func.FuncOp) and function.body.blocks:
                _expand_in(function)


ExpandMathPass.__doc__ = (ExpandMathPass.__doc__ or "").replace("{errors}", indent(error_table(), " " * 8).lstrip())


def _expand_in(function: func.FuncOp) -> None:
    found = [op for op in ops_in(function) if type(op) in EXPANSIONS]
    first = function.body.blocks[0].first_op
    if not found or first is None:
        return
    constants = Constants(Emitter(InsertPoint.before(first), found[0].location))
    for op in sorted(found, key=lambda op: op is first):  # constants go before the first op, so it is replaced last
        element = op.results[0].type
        element = element.element_type if isinstance(element, VectorType) else element
        if isinstance(element, Float32Type | Float64Type):
            _expand(op, constants)
        else:
            refuse("expand-math", op, f"there is no formula for {element}")


def _expand(op: Operation, constants: Constants) -> None:
    scope = Scope(Emitter.before(op), constants)
    result = EXPANSIONS[type(op)].formula(*(Value(operand, scope) for operand in op.operands))
    Rewriter.replace_op(op, [], [result.ssa])
