"""xDSL's llvm dialect, with the instructions it lacks: selection and comparison by lanes, one lane of a vector, and
the conversions between integers and floats that are not signed.

The ops here replace upstream's of the same name and read and print the same text, so that a module at the
llvm level is MLIR's llvm dialect.
"""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from xdsl.dialects import llvm
from xdsl.dialects.builtin import AnyFloatConstr, IntegerAttr, IntegerType, VectorType, i1, i64
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
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import Pure


@irdl_op_definition
class SelectOp(IRDLOperation):
    """`lhs` where the condition holds, else `rhs`: as a whole, or lane by lane under a vector of conditions."""

    name = "llvm.select"
    T: ClassVar = VarConstraint("T", AnyAttr())
    cond = operand_def(base(IntegerType) | VectorType.constr(i1))
    lhs = operand_def(T)
    rhs = operand_def(T)
    res = result_def(T)
    traits = traits_def(Pure())
    assembly_format = "$cond `,` $lhs `,` $rhs attr-dict `:` type($cond) `,` type($res)"

    def __init__(self, cond: SSAValue, lhs: SSAValue, rhs: SSAValue):
        super().__init__(operands=[cond, lhs, rhs], result_types=[lhs.type])


@lru_cache(maxsize=64)
def compared(type_: Attribute) -> Attribute:
    """The type of a comparison of values of a type: one truth, or as many as there are lanes."""
    return VectorType(i1, type_.shape) if isinstance(type_, VectorType) else i1


class _Compare(IRDLOperation):
    """A comparison; prints `"predicate" %a, %b : type`."""

    FLAGS: ClassVar[type[llvm.ICmpPredicateFlag] | type[llvm.FCmpPredicateFlag]]

    def __init__(self, lhs: SSAValue, rhs: SSAValue, predicate: int):
        properties = {"predicate": IntegerAttr(predicate, i64)}
        super().__init__(operands=[lhs, rhs], result_types=[compared(lhs.type)], properties=properties)

    @classmethod
    def parse(cls, parser: Parser) -> _Compare:
        """Read `"olt" %a, %b : f32`."""
        predicate = cls.FLAGS(parser.parse_str_literal()).to_int()
        lhs = parser.parse_unresolved_operand()
        parser.parse_characters(",")
        rhs = parser.parse_unresolved_operand()
        attributes = parser.parse_optional_attr_dict()
        parser.parse_characters(":")
        type_ = parser.parse_type()
        op = cls(parser.resolve_operand(lhs, type_), parser.resolve_operand(rhs, type_), predicate)
        op.attributes |= attributes
        return op

    def print(self, printer: Printer) -> None:
        """Write `"olt" %a, %b : f32`."""
        predicate = self.properties["predicate"]
        assert isinstance(predicate, IntegerAttr)
        printer.print_string(f' "{self.FLAGS.from_int(predicate.value.data)}" ')
        printer.print_ssa_value(self.operands[0])
        printer.print_string(", ")
        printer.print_ssa_value(self.operands[1])
        printer.print_op_attributes(self.attributes)
        printer.print_string(" : ")
        printer.print_attribute(self.operands[0].type)


@irdl_op_definition
class FCmpOp(_Compare):
    """A comparison of floats, or of vectors of floats lane by lane; `predicate` is encoded as upstream's."""

    name = "llvm.fcmp"
    FLAGS: ClassVar = llvm.FCmpPredicateFlag
    T: ClassVar = VarConstraint("T", AnyFloatConstr | VectorType.constr(AnyFloatConstr))
    lhs = operand_def(T)
    rhs = operand_def(T)
    res = result_def(base(IntegerType) | VectorType.constr(i1))
    predicate = prop_def(IntegerAttr)
    traits = traits_def(Pure())


@irdl_op_definition
class ICmpOp(_Compare):
    """A comparison of integers or pointers, or of vectors lane by lane; `predicate` is encoded as upstream's."""

    name = "llvm.icmp"
    FLAGS: ClassVar = llvm.ICmpPredicateFlag
    T: ClassVar = VarConstraint(
        "T", base(IntegerType) | base(llvm.LLVMPointerType) | VectorType.constr(base(IntegerType))
    )
    lhs = operand_def(T)
    rhs = operand_def(T)
    res = result_def(base(IntegerType) | VectorType.constr(i1))
    predicate = prop_def(IntegerAttr)
    traits = traits_def(Pure())


@irdl_op_definition
class ExtractElementOp(IRDLOperation):
    """One lane of a vector."""

    name = "llvm.extractelement"
    T: ClassVar = VarConstraint("T", AnyAttr())
    vector = operand_def(VectorType.constr(T))
    position = operand_def(IntegerType)
    res = result_def(T)
    traits = traits_def(Pure())
    assembly_format = "$vector `[` $position `:` type($position) `]` attr-dict `:` type($vector)"

    def __init__(self, vector: SSAValue, position: SSAValue):
        assert isinstance(vector.type, VectorType)
        super().__init__(operands=[vector, position], result_types=[vector.type.element_type])


class _Conversion(IRDLOperation):
    arg = operand_def(Attribute)
    result = result_def(Attribute)
    traits = traits_def(Pure())
    assembly_format = "$arg attr-dict `:` type($arg) `to` type($result)"

    def __init__(self, arg: SSAValue, type_: Attribute):
        super().__init__(operands=[arg], result_types=[type_])


@irdl_op_definition
class UIToFPOp(_Conversion):
    """An unsigned integer as a float."""

    name = "llvm.uitofp"


@irdl_op_definition
class FPToSIOp(_Conversion):
    """A float towards zero as an integer; what does not fit is poison (`llvm.fptosi.sat` saturates)."""

    name = "llvm.fptosi"


@irdl_op_definition
class FPToUIOp(_Conversion):
    """A float towards zero as an unsigned integer; what does not fit is poison (`llvm.fptoui.sat` saturates)."""

    name = "llvm.fptoui"


_OWN: tuple[type[Operation], ...] = (SelectOp, FCmpOp, ICmpOp, ExtractElementOp, UIToFPOp, FPToSIOp, FPToUIOp)

LLVM = Dialect(
    "llvm",
    [op for op in llvm.LLVM.operations if op.name not in {own.name for own in _OWN}] + list(_OWN),
    list(llvm.LLVM.attributes),
)
"""The dialect of the llvm level."""
