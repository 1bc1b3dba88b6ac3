"""Operations on bit vectors that xDSL's `smt` dialect does not have yet: MLIR's, by name and meaning."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import IntegerAttr, StringAttr, i32
from xdsl.dialects.smt import BitVectorType, BoolType
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
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

PREDICATES = ("slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge")
"""The orders that bit vectors are compared by, as SMT-LIB's `bvslt` … name them."""


def width_of(value: SSAValue[Attribute]) -> int:
    """The number of bits of a bit vector."""
    assert isinstance(value.type, BitVectorType), value.type
    return value.type.width.data


@irdl_op_definition
class BvCmpOp(IRDLOperation):
    """Whether two bit vectors are in an order: SMT-LIB's `bvslt`, `bvule` and the others of `PREDICATES`."""

    name = "smt.bv.cmp"

    T: ClassVar = VarConstraint("T", base(BitVectorType))

    pred = prop_def(StringAttr)
    lhs = operand_def(T)
    rhs = operand_def(T)
    result = result_def(BoolType)

    assembly_format = "$pred $lhs `,` $rhs attr-dict `:` type($lhs)"
    traits = traits_def(Pure())

    def __init__(self, pred: str, lhs: SSAValue, rhs: SSAValue):
        super().__init__(operands=[lhs, rhs], properties={"pred": StringAttr(pred)}, result_types=[BoolType()])

    def verify_(self) -> None:
        """Check that the order is one of SMT-LIB's."""
        if self.pred.data not in PREDICATES:
            raise VerifyException(f"expected one of {', '.join(PREDICATES)}, got {self.pred.data}")


@irdl_op_definition
class BvConcatOp(IRDLOperation):
    """One bit vector of two: `lhs` has the upper bits, as in SMT-LIB's `concat`."""

    name = "smt.bv.concat"

    lhs = operand_def(BitVectorType)
    rhs = operand_def(BitVectorType)
    result = result_def(BitVectorType)

    assembly_format = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `,` type($result)"
    traits = traits_def(Pure())

    def __init__(self, lhs: SSAValue, rhs: SSAValue):
        super().__init__(operands=[lhs, rhs], result_types=[BitVectorType(width_of(lhs) + width_of(rhs))])

    def verify_(self) -> None:
        """Check that no bit is lost."""
        if width_of(self.result) != width_of(self.lhs) + width_of(self.rhs):
            raise VerifyException("expected a result as wide as the operands together")


@irdl_op_definition
class BvExtractOp(IRDLOperation):
    """The bits of a vector from `low_bit` upwards, as many as the result has: SMT-LIB's `(_ extract high low)`."""

    name = "smt.bv.extract"

    low_bit = prop_def(IntegerAttr, prop_name="lowBit")
    input = operand_def(BitVectorType)
    result = result_def(BitVectorType)

    assembly_format = "$input `from` $lowBit attr-dict `:` type($input) `,` type($result)"
    traits = traits_def(Pure())

    def __init__(self, input: SSAValue, low_bit: int, width: int):
        super().__init__(
            operands=[input], properties={"lowBit": IntegerAttr(low_bit, i32)}, result_types=[BitVectorType(width)]
        )

    def verify_(self) -> None:
        """Check that the bits are there."""
        if self.low_bit.value.data + width_of(self.result) > width_of(self.input):
            raise VerifyException("expected bits that the operand has")


@irdl_op_definition
class BvRepeatOp(IRDLOperation):
    """A vector several times in a row, until the result is full: SMT-LIB's `(_ repeat n)`."""

    name = "smt.bv.repeat"

    input = operand_def(BitVectorType)
    result = result_def(BitVectorType)

    assembly_format = "$input attr-dict `:` type($input) `,` type($result)"
    traits = traits_def(Pure())

    def __init__(self, input: SSAValue, count: int):
        super().__init__(operands=[input], result_types=[BitVectorType(count * width_of(input))])

    def verify_(self) -> None:
        """Check that it is a whole number of times."""
        if width_of(self.result) % width_of(self.input):
            raise VerifyException("expected a result as wide as the operand several times")
