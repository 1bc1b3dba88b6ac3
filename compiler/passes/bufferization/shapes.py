"""Whether two tensors have the same shape at run time, as far as one can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdsl.dialects import arith, memref, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerAttr, TensorType
from xdsl.ir import OpResult, SSAValue

from .placement import written_over

if TYPE_CHECKING:
    from .rewriter import Rewriter

Root = int | tuple[SSAValue, int]
"""Where a size comes from: it is known, or that of a tensor or memref along an axis."""


def _root(value: SSAValue, axis: int) -> Root:
    while True:
        assert isinstance(value.type, TensorType)
        size = value.type.get_shape()[axis]
        if size != DYNAMIC_INDEX:
            return size
        op = value.owner
        if isinstance(op, tensor.CastOp):
            value = op.source
        elif isinstance(value, OpResult) and (over := written_over(value)) is not None:
            value = over
        elif isinstance(op, tensor.EmptyOp):
            return _root_of_size(op, axis)
        else:
            return value, axis


def _root_of_size(op: tensor.EmptyOp, axis: int) -> Root:
    """Where a size of an uninitialised tensor comes from."""
    shape = op.tensor.type.get_shape()
    source = op.dynamic_sizes[sum(size == DYNAMIC_INDEX for size in shape[:axis])].owner
    if not isinstance(source, tensor.DimOp | memref.DimOp) or not isinstance(source.index.owner, arith.ConstantOp):
        return op.tensor, axis
    index = source.index.owner.value
    assert isinstance(index, IntegerAttr)
    if isinstance(source, tensor.DimOp):
        return _root(source.source, index.value.data)
    return source.source, index.value.data


def keeps_shape(r: Rewriter, init: SSAValue, argument: SSAValue, carried: SSAValue) -> bool:
    """Whether what a loop carries on has the shape of what it began with."""
    assert isinstance(argument.type, TensorType)
    for axis, size in enumerate(argument.type.get_shape()):
        if size != DYNAMIC_INDEX:
            continue
        known: list[Root] = [(argument, axis), _root(init, axis)]
        if init in r.buffers:
            known.append((r.buffers[init].memref, axis))
        if _root(carried, axis) not in known:
            return False
    return True


def is_static(value: SSAValue) -> bool:
    """Whether all sizes of a tensor are known."""
    return isinstance(value.type, TensorType) and value.type.has_static_shape()


__all__ = ["is_static", "keeps_shape"]
