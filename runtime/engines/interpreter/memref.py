"""The meaning of `memref`: numpy arrays that are written in place, so that views alias as they do in memory.

Each access is checked: that the place lies in the memref, that the memory has not been freed, and that it is no
constant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import memref
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, MemRefType, NoneAttr, StridedLayoutAttr
from xdsl.interpreter import InterpreterFunctions, PythonValues, ReturnedValues, TerminatorValue, register_impls
from xdsl.ir import Attribute, SSAValue

from .errors import InterpreterError
from .machine import Machine, impl, impl_terminator, is_lanes
from .tensor import collapsed_shape, kept_shape, slice_parameters, slices, take
from .values import constant, dtype_of, fits, mixed, shape_text, shape_with, uninitialised


def memory_of(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory of which `array` is a view."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def readable(machine: Machine, array: np.ndarray) -> np.ndarray:
    """`array`, whose memory must not have been freed."""
    if id(memory_of(array)) in machine.freed:
        raise InterpreterError("use of memory that has been freed")
    return array


def writable(machine: Machine, array: np.ndarray) -> np.ndarray:
    """`array`, whose memory must not have been freed, and must be no constant."""
    if not array.flags.writeable:
        raise InterpreterError("a write to constant memory")
    return readable(machine, array)


def viewed(array: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The same memory in another shape; it must be laid out so that no copy is needed."""
    if int(np.prod(shape, dtype=np.int64)) != array.size:
        raise InterpreterError(f"memory of shape {list(array.shape)} cannot be seen as {list(map(int, shape))}")
    try:
        return array.reshape(shape, copy=False)
    except ValueError:
        raise InterpreterError(
            f"memory of shape {list(array.shape)} and strides {_strides(array)} cannot be seen as "
            f"{list(map(int, shape))} without a copy"
        ) from None


