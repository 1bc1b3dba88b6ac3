"""`fold-constants`: what is known before the program runs is computed before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IntegerAttr, IntegerType, ModuleOp, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern
from xdsl.rewriter import InsertPoint

from ...dialects.dtypes import dtype_of
from ...dialects.emitter import constant_attr
from ...dialects.hl.rules.base import HLOp, InferenceError
from ...dialects.memory import check_memory, elements_limited
from ...dialects.types import array_of, dense
from ..pipeline.base import Pass
from ..rewriting import apply_patterns, refuse

OPERAND_ELEMENTS = 2**20
"""The largest operand that is computed with, about 1 ms for an op."""


@dataclass(frozen=True)
class FoldConstantsPass(Pass):
    """Evaluate ops on constants at compile time, and replace branches with a constant condition by the branch taken.

    Options: `max-elements`, the largest result that is stored in the program.

    Before:

        func.func @f() -> tensor<2xi32> {
          %0 = arith.constant dense<[1, 2]> : tensor<2xi32>
          %1 = hl.add %0, %0 : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
          func.return %1 : tensor<2xi32>
        }

    After:

        func.func @f() -> tensor<2xi32> {
          %0 = arith.constant dense<[1, 2]> : tensor<2xi32>
          %1 = arith.constant dense<[2, 4]> : tensor<2xi32>
          func.return %1 : tensor<2xi32>
        }

    Such ops come from Python values that a trace is specialised to. Operands that become unused are left to `dce`.
    """

    max_elements: int = 1024

    name = "fold-constants"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """To a fixed point."""
        apply_patterns(op, [_Evaluate(self.max_elements), _ExtractConstant(), _TakeBranch()])


def constant_of(value: SSAValue) -> np.ndarray | None:
    """The array that a value always is, if it is a constant."""
    op = value.owner
    if isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr):
        return array_of(op.value)
    return None


@dataclass
class _Evaluate(RewritePattern):
    max_elements: int

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if not isinstance(op, HLOp) or not op.operands:
            return
        known = self._known_operands(op)
        results = self._results(op, known) if known is not None else None
        if results is None:
            return
        constants = [arith.ConstantOp(dense(result)) for result in results]
        values: list[SSAValue] = []
        for constant, old in zip(constants, op.results, strict=True):
            if constant.result.type != old.type:
                cast = tensor.CastOp(constant.result, old.type)  # pyright: ignore[reportArgumentType]
                rewriter.insert([constant, cast], InsertPoint.before(op))
                values.append(cast.dest)
            else:
                rewriter.insert(constant, InsertPoint.before(op))
                values.append(constant.result)
        rewriter.replace(op, [], values)

    def _known_operands(self, op: Operation) -> list[np.ndarray] | None:
        """The operands, if all are constants, none of them large."""
        if not all(isinstance(operand.owner, arith.ConstantOp) for operand in op.operands):
            return None
        if any(map(self._is_large, op.operands)):
            refuse(self, op, f"an operand has more than {OPERAND_ELEMENTS} elements")
            return None
        operands = [constant_of(operand) for operand in op.operands]
        known = [operand for operand in operands if operand is not None]
        return known if len(known) == len(operands) else None

    def _is_large(self, operand: SSAValue) -> bool:
        shape = operand.type.get_shape() if isinstance(operand.type, TensorType) else ()
        return prod(shape) > OPERAND_ELEMENTS

    def _results(self, op: HLOp, known: list[np.ndarray]) -> Sequence[np.ndarray] | None:
        """What the op gives; not computed where it is large, as far as that is known before."""
        try:
            with elements_limited(self.max_elements):
                for result in op.checked_types([operand.type for operand in op.operands], op.attrs()):  # pyright: ignore
                    check_memory(result.get_shape(), dtype_of(result))
                results = op.computed(known, op.attrs())
        except MemoryError as error:
            refuse(self, op, str(error))
            return None
        except (InferenceError, ValueError, IndexError, ArithmeticError) as error:
            refuse(self, op, f"it fails, if it is ever run: {error}")
            return None
        if any(result.size > self.max_elements for result in results):
            refuse(self, op, f"a result has more than {self.max_elements} elements")
            return None
        return results


@dataclass
class _ExtractConstant(RewritePattern):
    """The element of a constant without dimensions is a constant."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if isinstance(op, tensor.ExtractOp) and not op.indices:
            array = constant_of(op.tensor)
            if array is not None:
                rewriter.replace(op, arith.ConstantOp(_scalar_attr(array, op.result.type)))


def _scalar_attr(array: np.ndarray, type_: Attribute) -> IntegerAttr | FloatAttr:
    attr = constant_attr(array.item(), type_)
    assert isinstance(attr, IntegerAttr | FloatAttr)
    return attr


@dataclass
class _TakeBranch(RewritePattern):
    """A branch on a constant is the side that is taken."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        if not isinstance(op, scf.IfOp) or not isinstance(op.cond.owner, arith.ConstantOp):
            return
        value = op.cond.owner.value
        if not isinstance(value, IntegerAttr) or value.type != IntegerType(1):
            return
        region = op.true_region if value.value.data else op.false_region
        if not region.blocks:
            rewriter.erase(op)
            return
        last = region.block.last_op
        assert last is not None
        results = list(last.operands)
        rewriter.erase(last)
        rewriter.inline_block(region.block, InsertPoint.before(op))
        rewriter.replace(op, [], results)
