"""Parts of tensors: Python's slices, and windows at computed places; read and replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..dtypes import ALL, INTS, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .movement import reversed_along
from .rules.base import HLOp, InferenceError, Types
from .rules.batching import prefixed
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dim, type_of
from .rules.movement_lowering import cast_to, check_equal, clamped
from .rules.onnx_checks import check_all
from .rules.pairs import by_parts
from .rules.sizes.run_time import check_sizes, filled_in, indices_of, onnx_vector

TO_END = 2**63 - 1
"""The `end` of a slice that goes on to the last element (and the `begin` of one that goes back from there)."""
TO_START = -(2**63) + 1
"""The `end` of a slice that goes back to the first element."""


def _slices(attrs: Attrs, operands: Sequence[np.ndarray]) -> tuple[slice, ...]:
    """The Python slices, run-time bounds filled in."""
    strides = attrs["strides"]
    bounds = filled_in((*attrs["begin"], *attrs["end"]), operands)
    begin, end = bounds[: len(strides)], bounds[len(strides) :]
    return tuple(slice(b, None if s < 0 and e == TO_START else e, s) for b, e, s in zip(begin, end, strides))


def _check_bounds(shape: Sequence[int], attrs: Attrs, types: Types) -> None:
    """C1 and C2."""
    begin, end, strides = (attrs[name] for name in ("begin", "end", "strides"))
    if not len(begin) == len(end) == len(strides) == len(shape):
        lengths = f"{len(begin)} begins, {len(end)} ends and {len(strides)} strides"
        raise InferenceError("C1", f"expected as many as axes of shape {shape_text(shape)}, got {lengths}")
    if 0 in strides:
        raise InferenceError("C1", "expected strides other than 0")
    check_sizes("C2", (*begin, *end), types)


def _sliced_shape(shape: Sequence[int], attrs: Attrs) -> tuple[int, ...]:
    """The sizes of a slice of a tensor of `shape`, where they are known."""
    sizes = []
    for size, begin, end, stride in zip(shape, attrs["begin"], attrs["end"], attrs["strides"]):
        if _is_all(begin, end, stride):
            sizes.append(size)
        elif DYNAMIC in (size, begin, end):
            sizes.append(DYNAMIC)
        else:
            stop = None if stride < 0 and end == TO_START else end
            sizes.append(len(range(*slice(begin, stop, stride).indices(size))))
    return tuple(sizes)


def _is_all(begin: int, end: int, stride: int) -> bool:
    return (begin, end, stride) in ((0, TO_END, 1), (TO_END, TO_START, -1))


def _emit_bounds(
    e: Emitter, x: SSAValue, attrs: Attrs, operands: Sequence[SSAValue]
) -> tuple[list[SSAValue | int], list[SSAValue | int], list[int], list[int]]:
    """Offsets, sizes and strides of a slice as `tensor.extract_slice` has them, and the axes that go backwards."""
    shape, strides = shape_of(type_of(x)), attrs["strides"]
    rank, known = len(strides), _sliced_shape(shape, attrs)
    bounds = indices_of(e, (*attrs["begin"], *attrs["end"]), operands)
    offsets: list[SSAValue | int] = []
    sizes: list[SSAValue | int] = []
    for axis, stride in enumerate(strides):
        begin, end = attrs["begin"][axis], attrs["end"][axis]
        if _is_all(begin, end, stride):
            offsets.append(0)
            sizes.append(known[axis] if known[axis] != DYNAMIC else dim(e, x, axis))
        elif known[axis] != DYNAMIC:
            stop = None if stride < 0 and end == TO_START else end
            places = range(*slice(begin, stop, stride).indices(shape[axis]))
            offsets.append(min(places, default=0))
            sizes.append(len(places))
        else:
            offset, size = _run_time_bounds(e, dim(e, x, axis), bounds[axis], bounds[rank + axis], stride)
            offsets.append(offset)
            sizes.append(size)
    return offsets, sizes, [abs(s) for s in strides], [a for a, s in enumerate(strides) if s < 0]


def _run_time_bounds(
    e: Emitter, total: SSAValue, begin: SSAValue, end: SSAValue, stride: int
) -> tuple[SSAValue, SSAValue]:
    """The least place and the number of elements of `begin:end:stride`, by Python's rules."""
    zero, one = e.index(0), e.index(1)
    last = e.value(arith.SubiOp(total, one))
    low, high = (zero, total) if stride > 0 else (e.index(-1), last)
    places = []
    for bound in (begin, end):
        negative = e.value(arith.CmpiOp(bound, zero, "slt"))
        moved = e.value(arith.SelectOp(negative, e.value(arith.AddiOp(bound, total)), bound))
        places.append(clamped(e, moved, low, high))
    first, past = places
    step = e.index(abs(stride))
    span = e.value(arith.SubiOp(past, first) if stride > 0 else arith.SubiOp(first, past))
    span = e.value(arith.MaxSIOp(span, zero))
    size = e.value(arith.DivUIOp(e.value(arith.AddiOp(span, e.index(abs(stride) - 1))), step))
    if stride < 0:
        back = e.value(arith.MuliOp(e.value(arith.SubiOp(size, one)), step))
        first = e.value(arith.SubiOp(first, back))
    empty = e.value(arith.CmpiOp(size, zero, "eq"))
    return e.value(arith.SelectOp(empty, zero, first)), size