def _strides(array: np.ndarray) -> list[int]:
    """The strides in elements."""
    return [step // array.itemsize for step in array.strides]


def _type(value: SSAValue) -> MemRefType:
    assert isinstance(value.type, MemRefType), value.type
    return value.type


@register_impls
class AccessFunctions(InterpreterFunctions):
    """Memory that comes, goes, is read and written."""

    @impl(memref.AllocOp)
    def alloc(self, machine: Machine, op: memref.AllocOp, args: PythonValues) -> PythonValues:
        """Uninitialized memory, until it is freed."""
        array = uninitialised(shape_with(_type(op.memref), machine.get_values(op.dynamic_sizes)), _dtype(op.memref))
        machine.allocations[id(array)] = array
        return (array,)

    @impl(memref.AllocaOp)
    def alloca(self, machine: Machine, op: memref.AllocaOp, args: PythonValues) -> PythonValues:
        """Uninitialized memory that is not freed explicitly."""
        return (uninitialised(shape_with(_type(op.memref), machine.get_values(op.dynamic_sizes)), _dtype(op.memref)),)

    @impl(memref.DeallocOp)
    def dealloc(self, machine: Machine, op: memref.DeallocOp, args: PythonValues) -> PythonValues:
        """Frees memory that `memref.alloc` made, once."""
        array = memory_of(args[0])
        if id(array) in machine.freed:
            raise InterpreterError("memory is freed twice")
        if machine.allocations.pop(id(array), None) is None:
            raise InterpreterError("memory is freed that was not allocated by memref.alloc")
        machine.freed[id(array)] = array
        return ()

    @impl(memref.LoadOp)
    def load(self, machine: Machine, op: memref.LoadOp, args: PythonValues) -> PythonValues:
        """One element (in a linalg body: one per lane)."""
        array, *indices = args
        return (take(machine, readable(machine, array), indices),)

    @impl(memref.StoreOp)
    def store(self, machine: Machine, op: memref.StoreOp, args: PythonValues) -> PythonValues:
        """Replaces one element."""
        value, array, *indices = args
        if machine.active is not None or any(map(is_lanes, (value, *indices))):
            raise InterpreterError("a linalg body cannot store to memory")
        writable(machine, array)[machine.element_index(indices, array.shape)] = value
        return ()

    @impl(memref.CopyOp)
    def copy(self, machine: Machine, op: memref.CopyOp, args: PythonValues) -> PythonValues:
        """Copies all elements, as they are before, even where the two overlap."""
        source, target = args
        if source.shape != target.shape:
            raise InterpreterError(f"memory of shape {list(source.shape)} is copied to {list(target.shape)}")
        writable(machine, target)[...] = readable(machine, source)
        return ()

    @impl(memref.GetGlobalOp)
    def get_global(self, machine: Machine, op: memref.GetGlobalOp, args: PythonValues) -> PythonValues:
        """The memory of a global, which is the same each time."""
        name = op.name_.string_value()
        if name not in machine.globals:
            machine.globals[name] = _global(machine, name)
        return (machine.globals[name],)

    @impl(memref.GlobalOp)
    def define_global(self, machine: Machine, op: memref.GlobalOp, args: PythonValues) -> PythonValues:
        """A definition does nothing by itself."""
        return ()

    @impl(memref.AllocaScopeOp)
    def alloca_scope(self, machine: Machine, op: memref.AllocaScopeOp, args: PythonValues) -> PythonValues:
        """The region, once."""
        return machine.run_ssacfg_region(op.scope, ())

    @impl_terminator(memref.AllocaScopeReturnOp)
    def leave_scope(
        self, machine: Machine, op: memref.AllocaScopeReturnOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Leaves the region."""
        return ReturnedValues(args), ()


def _dtype(value: SSAValue) -> np.dtype:
    return dtype_of(_type(value))


def _global(machine: Machine, name: str) -> np.ndarray:
    for op in machine.module.body.block.ops:
        if isinstance(op, memref.GlobalOp) and op.sym_name.data == name:
            initial = op.initial_value
            if not isinstance(initial, DenseIntOrFPElementsAttr):
                return uninitialised(shape_with(op.type, ()), dtype_of(op.type))
            array = np.array(constant(initial))
            array.flags.writeable = op.constant is None
            return array
    raise InterpreterError(f"there is no global @{name}")


@register_impls
class ViewFunctions(InterpreterFunctions):
    """The same memory, seen in another way."""

    @impl(memref.DimOp)
    def dim(self, machine: Machine, op: memref.DimOp, args: PythonValues) -> PythonValues:
        """The size along an axis."""
        array, axis = args
        machine.element_index((axis,), (array.ndim,))
        return (np.array(array.shape, np.int64)[axis],)

    @impl(memref.RankOp)
    def rank(self, machine: Machine, op: memref.RankOp, args: PythonValues) -> PythonValues:
        """The number of axes."""
        return (np.int64(args[0].ndim),)

    @impl(memref.CastOp)
    def cast(self, machine: Machine, op: memref.CastOp, args: PythonValues) -> PythonValues:
        """The same memref, whose sizes and strides are those that the type says."""
        (array,) = args
        type_ = _type(op.dest)
        if not fits(array.shape, type_):
            raise InterpreterError(
                f"expected a memref of shape {shape_text(type_.get_shape())}, got {list(array.shape)}"
            )
        _check_strides(array, type_)
        return (array,)

    @impl(memref.MemorySpaceCastOp)
    def memory_space_cast(self, machine: Machine, op: memref.MemorySpaceCastOp, args: PythonValues) -> PythonValues:
        """The same memref: there is one memory."""
        return args

    @impl(memref.AssumeAlignmentOp)
    def assume_alignment(self, machine: Machine, op: memref.AssumeAlignmentOp, args: PythonValues) -> PythonValues:
        """The same memref; what is promised only matters to machine code."""
        return args

    @impl(memref.SubviewOp)
    def subview(self, machine: Machine, op: memref.SubviewOp, args: PythonValues) -> PythonValues:
        """A part; axes of size 1 that the result's type lacks are dropped."""
        offsets, sizes, strides = slice_parameters(op, machine)
        part = viewed(args[0][(..., *slices(args[0].shape, offsets, sizes, strides))], kept_shape(op, sizes))
        _check_strides(part, _type(op.result))
        _check_offset(part, _type(op.result), args[0], _type(op.source))
        return (part,)

    @impl(memref.CollapseShapeOp)
    def collapse_shape(self, machine: Machine, op: memref.CollapseShapeOp, args: PythonValues) -> PythonValues:
        """Groups of axes become one axis each."""
        groups = [[axis.value.data for axis in group.data] for group in op.reassociation.data]
        return (viewed(args[0], collapsed_shape(args[0].shape, groups)),)

    @impl(memref.ExpandShapeOp)
    def expand_shape(self, machine: Machine, op: memref.ExpandShapeOp, args: PythonValues) -> PythonValues:
        """An axis becomes several."""
        return (viewed(args[0], mixed(op.static_output_shape.get_values(), args[1:])),)

    @impl(memref.ReinterpretCastOp)
    def reinterpret_cast(self, machine: Machine, op: memref.ReinterpretCastOp, args: PythonValues) -> PythonValues:
        """Any elements of the memory, in steps of the strides from the offset on."""
        (offset,), sizes, strides = slice_parameters(op, machine)
        return (strided(memory_of(args[0]), offset, sizes, strides),)


def _check_strides(array: np.ndarray, type_: MemRefType[Attribute]) -> None:
    """Check that a view has the strides that its type says; those of axes of size 1 do not matter."""
    expected, found = type_.get_strides(), _strides(array)
    known = zip(array.shape, expected, found, strict=True) if expected is not None else ()
    if array.size and any(size > 1 and want not in (None, have) for size, want, have in known):
        raise InterpreterError(f"expected a memref of strides {expected}, got {found}")


def _check_offset(
    part: np.ndarray, type_: MemRefType[Attribute], source: np.ndarray, of: MemRefType[Attribute]
) -> None:
    """Check that a part begins where its type says, as far as the types say it."""
    start, begin = _offset(of), _offset(type_)
    if start is None or begin is None or not part.size:
        return
    found = start + (part.ctypes.data - source.ctypes.data) // part.itemsize
    if found != begin:
        raise InterpreterError(f"expected a memref of offset {begin}, got {found}")


def _offset(type_: MemRefType[Attribute]) -> int | None:
    """Where a memref begins in its memory, in elements; None where its type does not say it."""
    if isinstance(type_.layout, NoneAttr):
        return 0
    return type_.layout.get_offset() if isinstance(type_.layout, StridedLayoutAttr) else None


def strided(memory: np.ndarray, offset: int, sizes: Sequence[int], strides: Sequence[int]) -> np.ndarray:
    """A view of `memory` by an offset and strides in elements, which must lie within it."""
    low = high = offset
    for size, stride in zip(sizes, strides, strict=True):
        reach = (size - 1) * stride
        low, high = low + min(reach, 0), high + max(reach, 0)
    if any(size < 0 for size in sizes) or (0 not in sizes and not 0 <= low <= high < memory.size):
        raise InterpreterError(
            f"offset {offset}, sizes {list(sizes)} and strides {list(strides)} reach out of {memory.size} elements"
        )
    whole = memory.reshape(-1, copy=False).view(np.uint8)
    start = 0 if 0 in sizes else offset * memory.itemsize
    return np.ndarray(sizes, memory.dtype, whole, start, [stride * memory.itemsize for stride in strides])


FUNCTIONS = (AccessFunctions(), ViewFunctions())
