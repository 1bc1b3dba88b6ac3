"""Which sizes of tensors are the same at run time: each is traced back to the value that decides it."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IntegerAttr, TensorType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import SSAValue

from ....types import DYNAMIC, shape_of

SizeRoot = tuple[SSAValue, int] | int
"""The tensor and the axis that decide a size, or the size itself where it is static."""


def size_root(value: SSAValue, axis: int) -> SizeRoot:
    """The value and axis that a size comes from, seen through ops whose results have the size of an operand.

    Two sizes with the same root are the same at run time. A static size is its own root.

    Example: the root of axis 0 of `%2` below is `(%x, 0)`.

        %0 = tensor.dim %x, %c0 : tensor<?x4xf32>
        %1 = tensor.empty(%0) : tensor<?x8xf32>
        %2 = linalg.fill ins(%zero : f32) outs(%1 : tensor<?x8xf32>) -> tensor<?x8xf32>
    """
    while True:
        size = _shape(value)[axis]
        if size != DYNAMIC:
            return size
        step = _same_size(value, axis)
        if step is None:
            return value, axis
        if isinstance(step, int):
            return step
        value, axis = step


def size_operand(op: tensor.EmptyOp, axis: int) -> SSAValue:
    """The operand of `tensor.empty` that is the size of a dynamic axis."""
    return op.dynamic_sizes[_dynamic_position(op.tensor, axis)]


def _shape(value: SSAValue) -> tuple[int, ...]:
    assert isinstance(value.type, TensorType)
    return shape_of(value.type)


def _dynamic_position(value: SSAValue, axis: int) -> int:
    """The index of a dynamic axis among the dynamic axes of `value`."""
    return sum(size == DYNAMIC for size in _shape(value)[:axis])


def _same_size(value: SSAValue, axis: int) -> SizeRoot | None:
    """What decides the dynamic size of `axis` of `value`, one op further up; `None` if that op does."""
    op = value.owner
    match op:
        case linalg.GenericOp() | linalg.FillOp() | linalg.MatmulOp():
            return op.outputs[_position(op.results, value)], axis
        case tensor.CastOp():
            return op.source, axis
        case tensor.InsertOp() | tensor.InsertSliceOp():
            return op.dest, axis
        case tensor.EmptyOp():
            return _measured(size_operand(op, axis))
        case tensor.ExtractSliceOp():
            return _taken(op, axis)
        case tensor.ExpandShapeOp():
            return _measured(op.dynamic_output_shape[_dynamic_position(value, axis)])
        case tensor.CollapseShapeOp():
            return _collapsed(op, axis)
        case scf.ForOp():
            return _carried(op, _position(op.results, value), axis)
        case scf.IfOp():
            return _agreed(op, _position(op.results, value), axis)
        case _:
            return None


def _position(values: Sequence[SSAValue], value: SSAValue) -> int:
    return next(index for index, other in enumerate(values) if other is value)


def _measured(size: SSAValue) -> SizeRoot | None:
    """The tensor and axis of which `size` is the `tensor.dim`."""
    op = size.owner
    if not isinstance(op, tensor.DimOp) or not isinstance(op.index.owner, arith.ConstantOp):
        return None
    axis = op.index.owner.value
    assert isinstance(axis, IntegerAttr)
    return op.source, axis.value.data


def _taken(op: tensor.ExtractSliceOp, axis: int) -> SizeRoot | None:
    """The tensor and axis that the size of a slice was read from."""
    static = op.static_sizes.get_values()
    if len(static) != len(_shape(op.result)) or static[axis] != DYNAMIC:
        return None
    return _measured(op.sizes[sum(size == DYNAMIC for size in static[:axis])])


def _collapsed(op: tensor.CollapseShapeOp, axis: int) -> SizeRoot | None:
    """The only axis that is not of size 1 among those that were collapsed into one."""
    shape = _shape(op.src)
    group = [index.value.data for index in op.reassociation.data[axis].data]  # pyright: ignore
    large = [index for index in group if shape[index] != 1]
    return (op.src, large[0]) if len(large) == 1 else None


def _carried(op: scf.ForOp, position: int, axis: int) -> SizeRoot | None:
    """The initial value, if each iteration passes on a value of the size it was given."""
    argument, terminator = op.body.block.args[1 + position], op.body.block.last_op
    assert terminator is not None
    keeps = size_root(terminator.operands[position], axis) == (argument, axis)
    return (op.iter_args[position], axis) if keeps else None


def _agreed(op: scf.IfOp, position: int, axis: int) -> SizeRoot | None:
    """The root that both branches have in common; it is defined before the branches, or not common."""
    ends = [region.block.last_op for region in (op.true_region, op.false_region)]
    roots = {size_root(end.operands[position], axis) for end in ends if end is not None}
    return roots.pop() if len(roots) == 1 else None