def insert_part(
    e: Emitter,
    update: SSAValue,
    x: SSAValue,
    offsets: Sequence[SSAValue | int],
    sizes: Sequence[SSAValue | int],
    strides: Sequence[int],
) -> SSAValue:
    """`x` with `update` in place of a slice."""

    def split(values: Sequence[SSAValue | int]) -> tuple[list[int], list[SSAValue]]:
        static = [value if isinstance(value, int) else DYNAMIC for value in values]
        return static, [value for value in values if not isinstance(value, int)]

    static_offsets, dynamic_offsets = split(offsets)
    static_sizes, dynamic_sizes = split(sizes)
    op = tensor.InsertSliceOp.get(
        update, x, static_sizes, static_offsets, list(strides), dynamic_offsets, dynamic_sizes, []
    )
    return e.value(op)


def extract_part(
    e: Emitter,
    x: SSAValue,
    offsets: Sequence[SSAValue | int],
    sizes: Sequence[SSAValue | int],
    strides: Sequence[int],
) -> SSAValue:
    """A slice of `x`."""
    shape = [size if isinstance(size, int) else DYNAMIC for size in sizes]
    type_ = TensorType(type_of(x).element_type, shape)
    return e.value(tensor.ExtractSliceOp(x, list(offsets), list(sizes), list(strides), type_))


def _onnx_bounds(g: OnnxGraph, x: str, attrs: Attrs, names: Sequence[str]) -> list[str]:
    """The operands of ONNX's `Slice` behind the tensor `x`.

    Going backwards from before the first element is nothing in Python. ONNX starts at the first, so there it also ends.
    """
    strides = np.array(attrs["strides"], np.int64)
    count = sum(bound == DYNAMIC for bound in attrs["begin"])
    begin = onnx_vector(g, attrs["begin"], names[:count])
    end = onnx_vector(g, attrs["end"], names[count:])
    backwards = np.array([s < 0 and b < 0 for b, s in zip(attrs["begin"], attrs["strides"])])
    if backwards.any():
        zero = g.constant(np.array([0], np.int64))
        first = g.node("Add", [begin, g.node("Shape", [x])])
        outside = g.node("And", [g.node("Less", [first, zero]), g.node("Less", [begin, zero])])
        outside = g.node("And", [outside, g.constant(backwards)])
        end = g.node("Where", [outside, zero, end])
    return [begin, end, g.constant(np.arange(len(strides))), g.constant(strides)]


