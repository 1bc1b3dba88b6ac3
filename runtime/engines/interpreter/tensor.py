"""The meaning of `tensor`: values that never change; an "insert" is a new tensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import memref, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.interpreter import InterpreterFunctions, PythonValues, ReturnedValues, TerminatorValue, register_impls

from .errors import InterpreterError, refusal
from .machine import Machine, impl, impl_terminator
from .values import dtype_of, fits, mixed, shape_text, shape_with, uninitialised


def slices(
    shape: Sequence[int], offsets: Sequence[int], sizes: Sequence[int], strides: Sequence[int]
) -> tuple[slice, ...]:
    """The numpy slices of a slice of the IR, checked to lie within `shape`."""
    result = []
    for axis, (total, offset, size, stride) in enumerate(zip(shape, offsets, sizes, strides, strict=True)):
        last = offset + (size - 1) * stride
        empty = size == 0 and 0 <= offset <= total
        if size < 0 or not (empty or (0 <= offset < total and 0 <= last < total)):
            what = f"{size} elements from {offset}" + (f" in steps of {stride}" if stride != 1 else "")
            raise InterpreterError(f"{what} are out of range for axis {axis} of shape {list(shape)}")
        end = last + (1 if stride > 0 else -1)
        result.append(slice(0, 0) if empty else slice(offset, end if end >= 0 else None, stride or 1))
    return tuple(result)


Slicing = tensor.ExtractSliceOp | tensor.InsertSliceOp | memref.SubviewOp | memref.ReinterpretCastOp


def slice_parameters(op: Slicing, machine: Machine) -> list[tuple[int, ...]]:
    """Offsets, sizes and strides of a slicing op."""
    return [
        mixed(static.get_values(), machine.get_values(dynamic))
        for static, dynamic in (
            (op.static_offsets, op.offsets),
            (op.static_sizes, op.sizes),
            (op.static_strides, op.strides),
        )
    ]


def reshaped(array: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """`array` with another shape of as many elements."""
    if int(np.prod(shape, dtype=np.int64)) != array.size:
        raise InterpreterError(f"shape {list(array.shape)} cannot become {list(map(int, shape))}")
    return array.reshape(shape)


def collapsed_shape(shape: Sequence[int], reassociation: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """The shape in which each group of axes has become one."""
    return tuple(int(np.prod([shape[axis] for axis in group], dtype=np.int64)) for group in reassociation)


def groups_of(op: tensor.CollapseShapeOp) -> list[list[int]]:
    """The groups of axes of a reassociation."""
    return [[axis.value.data for axis in group.data] for group in op.reassociation.data]


@register_impls
class TensorFunctions(InterpreterFunctions):
    """Implementations of the ops of `tensor`."""

    @impl(tensor.EmptyOp)
    def empty(self, machine: Machine, op: tensor.EmptyOp, args: PythonValues) -> PythonValues:
        """An uninitialized tensor."""
        return (uninitialised(shape_with(op.tensor.type, args), dtype_of(op.tensor.type)),)

    @impl(tensor.DimOp)
    def dim(self, machine: Machine, op: tensor.DimOp, args: PythonValues) -> PythonValues:
        """The size along an axis."""
        array, axis = args
        machine.element_index((axis,), (array.ndim,))
        return (np.int64(array.shape[int(axis)]) if np.ndim(axis) == 0 else np.array(array.shape)[axis],)

    @impl(tensor.CastOp)
    def cast(self, machine: Machine, op: tensor.CastOp, args: PythonValues) -> PythonValues:
        """The same tensor, whose sizes are those that the type says."""
        assert isinstance(op.dest.type, TensorType)
        if not fits(args[0].shape, op.dest.type):
            expected = shape_text(op.dest.type.get_shape())
            raise refusal("", f"expected a tensor of shape {expected}, got {list(args[0].shape)}")
        return (args[0],)

    @impl(tensor.ExtractOp)
    def extract(self, machine: Machine, op: tensor.ExtractOp, args: PythonValues) -> PythonValues:
        """One element (in a linalg body: one per lane)."""
        array, *indices = args
        return (take(machine, array, indices),)

    @impl(tensor.InsertOp)
    def insert(self, machine: Machine, op: tensor.InsertOp, args: PythonValues) -> PythonValues:
        """The tensor with one element replaced."""
        scalar, array, *indices = args
        result = array.copy()
        result[machine.element_index(indices, array.shape)] = scalar
        return (result,)

    @impl(tensor.FromElementsOp)
    def from_elements(self, machine: Machine, op: tensor.FromElementsOp, args: PythonValues) -> PythonValues:
        """The elements in row-major order."""
        type_ = op.result.type
        return (np.array(args, dtype_of(type_)).reshape(type_.get_shape()),)

    @impl(tensor.SplatOp)
    def splat(self, machine: Machine, op: tensor.SplatOp, args: PythonValues) -> PythonValues:
        """One value everywhere."""
        value, *sizes = args
        return (np.full(shape_with(op.result.type, sizes), value, dtype_of(op.result.type)),)

    @impl(tensor.ExtractSliceOp)
    def extract_slice(self, machine: Machine, op: tensor.ExtractSliceOp, args: PythonValues) -> PythonValues:
        """A part; axes of size 1 that the result's type lacks are dropped."""
        offsets, sizes, strides = slice_parameters(op, machine)
        part = args[0][(..., *slices(args[0].shape, offsets, sizes, strides))]
        return (part.reshape(kept_shape(op, sizes)),)

    @impl(tensor.InsertSliceOp)
    def insert_slice(self, machine: Machine, op: tensor.InsertSliceOp, args: PythonValues) -> PythonValues:
        """The tensor with a part replaced."""
        source, dest = args[:2]
        offsets, sizes, strides = slice_parameters(op, machine)
        result = dest.copy()
        result[slices(dest.shape, offsets, sizes, strides)] = reshaped(source, sizes)
        return (result,)

    @impl(tensor.CollapseShapeOp)
    def collapse_shape(self, machine: Machine, op: tensor.CollapseShapeOp, args: PythonValues) -> PythonValues:
        """Groups of axes become one axis each."""
        return (args[0].reshape(collapsed_shape(args[0].shape, groups_of(op))),)

    @impl(tensor.ExpandShapeOp)
    def expand_shape(self, machine: Machine, op: tensor.ExpandShapeOp, args: PythonValues) -> PythonValues:
        """An axis becomes several."""
        return (reshaped(args[0], mixed(op.static_output_shape.get_values(), args[1:])),)

    @impl(tensor.ReshapeOp)
    def reshape(self, machine: Machine, op: tensor.ReshapeOp, args: PythonValues) -> PythonValues:
        """The same elements in another shape."""
        return (reshaped(args[0], tuple(int(size) for size in args[1])),)

    @impl(tensor.ConcatOp)
    def concat(self, machine: Machine, op: tensor.ConcatOp, args: PythonValues) -> PythonValues:
        """Tensors side by side."""
        axis = op.dim.value.data
        for array in args:
            if any(a != b for i, (a, b) in enumerate(zip(array.shape, args[0].shape)) if i != axis):
                shapes = ", ".join(str(list(each.shape)) for each in args)
                raise InterpreterError(f"tensors of shapes {shapes} cannot be joined along axis {axis}")
        return (np.concatenate(args, axis=axis),)

    @impl(tensor.PadOp)
    def pad(self, machine: Machine, op: tensor.PadOp, args: PythonValues) -> PythonValues:
        """The tensor with a border, whose elements the region computes from their indices."""
        source = args[0]
        low = mixed(op.static_low.get_values(), machine.get_values(op.low))
        high = mixed(op.static_high.get_values(), machine.get_values(op.high))
        shape = [size + before + after for size, before, after in zip(source.shape, low, high, strict=True)]
        result = uninitialised(shape, source.dtype)
        grid = tuple(np.ogrid[tuple(slice(size) for size in shape)]) if shape else ()
        (border,) = machine.run_ssacfg_region(op.region, grid)
        result[...] = border
        result[slices(shape, low, source.shape, [1] * source.ndim)] = source
        return (result,)

    @impl_terminator(tensor.YieldOp)
    def run_yield(
        self, machine: Machine, op: tensor.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Leaves the region of a `tensor.pad`."""
        return ReturnedValues(args), ()


def take(machine: Machine, array: np.ndarray, indices: Sequence[np.ndarray]) -> np.ndarray:
    """An element, or one per lane, with checked indices."""
    where = machine.element_index(indices, array.shape)
    if array.size == 0:
        return np.zeros(np.broadcast_shapes(*(np.shape(index) for index in where)), array.dtype)[()]
    return array[where]


def kept_shape(op: tensor.ExtractSliceOp | memref.SubviewOp, sizes: Sequence[int]) -> tuple[int, ...]:
    """The shape of a slice whose type may lack some of the axes that are known to be of size 1."""
    expected = op.result.type.get_shape()
    shape: list[int] = []
    spare = len(sizes) - len(expected)
    for known, size in zip(op.static_sizes.get_values(), sizes, strict=True):
        wanted = expected[len(shape)] if len(shape) < len(expected) else None
        if spare and known == 1 and wanted != 1:
            spare -= 1
        else:
            shape.append(size)
    return tuple(shape)


FUNCTIONS = (TensorFunctions(),)
