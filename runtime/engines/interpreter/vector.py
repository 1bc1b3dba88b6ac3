"""The meaning of `vector` and `simd`: arrays of lanes, on which `arith` and `math` work lane by lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.dialects import arith, vector
from xdsl.dialects.builtin import MemRefType, VectorType
from xdsl.dialects.vector import CombiningKindFlag
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr

from ....dialects import dtypes, simd
from .arith import BINARY, CASTS, FLOAT_PREDICATES, INTEGER_PREDICATES
from .errors import InterpreterError
from .fused import fused_multiply_add
from .machine import Machine, choose, impl
from .memref import readable, writable
from .values import Value, as_unsigned, dtype_of, mixed, uninitialised

_COMBINE: dict[CombiningKindFlag, tuple[type[Operation], type[Operation]]] = {
    CombiningKindFlag.ADD: (arith.AddiOp, arith.AddfOp),
    CombiningKindFlag.MUL: (arith.MuliOp, arith.MulfOp),
    CombiningKindFlag.MINUI: (arith.MinUIOp, arith.MinUIOp),
    CombiningKindFlag.MINSI: (arith.MinSIOp, arith.MinSIOp),
    CombiningKindFlag.MAXUI: (arith.MaxUIOp, arith.MaxUIOp),
    CombiningKindFlag.MAXSI: (arith.MaxSIOp, arith.MaxSIOp),
    CombiningKindFlag.AND: (arith.AndIOp, arith.AndIOp),
    CombiningKindFlag.OR: (arith.OrIOp, arith.OrIOp),
    CombiningKindFlag.XOR: (arith.XOrIOp, arith.XOrIOp),
    CombiningKindFlag.MINIMUMF: (arith.MinimumfOp, arith.MinimumfOp),
    CombiningKindFlag.MAXIMUMF: (arith.MaximumfOp, arith.MaximumfOp),
    CombiningKindFlag.MINNUMF: (arith.MinnumfOp, arith.MinnumfOp),
    CombiningKindFlag.MAXNUMF: (arith.MaxnumfOp, arith.MaxnumfOp),
}
"""The op that combines two values, for integers and for floats."""

_CAST_BY_NAME: dict[str, Callable[[Value, np.dtype], Value]] = {
    op.name.removeprefix("arith."): function for op, function in CASTS.items()
}


def _type(value: SSAValue) -> VectorType:
    assert isinstance(value.type, VectorType), value.type
    return value.type


def combined(kind: CombiningKindFlag, lhs: Value, rhs: Value) -> Value:
    """Two values as one."""
    return BINARY[_COMBINE[kind][dtypes.dtype_of(lhs).is_floating]](lhs, rhs)


def across(kind: CombiningKindFlag, lanes: np.ndarray) -> Value:
    """The lanes as one value: halves are combined, lane by lane, until one lane is left.

    For sums and products of floats the order matters; this is the one in which machine code takes them.
    """
    while lanes.size > 1:
        half = lanes.size // 2
        rest = lanes[2 * half :]
        lanes = np.concatenate([combined(kind, lanes[:half], lanes[half : 2 * half]), rest])
    return lanes[0]


@register_impls
class VectorFunctions(InterpreterFunctions):
    """Vectors from vectors and scalars."""

    @impl(vector.BroadcastOp)
    def broadcast(self, machine: Machine, op: vector.BroadcastOp, args: PythonValues) -> PythonValues:
        """The value in every lane; axes that a vector lacks are added in front."""
        return (np.broadcast_to(args[0], _type(op.vector).get_shape()).copy(),)

    @impl(vector.CreateMaskOp)
    def create_mask(self, machine: Machine, op: vector.CreateMaskOp, args: PythonValues) -> PythonValues:
        """True in the first lanes along each axis."""
        mask = np.ones(_type(op.mask_vector).get_shape(), np.bool_)
        for lane, count in zip(np.ogrid[tuple(map(slice, mask.shape))], args, strict=True):
            mask &= lane < count
        return (mask,)

    @impl(vector.FMAOp)
    def fma(self, machine: Machine, op: vector.FMAOp, args: PythonValues) -> PythonValues:
        """`lhs * rhs + acc`, rounded once."""
        return (fused_multiply_add(*args),)

    @impl(vector.ReductionOp)
    def reduction(self, machine: Machine, op: vector.ReductionOp, args: PythonValues) -> PythonValues:
        """The lanes as one value, combined with the accumulator last."""
        lanes, *accumulator = args
        result = across(op.kind.data, lanes)
        return (combined(op.kind.data, accumulator[0], result) if accumulator else result,)

    @impl(vector.ExtractOp)
    def extract(self, machine: Machine, op: vector.ExtractOp, args: PythonValues) -> PythonValues:
        """One lane, or all lanes at a position of the outer axes."""
        lanes, *dynamic = args
        return (np.array(lanes[_position(machine, op, lanes, dynamic)])[()],)

    @impl(vector.InsertOp)
    def insert(self, machine: Machine, op: vector.InsertOp, args: PythonValues) -> PythonValues:
        """The vector with one lane, or the lanes at a position of the outer axes, replaced."""
        value, lanes, *dynamic = args
        result = lanes.copy()
        result[_position(machine, op, lanes, dynamic)] = value
        return (result,)

    @impl(vector.ShuffleOp)
    def shuffle(self, machine: Machine, op: vector.ShuffleOp, args: PythonValues) -> PythonValues:
        """Lanes of the two vectors, concatenated, by their indices; -1 is any value."""
        lanes = np.concatenate([np.atleast_1d(arg) for arg in args])
        result = uninitialised(_type(op.result).get_shape(), lanes.dtype)
        for place, number in enumerate(op.mask.get_values()):
            if number >= 0:
                result[place] = lanes[number]
        return (result,)

    @impl(vector.BitcastOp)
    def bitcast(self, machine: Machine, op: vector.BitcastOp, args: PythonValues) -> PythonValues:
        """The same bits, read as another type."""
        return (args[0].view(dtype_of(_type(op.result))),)

    @impl(vector.PrintOp)
    def print(self, machine: Machine, op: vector.PrintOp, args: PythonValues) -> PythonValues:
        """A line of output."""
        print(args[0], file=machine.file)
        return ()


def sums_of_products(signs: str, lhs: np.ndarray, rhs: np.ndarray, total: np.ndarray) -> np.ndarray:
    """`total` plus the products of as many neighbouring lanes for each of its lanes; see `simd.dot`."""
    a, b = (
        (as_unsigned(lanes) if sign == "u" else lanes).astype(total.dtype)
        for sign, lanes in zip(signs, (lhs, rhs), strict=True)
    )
    return total + (a * b).reshape(total.size, -1).sum(axis=1, dtype=total.dtype)


def _position(
    machine: Machine, op: vector.ExtractOp | vector.InsertOp, lanes: np.ndarray, dynamic: Sequence[Value]
) -> tuple[Value, ...]:
    place = tuple(map(np.int64, mixed(op.static_position.get_values(), dynamic)))
    return machine.element_index(place, lanes.shape[: len(place)])


@register_impls
class AccessFunctions(InterpreterFunctions):
    """Vectors from and to memory."""

    @impl(vector.LoadOp)
    def load(self, machine: Machine, op: vector.LoadOp, args: PythonValues) -> PythonValues:
        """Neighbours along the last axes."""
        array, *indices = args
        places = _neighbours(indices, _type(op.result).get_shape())
        return (_dense(readable(machine, array))[machine.element_index(places, array.shape)],)

    @impl(vector.StoreOp)
    def store(self, machine: Machine, op: vector.StoreOp, args: PythonValues) -> PythonValues:
        """Replaces neighbours along the last axes."""
        lanes, array, *indices = args
        places = _neighbours(indices, lanes.shape)
        _dense(writable(machine, array))[machine.element_index(places, array.shape)] = lanes
        return ()

    @impl(vector.MaskedLoadOp)
    def masked_load(self, machine: Machine, op: vector.MaskedLoadOp, args: PythonValues) -> PythonValues:
        """Neighbours along the last axis in the lanes of the mask; in the others, memory is not touched."""
        array, *indices, mask, otherwise = args
        places = _masked(_neighbours(indices, mask.shape), mask)
        result = otherwise.copy()
        result[mask] = _dense(readable(machine, array))[machine.element_index(places, array.shape)]
        return (result,)

    @impl(vector.MaskedStoreOp)
    def masked_store(self, machine: Machine, op: vector.MaskedStoreOp, args: PythonValues) -> PythonValues:
        """Replaces neighbours along the last axis in the lanes of the mask."""
        array, *indices, mask, lanes = args
        places = _masked(_neighbours(indices, mask.shape), mask)
        _dense(writable(machine, array))[machine.element_index(places, array.shape)] = lanes[mask]
        return ()

    @impl(vector.TransferReadOp)
    def transfer_read(self, machine: Machine, op: vector.TransferReadOp, args: PythonValues) -> PythonValues:
        """Elements of a tensor or memref; the padding where there are none, or the mask is false."""
        array, padding = readable(machine, args[0]), machine.frame[op.padding]
        shape = _type(op.result).get_shape()
        places, inside = _transfer(machine, op, array, shape)
        result = np.full(shape, padding, array.dtype)
        result[inside] = array[_masked(places, inside)]
        return (result,)

    @impl(vector.TransferWriteOp)
    def transfer_write(self, machine: Machine, op: vector.TransferWriteOp, args: PythonValues) -> PythonValues:
        """Replaces elements of a memref, or returns the tensor with them replaced; not those outside of it."""
        lanes, array = args[:2]
        array = writable(machine, array) if isinstance(op.source.type, MemRefType) else array.copy()
        places, inside = _transfer(machine, op, array, lanes.shape)
        array[_masked(places, inside)] = lanes[inside]
        return () if op.result is None else (array,)


def _dense(array: np.ndarray) -> np.ndarray:
    """Memory whose last axis has no gaps: `vector.load` and `vector.store` are defined for no other."""
    if array.ndim and array.shape[-1] > 1 and array.strides[-1] != array.itemsize:
        stride = array.strides[-1] // array.itemsize
        raise InterpreterError(f"a vector from or to memory whose last axis has a stride of {stride}, expected 1")
    return array


def _neighbours(indices: Sequence[Value], shape: Sequence[int]) -> tuple[Value, ...]:
    """The places of a vector of `shape` whose first lane is at `indices`: it lies along the last axes."""
    if len(shape) > len(indices):
        raise InterpreterError(f"a vector of shape {list(shape)} does not fit in memory of rank {len(indices)}")
    outer = len(indices) - len(shape)
    lanes = np.ogrid[tuple(map(slice, shape))]
    places = (*indices[:outer], *(first + lane for first, lane in zip(indices[outer:], lanes, strict=True)))
    return tuple(np.broadcast_arrays(*places))


def _masked(places: Sequence[Value], mask: np.ndarray) -> tuple[Value, ...]:
    """The places of the lanes where `mask` is true."""
    return tuple(np.broadcast_to(place, mask.shape)[mask] for place in places)


def _transfer(
    machine: Machine, op: vector.TransferReadOp | vector.TransferWriteOp, array: np.ndarray, shape: Sequence[int]
) -> tuple[list[Value], np.ndarray]:
    """The place of each lane, and which lanes take part."""
    lanes = np.ogrid[tuple(map(slice, shape))]
    places: list[Value] = list(machine.get_values(op.indices))
    used: dict[int, int] = {}
    for axis, expr in enumerate(op.permutation_map.data.results):
        if isinstance(expr, AffineDimExpr):
            places[expr.position] = places[expr.position] + lanes[axis]
            used[expr.position] = axis
    inside = np.ones(tuple(shape), np.bool_)
    for position, (place, size) in enumerate(zip(places, array.shape, strict=True)):
        ok = (place >= 0) & (place < size)
        promised = position not in used or bool(op.in_bounds.data[used[position]].value.data)
        if promised and not np.all(ok):
            raise InterpreterError(f"a transfer leaves axis {position} of shape {list(array.shape)}")
        inside &= ok
    if op.mask is not None:
        inside &= machine.frame[op.mask][tuple(lanes[used[position]] for position in sorted(used))]
    return places, inside


@register_impls
class SimdFunctions(InterpreterFunctions):
    """`arith` lane by lane, where upstream's ops take scalars only."""

    @impl(simd.CmpiOp)
    def cmpi(self, machine: Machine, op: simd.CmpiOp, args: PythonValues) -> PythonValues:
        """A comparison of integers."""
        return (INTEGER_PREDICATES[op.predicate.value.data](*args),)

    @impl(simd.CmpfOp)
    def cmpf(self, machine: Machine, op: simd.CmpfOp, args: PythonValues) -> PythonValues:
        """A comparison of floats."""
        return (FLOAT_PREDICATES[op.predicate.value.data](*args),)

    @impl(simd.SelectOp)
    def select(self, machine: Machine, op: simd.SelectOp, args: PythonValues) -> PythonValues:
        """A lane of the second operand or of the third."""
        return (choose(*args),)

    @impl(simd.DotOp)
    def dot(self, machine: Machine, op: simd.DotOp, args: PythonValues) -> PythonValues:
        """Sums of products of neighbouring lanes."""
        return (sums_of_products(op.signs.data, *args),)

    @impl(simd.CastOp)
    def cast(self, machine: Machine, op: simd.CastOp, args: PythonValues) -> PythonValues:
        """A conversion."""
        return (_CAST_BY_NAME[op.kind.data](args[0], dtype_of(_type(op.result))),)


FUNCTIONS = (VectorFunctions(), AccessFunctions(), SimdFunctions())
