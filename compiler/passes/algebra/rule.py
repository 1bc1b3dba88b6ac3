"""What a law is, and what laws are written with."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern
from xdsl.rewriter import InsertPoint

from ....dialects.dtypes import DType, dtype_of
from ....dialects.emitter import constant_attr
from ....dialects.hl.movement import BroadcastToOp
from ....dialects.hl.rules.base import HLOp
from ....dialects.hl.rules.elementwise import splat_of
from ....dialects.types import array_of, dense, shape_of
from ...rewriting import refuse

OpClass = type[HLOp]

SPLAT_ELEMENTS = 2**10
"""The largest constant of equal elements that is stored in the program, element by element."""


class Rule(RewritePattern):
    """A law of algebra: an op that it matches is replaced by another value.

    A subclass says in `OPS` which ops it looks at, and in `rewrite` what replaces one. `INEXACT` laws change how floats
    are rounded, and are applied only where that is allowed.
    """

    OPS: ClassVar[tuple[OpClass, ...]]
    INEXACT: ClassVar[bool] = False

    @abstractmethod
    def rewrite(self, match: Match) -> SSAValue | None:
        """The value that replaces the op; `None` where the law does not apply. Nothing is built before that is sure."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace `op` where the law applies."""
        assert isinstance(op, HLOp)
        value = self.rewrite(Match(self, op, rewriter))
        if value is not None:
            rewriter.replace(op, [], [value])


@dataclass(frozen=True)
class Match:
    """An op that a law looks at, and ways to build what replaces it.

    Attributes:
        rule: the law.
        op: the op.
    """

    rule: Rule
    op: HLOp
    rewriter: PatternRewriter

    @property
    def operands(self) -> Sequence[SSAValue]:
        """The op's operands."""
        return tuple(self.op.operands)

    @property
    def type(self) -> TensorType[Attribute]:
        """The result's type."""
        return type_of(self.op.results[0])

    @property
    def dtype(self) -> DType:
        """The result's dtype."""
        return dtype_of(self.type)

    @property
    def operand_dtype(self) -> DType:
        """The first operand's dtype."""
        return dtype_of(self.op.operands[0].type)

    @property
    def is_float(self) -> bool:
        """Whether the first operand has floats."""
        return self.operand_dtype.is_floating

    def refuse(self, reason: str) -> None:
        """Say why the law does not apply although the op looks like it."""
        refuse(self.rule, self.op, reason)

    def same(self, value: SSAValue) -> SSAValue | None:
        """`value`, if it has the result's type."""
        if value.type == self.type:
            return value
        self.refuse("the operand has another shape than the result")
        return None

    def build(self, op_class: OpClass, *operands: SSAValue, **attrs: object) -> SSAValue:
        """An op whose result replaces that of the matched one: of the same type, where more would be known about it."""
        return self._insert(op_class.build_for(self.op, operands, attrs))

    def inner(self, op_class: OpClass, *operands: SSAValue, **attrs: object) -> SSAValue:
        """An op on the way to the one that replaces the matched one."""
        return self._insert(op_class.build(operands, attrs))

    def _insert(self, new: HLOp) -> SSAValue:
        self.rewriter.insert(new, InsertPoint.before(self.op))
        (result,) = new.results
        return result

    def everywhere(self, value: float | int | bool) -> SSAValue | None:
        """A tensor of the result's type with `value` everywhere; `None` where sizes are not known.

        That goes for the operands' sizes too: whether they agree is checked at run time, and has to be still.
        """
        if not all(map(is_static, self.operands)):
            self.refuse("sizes are not known")
            return None
        shape = shape_of(self.type)
        if prod(shape) > SPLAT_ELEMENTS:
            scalar = self._constant(constant_attr(value, TensorType(self.type.element_type, [])))
            return self.build(BroadcastToOp, scalar, shape=shape)
        return self._constant(constant_attr(value, self.type))

    def constant(self, array: np.ndarray) -> SSAValue:
        """A constant."""
        return self._constant(dense(array))

    def _constant(self, attr: Attribute) -> SSAValue:
        assert isinstance(attr, DenseIntOrFPElementsAttr)
        new = arith.ConstantOp(attr)
        self.rewriter.insert(new, InsertPoint.before(self.op))
        return new.result


def constant_of(value: SSAValue) -> np.ndarray | None:
    """The array that a value always is, if it is a constant."""
    op = value.owner
    if isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr):
        return array_of(op.value)
    return None


def number_of(value: SSAValue) -> Any:
    """The number that each element of a value is, if it is a constant with one, else `None`; -0 is not 0."""
    return splat_of(value)


def is_number(value: SSAValue, number: float) -> bool:
    """Whether a value is a constant with this number everywhere, the sign of a zero included."""
    found = number_of(value)
    return found is not None and found == number and bool(np.signbit(float(found))) == bool(np.signbit(number))


def made_by(value: SSAValue, *classes: OpClass) -> HLOp | None:
    """The op that made a value, if it is of one of these classes."""
    return value.owner if isinstance(value.owner, classes) else None


def type_of(value: SSAValue) -> TensorType[Attribute]:
    """The type of a tensor."""
    assert isinstance(value.type, TensorType)
    return value.type


def is_static(value: SSAValue) -> bool:
    """Whether the sizes of a tensor are known."""
    return type_of(value).has_static_shape()
