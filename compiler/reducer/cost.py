"""How large a module is, for comparison: a reduction only takes what is smaller, so it comes to an end."""

from __future__ import annotations

import math

from xdsl.dialects import arith, func
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    MemRefType,
    ModuleOp,
    TensorType,
    VectorType,
)
from xdsl.dialects.llvm import ConstantOp as LLVMConstantOp
from xdsl.ir import Attribute, SSAValue

from ...dialects.state import VariableType
from ...dialects.types import DYNAMIC

CONSTANTS = (arith.ConstantOp, LLVMConstantOp)
"""Ops that are a constant."""

Cost = tuple[float, ...]
_UNKNOWN_SIZE = 1000
_WIDE = 64


def cost(module: ModuleOp) -> Cost:
    """What makes a module large, the weightiest first.

    Functions and calls; blocks; ops that are no constants; ops; values and their uses; their types; constants;
    attributes; and the positions of the values that are used.
    """
    functions = regions = others = ops = attributes = used = 0
    constants = types = 0.0
    number: dict[SSAValue, int] = {}
    for op in module.walk():
        ops += 1
        functions += isinstance(op, func.FuncOp | func.CallOp)
        regions += sum(len(region.blocks) for region in op.regions)
        attributes += len(op.attributes)
        if isinstance(op, CONSTANTS):
            constants += constant_weight(op.properties["value"])
        else:
            others += 1
        arguments = (argument for region in op.regions for block in region.blocks for argument in block.args)
        for value in (*op.results, *arguments):
            number[value] = len(number)
            types += type_weight(value.type)
    used = sum(number[operand] for op in module.walk() for operand in op.operands)
    uses = sum(len(op.operands) + len(op.successors) for op in module.walk())
    return (functions, regions, others, ops, len(number) + uses, types, constants, attributes, used)


def type_weight(type_: Attribute) -> float:
    """How complicated a type is: its elements' type, its rank, its sizes, those not known most of all."""
    if isinstance(type_, VariableType):
        return 1 + type_weight(type_.value_type)
    if isinstance(type_, TensorType | MemRefType | VectorType):
        sizes = (_UNKNOWN_SIZE if size == DYNAMIC else size for size in type_.get_shape())
        return type_weight(type_.element_type) + sum(10 + size for size in sizes)
    if isinstance(type_, IntegerType):
        return type_.width.data / _WIDE if type_.width.data > 1 else 0.0
    if isinstance(type_, AnyFloat):
        return type_.bitwidth / _WIDE
    return 0.5 if isinstance(type_, IndexType) else 1.0


def constant_weight(attr: Attribute) -> float:
    """How complicated a constant is: 0 and 1 least, then small whole numbers, one number for all elements."""
    if isinstance(attr, IntegerAttr):
        return _number_weight(attr.value.data)
    if isinstance(attr, FloatAttr):
        return _number_weight(attr.value.data)
    if isinstance(attr, DenseIntOrFPElementsAttr):
        values = attr.get_values()
        different = set(values)
        weight = max(map(_number_weight, different), default=0.0)
        return weight if len(different) <= 1 else weight + 5 + len(different)
    return 10.0


def _number_weight(value: float | tuple[float, float]) -> float:
    if isinstance(value, tuple):
        return sum(map(_number_weight, value))
    if not math.isfinite(value):
        return 5.0
    weight = min(4.0, math.log2(1 + abs(value)) / 16) if value not in (0, 1) else 0.01 * abs(value)
    return weight + (0.5 if value < 0 else 0.0) + (0.0 if value == int(value) else 1.0)
