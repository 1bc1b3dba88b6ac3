"""Two ops between `hl` and ONNX: one part of a result of a loop, and the parts together."""

from __future__ import annotations

from xdsl.dialects.builtin import IntegerAttr, StringAttr, TensorType, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, prop_def, result_def


@irdl_op_definition
class CollectOp(IRDLOperation):
    """Appends a value to a result of the loop around, once in each iteration: a scan output of ONNX's `Loop`.

    All values must have one shape; `message` says what it means where they do not.
    """

    name = "onnx.collect"

    value = operand_def(TensorType[Attribute])
    index = prop_def(IntegerAttr)
    message = prop_def(StringAttr)

    def __init__(self, value: SSAValue, index: int, message: str):
        properties = {"index": IntegerAttr(index, i64), "message": StringAttr(message)}
        super().__init__(operands=[value], properties=properties)


@irdl_op_definition
class CollectedOp(IRDLOperation):
    """What the loop before it has collected under an index, along a new first axis."""

    name = "onnx.collected"

    index = prop_def(IntegerAttr)
    result = result_def(TensorType[Attribute])

    def __init__(self, index: int, type_: TensorType[Attribute]):
        super().__init__(properties={"index": IntegerAttr(index, i64)}, result_types=[type_])
