"""Constant tensors: shared, read-only, aligned globals of the module."""

from __future__ import annotations

import math
from collections.abc import Iterator

from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IntegerAttr, ModuleOp, StringAttr, UnitAttr, i64
from xdsl.dialects.linalg.ops import GenericOp, YieldOp
from xdsl.ir import Attribute, OpResult, SSAValue

from ....dialects.emitter import Emitter
from ...targets import ALIGNMENT
from .storage import memref_of


class Constants:
    """The constants of a module: equal ones share a global."""

    def __init__(self, module: ModuleOp):
        self.module = module
        self.names: dict[Attribute, str] = {}
        self.taken = {op.sym_name.data for op in module.ops if isinstance(op, func.FuncOp | memref.GlobalOp)}

    def get(self, e: Emitter, op: arith.ConstantOp) -> SSAValue:
        """The memory of a constant tensor."""
        value, type_ = op.value, memref_of(op.result.type)
        name = self.names.get(value)
        if name is None:
            name = self.names[value] = self._define(op, value)
        return e.value(memref.GetGlobalOp(name, type_))

    def _define(self, op: arith.ConstantOp, value: Attribute) -> str:
        number = len(self.names)
        while f"constant_{number}" in self.taken:
            number += 1
        name = f"constant_{number}"
        self.taken.add(name)
        new = memref.GlobalOp.get(
            StringAttr(name),
            memref_of(op.result.type),
            value,
            constant=UnitAttr(),
            alignment=IntegerAttr(ALIGNMENT, i64),  # pyright: ignore[reportArgumentType]
        )
        new.location = op.location
        first = self.module.body.block.first_op
        assert first is not None
        self.module.body.block.insert_op_before(new, first)
        return name


def splat_value(e: Emitter, value: SSAValue) -> SSAValue | None:
    """The one scalar that all elements of a constant tensor are; `None` for other tensors."""
    op = value.owner
    attr = op.value if isinstance(op, arith.ConstantOp) else None
    if not isinstance(attr, DenseIntOrFPElementsAttr):
        return None
    data, shape = attr.data.data, attr.get_shape()
    count = math.prod(shape)
    size = len(data) // count if count else 0
    if not size or data != data[:size] * count:
        return None
    return e.value(arith.ConstantOp(next(iter(_first(attr)))))


def filled_with(value: SSAValue) -> SSAValue | None:
    """The one scalar that an op without inputs gives for all elements of a tensor; `None` for other tensors."""
    op = value.owner
    if not isinstance(value, OpResult) or not isinstance(op, GenericOp) or op.inputs:
        return None
    only = op.body.block.first_op
    if not isinstance(only, YieldOp):
        return None
    scalar = only.operands[value.index]
    return None if scalar.owner is op.body.block else scalar


def _first(attr: DenseIntOrFPElementsAttr) -> Iterator[IntegerAttr | FloatAttr]:
    return attr.iter_attrs()  # pyright: ignore


__all__ = ["Constants", "filled_with", "splat_value"]