def onnx_replaced(g: OnnxGraph, x: str, places_of: Callable[[str], str], update: str) -> str:
    """`x` with `update` at the places that `places_of` selects from a tensor of the shape of `x`.

    `places_of` is applied to a tensor whose elements are their own places in row-major order.
    """
    zero, one = (g.constant(np.array(value, np.int64)) for value in (0, 1))
    shape = g.node("Shape", [x])
    line = g.constant(np.array([-1], np.int64))
    count = g.node("Size", [x])
    own = g.node("Reshape", [g.node("Range", [zero, count, one]), shape], allowzero=1)
    column = g.constant(np.array([-1, 1], np.int64))
    places = g.node("Reshape", [places_of(own), column])
    flat = g.node("ScatterND", [g.node("Reshape", [x, line]), places, g.node("Reshape", [update, line])])
    return g.node("Reshape", [flat, shape], allowzero=1)


def _sample_bounds(s: Sampler, shape: Sequence[int]) -> tuple[dict[str, object], list[np.ndarray]]:
    """Any slices, some bounds at run time; half of them are plain, in steps of 1 between bounds that are known."""
    is_plain = s.boolean()
    strides = tuple(1 if is_plain else s.choice([1, 1, 2, 3, -1, -2]) for _ in shape)
    operands: list[np.ndarray] = []

    def bounds(default: list[int]) -> tuple[int, ...]:
        result = []
        for all_of_it in default:
            bound = all_of_it if s.boolean() else s.integer(-5, 5)
            if abs(bound) <= 5 and not is_plain and s.boolean():
                operands.append(np.array(bound, s.choice(INTS)))
                bound = DYNAMIC
            result.append(bound)
        return tuple(result)

    begin = bounds([0 if stride > 0 else TO_END for stride in strides])
    end = bounds([TO_END if stride > 0 else TO_START for stride in strides])
    return {"begin": begin, "end": end, "strides": strides}, operands


