"""Lane-wise comparison, selection and conversion on vectors: what upstream's `arith` has for scalars only; and sums of
products of neighbouring lanes.

In MLIR the first are `arith` ops too; xDSL's `arith.cmpi`, `arith.cmpf`, `arith.select` and conversions between
integers and floats accept scalars only. Each of them means its `arith` namesake, lane by lane.
"""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import I64, AnyFloatConstr, IndexType, IntegerAttr, IntegerType, StringAttr, VectorType, i1
from xdsl.ir import Attribute, Dialect, Operation, SSAValue
from xdsl.irdl import (
    AnyAttr,
    IRDLOperation,
    VarConstraint,
    base,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from .types import vector_type

CASTS = ("extsi", "extui", "trunci", "sitofp", "uitofp", "fptosi", "fptoui", "index_cast")
"""The conversions `simd.cast` knows, by the name of the `arith` op that does it on scalars."""

SIGNS = ("ss", "su", "us", "uu")
"""Whether `simd.dot` reads the lanes of its two operands as signed integers or as unsigned ones."""


def _vector(value: SSAValue) -> VectorType[Attribute]:
    assert isinstance(value.type, VectorType)
    return value.type


class _Compare(IRDLOperation):
    """A comparison of two vectors, lane by lane."""

    def __init__(self, lhs: SSAValue, rhs: SSAValue, predicate: IntegerAttr | int):
        number = IntegerAttr(predicate, 64) if isinstance(predicate, int) else predicate
        result = vector_type(i1, *_vector(lhs).get_shape())
        super().__init__(operands=[lhs, rhs], result_types=[result], properties={"predicate": number})

    def verify_(self) -> None:
        """C1: the result has as many lanes as the operands."""
        if _vector(self.results[0]).shape != _vector(self.operands[0]).shape:
            raise VerifyException("the result must have as many lanes as the operands")


@irdl_op_definition
class CmpiOp(_Compare):
    """`arith.cmpi`, lane by lane; `predicate` is encoded as there."""

    name = "simd.cmpi"
    T: ClassVar = VarConstraint("T", VectorType.constr(base(IntegerType) | base(IndexType)))
    lhs = operand_def(T)
    rhs = operand_def(T)
    result = result_def(VectorType.constr(i1))
    predicate = prop_def(IntegerAttr[I64])
    traits = traits_def(Pure())
    assembly_format = "$predicate `,` $lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)"


@irdl_op_definition
class CmpfOp(_Compare):
    """`arith.cmpf`, lane by lane; `predicate` is encoded as there."""

    name = "simd.cmpf"
    T: ClassVar = VarConstraint("T", VectorType.constr(AnyFloatConstr))
    lhs = operand_def(T)
    rhs = operand_def(T)
    result = result_def(VectorType.constr(i1))
    predicate = prop_def(IntegerAttr[I64])
    traits = traits_def(Pure())
    assembly_format = "$predicate `,` $lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)"


@irdl_op_definition
class SelectOp(IRDLOperation):
    """`arith.select`, lane by lane: `lhs` where the condition holds, else `rhs`."""

    name = "simd.select"
    T: ClassVar = VarConstraint("T", VectorType.constr(AnyAttr()))
    cond = operand_def(VectorType.constr(i1))
    lhs = operand_def(T)
    rhs = operand_def(T)
    result = result_def(T)
    traits = traits_def(Pure())
    assembly_format = "$cond `,` $lhs `,` $rhs attr-dict `:` type($cond) `,` type($result)"

    def __init__(self, cond: SSAValue, lhs: SSAValue, rhs: SSAValue):
        super().__init__(operands=[cond, lhs, rhs], result_types=[lhs.type])

    def verify_(self) -> None:
        """C1: the condition has as many lanes as the values."""
        if _vector(self.cond).shape != _vector(self.lhs).shape:
            raise VerifyException("the condition must have as many lanes as the values")


@irdl_op_definition
class CastOp(IRDLOperation):
    """A conversion of `arith` (`kind` is its name there), lane by lane."""

    name = "simd.cast"
    input = operand_def(VectorType.constr(AnyAttr()))
    result = result_def(VectorType.constr(AnyAttr()))
    kind = prop_def(StringAttr)
    traits = traits_def(Pure())
    assembly_format = "$kind `,` $input attr-dict `:` type($input) `to` type($result)"

    def __init__(self, kind: str, value: SSAValue | Operation, type_: Attribute):
        super().__init__(operands=[value], result_types=[type_], properties={"kind": StringAttr(kind)})

    def verify_(self) -> None:
        """C1: the kind is one of `CASTS`. C2: both sides have as many lanes."""
        if self.kind.data not in CASTS:
            raise VerifyException(f"unknown conversion {self.kind.data!r}, expected one of {', '.join(CASTS)}")
        if _vector(self.input).shape != _vector(self.result).shape:
            raise VerifyException("operand and result must have as many lanes")


@irdl_op_definition
class DotOp(IRDLOperation):
    """Sums of products of neighbouring lanes: lane `i` of `total` plus the products of the lanes `i * n` to
    `i * n + n - 1` of `lhs` and `rhs`, where these have `n` lanes for each of `total`.

    Lanes of `lhs` and `rhs` are extended to the type of the sums first, as `signs` says; sums wrap around.
    """

    name = "simd.dot"
    T: ClassVar = VarConstraint("T", VectorType.constr(base(IntegerType)))
    S: ClassVar = VarConstraint("S", VectorType.constr(base(IntegerType)))
    lhs = operand_def(T)
    rhs = operand_def(T)
    total = operand_def(S)
    result = result_def(S)
    signs = prop_def(StringAttr)
    traits = traits_def(Pure())
    assembly_format = "$signs `,` $lhs `,` $rhs `,` $total attr-dict `:` type($lhs) `,` type($total)"

    def __init__(self, signs: str, lhs: SSAValue, rhs: SSAValue, total: SSAValue):
        properties = {"signs": StringAttr(signs)}
        super().__init__(operands=[lhs, rhs, total], result_types=[total.type], properties=properties)

    @property
    def group(self) -> int:
        """How many products are added to a lane."""
        return _vector(self.lhs).get_shape()[0] // _vector(self.total).get_shape()[0]

    def verify_(self) -> None:
        """C1: `signs` is one of `SIGNS`. C2: vectors have one axis, and the lanes of `total` divide those of `lhs`.
        C3: lanes of `total` have at least as many bits.
        """
        if self.signs.data not in SIGNS:
            raise VerifyException(f"unknown signs {self.signs.data!r}, expected one of {', '.join(SIGNS)}")
        lanes, sums = _vector(self.lhs).get_shape(), _vector(self.total).get_shape()
        if len(lanes) != 1 or len(sums) != 1 or not sums[0] or lanes[0] % sums[0] or not lanes[0]:
            raise VerifyException("the operands must have a multiple of as many lanes as the sums")
        narrow, wide = _vector(self.lhs).element_type, _vector(self.total).element_type
        assert isinstance(narrow, IntegerType) and isinstance(wide, IntegerType)
        if narrow.bitwidth > wide.bitwidth:
            raise VerifyException("the sums must have at least as many bits as the operands")


SIMD = Dialect("simd", [CmpiOp, CmpfOp, SelectOp, CastOp, DotOp])
"""The dialect."""
