"""Variables: state that outlives a call, as ops whose order is the order of the program.

A Variable that a function captures becomes an argument of type `!state.variable<tensor<…>>`. From `linalg` down it is
a plain `memref`, updated in place.
"""

from __future__ import annotations

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Dialect, ParametrizedAttribute, SSAValue, TypeAttribute
from xdsl.irdl import (
    IRDLOperation,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    param_def,
    result_def,
    traits_def,
)
from xdsl.traits import MemoryReadEffect, MemoryWriteEffect
from xdsl.utils.exceptions import VerifyException


@irdl_attr_definition
class VariableType(ParametrizedAttribute, TypeAttribute):
    """A mutable tensor of fixed dtype and shape: `!state.variable<tensor<64x10xf32>>`."""

    name = "state.variable"

    value_type: TensorType = param_def()


SIZE_MESSAGE = "a variable of size {{1}} in dimension {0} is given a value of size {{0}}"
"""What is said of an update of another size than the Variable's, once the dimension is filled in."""


def _value_type(variable: SSAValue) -> TensorType[Attribute]:
    assert isinstance(variable.type, VariableType)
    return variable.type.value_type


def _verify_value(op: IRDLOperation, variable: SSAValue, value: SSAValue) -> None:
    if value.type != _value_type(variable):
        raise VerifyException(
            f"[{op.name} C1] the value has the variable's type, expected {_value_type(variable)}, got {value.type}"
        )


@irdl_op_definition
class ReadOp(IRDLOperation):
    """The value of the variable at this point of the program; later assignments do not change it.

    ```mlir
    %w = state.read %v : !state.variable<tensor<64x10xf32>> -> tensor<64x10xf32>
    ```
    """

    name = "state.read"

    variable = operand_def(VariableType)
    value = result_def(TensorType)

    traits = traits_def(MemoryReadEffect())
    assembly_format = "$variable attr-dict `:` type($variable) `->` type($value)"

    def __init__(self, variable: SSAValue):
        super().__init__(operands=[variable], result_types=[_value_type(variable)])

    def verify_(self) -> None:
        """C1: the result has the variable's type."""
        _verify_value(self, self.variable, self.value)


class UpdateOp(IRDLOperation):
    """An op that changes a variable."""

    variable = operand_def(VariableType)
    value = operand_def(TensorType)

    traits = traits_def(MemoryReadEffect(), MemoryWriteEffect())
    assembly_format = "$variable `,` $value attr-dict `:` type($variable) `,` type($value)"

    def __init__(self, variable: SSAValue, value: SSAValue):
        super().__init__(operands=[variable, value])

    def verify_(self) -> None:
        """C1: the value has the variable's type."""
        _verify_value(self, self.variable, self.value)


@irdl_op_definition
class AssignOp(UpdateOp):
    """Replaces the variable's value: `state.assign %v, %t`."""

    name = "state.assign"


@irdl_op_definition
class AssignAddOp(UpdateOp):
    """Adds to the variable's value: `state.assign_add %v, %t`."""

    name = "state.assign_add"


@irdl_op_definition
class AssignSubOp(UpdateOp):
    """Subtracts from the variable's value: `state.assign_sub %v, %t`."""

    name = "state.assign_sub"


State = Dialect("state", [ReadOp, AssignOp, AssignAddOp, AssignSubOp], [VariableType])