@irdl_op_definition
class SliceOp(HLOp):
    """`x[begin:end:strides]` along every axis, by Python's rules.

    Negative bounds count from the end, bounds beyond the ends are moved to them, negative strides go backwards. An
    `end` of 2**63 - 1 goes on to the last element; one of -2**63 + 1, with a negative stride, back to the first.

    C1: `begin`, `end` and `strides` have an entry for each axis of `x`; strides are not 0.
    C2: `bounds` has one int32 or int64 scalar for each `?` in `begin`, then for each in `end`.

    Definition: Python's slices, as NumPy applies them.
    """

    name = "hl.slice"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    COMMON: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    bounds = var_operand_def(TensorType[Attribute])
    begin = prop_def(Attribute)
    end = prop_def(Attribute)
    strides = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = prefixed(1, begin=0, end=TO_END, strides=1)

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The numbers of elements of the slices, where known."""
        shape = shape_of(types[0])
        _check_bounds(shape, attrs, types[1:])
        return [tensor_type(_sliced_shape(shape, attrs), dtype_of(types[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's slicing."""
        x, *bounds = operands
        return (np.array(x[_slices(attrs, bounds)]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """Zeros, with `dy` in place of the slice."""
        x, *bounds = call.inputs
        return [m.update_slice(m.zeros_like(x), dy, bounds, **call.attrs), *[None] * len(bounds)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.extract_slice`; what goes backwards is reversed then."""
        assert isinstance(op, SliceOp)
        offsets, sizes, strides, backwards = _emit_bounds(e, op.x, op.attrs(), op.bounds)
        part = extract_part(e, op.x, offsets, sizes, strides)
        return [cast_to(e, reversed_along(e, part, backwards), type_of(op.result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Slice`."""
        if not call.attrs["strides"]:
            return [g.node("Identity", [call.inputs[0]])]
        return [g.node("Slice", [call.inputs[0], *_onnx_bounds(g, call.inputs[0], call.attrs, call.inputs[1:])])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape, any slices."""
        x = s.array(s.shape(), s.choice(ALL))
        attrs, bounds = _sample_bounds(s, x.shape)
        return Sample((x, *bounds), attrs)


@irdl_op_definition
class UpdateSliceOp(HLOp):
    """`x` after `x[begin:end:strides] = update`, by the rules of `hl.slice`.

    C1: `begin`, `end` and `strides` have an entry for each axis of `x`; strides are not 0.
    C2: `bounds` has one int32 or int64 scalar for each `?` in `begin`, then for each in `end`.
    C3: `update` has the dtype of `x`, and the shape of the slice; checked at run time where unknown before.

    Definition: NumPy's assignment to a slice, without broadcasting.
    """

    name = "hl.update_slice"
    decompose = by_parts
    COMMON: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    update = operand_def(TensorType[Attribute])
    bounds = var_operand_def(TensorType[Attribute])
    begin = prop_def(Attribute)
    end = prop_def(Attribute)
    strides = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = prefixed(2, begin=0, end=TO_END, strides=1)

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The type of `x`."""
        shape = shape_of(types[0])
        _check_bounds(shape, attrs, types[2:])
        check_update(types, _sliced_shape(shape, attrs), "C3")
        return [types[0]]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's assignment."""
        x, update, *bounds = operands
        where = _slices(attrs, bounds)
        if x[where].shape != update.shape:
            text = f"expected an update of shape {shape_text(x[where].shape)}, got {shape_text(update.shape)}"
            raise InferenceError("C3", text)
        result = x.copy()
        result[where] = update
        return (result,)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` with zeros in place of the slice, and the slice of `dy`."""
        _, update, *bounds = call.inputs
        part = m.slice_by_bounds(dy, bounds, **call.attrs)  # first, so that the zeros can be written into that of `dy`
        return [m.update_slice(dy, m.zeros_like(update), bounds, **call.attrs), part, *[None] * len(bounds)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.insert_slice`, after what goes backwards is reversed."""
        assert isinstance(op, UpdateSliceOp)
        offsets, sizes, strides, backwards = _emit_bounds(e, op.x, op.attrs(), op.bounds)
        for axis, size in enumerate(sizes):
            own = dim(e, op.update, axis)
            known = shape_of(type_of(op.update))[axis]
            if not (isinstance(size, int) and known == size):
                wanted = e.index(size) if isinstance(size, int) else size
                check_equal(e, own, wanted, f"update_slice: axis {axis} of the update has size {{0}}, expected {{1}}")
        shape = [size if isinstance(size, int) else DYNAMIC for size in sizes]
        type_ = TensorType(type_of(op.x).element_type, shape)
        return [
            insert_part(e, cast_to(e, reversed_along(e, op.update, backwards), type_), op.x, offsets, sizes, strides)
        ]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ScatterND` at the places that `Slice` finds."""
        x, update, *names = call.inputs
        if not call.attrs["strides"]:
            return [g.node("Identity", [update])]
        bounds = _onnx_bounds(g, x, call.attrs, names)
        wanted, own = (g.node("Shape", [value]) for value in (g.node("Slice", [x, *bounds]), update))
        known = _sliced_shape(shape_of(call.input_types[0]), call.attrs)
        if DYNAMIC in (*known, *shape_of(call.input_types[1])):
            message = f"update_slice: expected an update of shape {shape_text(known)}"
            check_all(g, g.node("Equal", [own, wanted]), message)
        return [onnx_replaced(g, x, lambda places: g.node("Slice", [places, *bounds]), update)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape, any slices, an update that fits."""
        x = s.array(s.shape(), s.choice(ALL))
        attrs, bounds = _sample_bounds(s, x.shape)
        update = s.array(x[_slices(attrs, bounds)].shape, dtype_of(x))
        return Sample((x, update, *bounds), attrs)


def check_update(types: Types, expected: Sequence[int], constraint: str) -> None:
    """Check that the second of `types` is an update of shape `expected` for the first."""
    got, dtypes = shape_of(types[1]), [dtype_of(type_) for type_ in types[:2]]
    if dtypes[0] != dtypes[1]:
        text = f"expected an update of dtype {dtypes[0].name}, got {dtypes[1].name}"
        raise InferenceError(constraint, text)
    if len(got) != len(expected) or any(a != b and DYNAMIC not in (a, b) for a, b in zip(got, expected)):
        text = f"expected an update of shape {shape_text(expected)}, got {shape_text(got)}"
        raise InferenceError(constraint, text)
