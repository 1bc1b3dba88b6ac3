"""Windows of fixed size at computed places: read and replaced. Starts are moved so that the window lies inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..debug import AssertOp
from ..dtypes import ALL, INTS, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import BatchCall, Results
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dim, dims, type_of
from .rules.movement_lowering import clamped
from .rules.onnx_checks import check_all
from .rules.pairs import by_parts
from .rules.sizes.run_time import check_sizes, filled_in, indices_of, onnx_vector, root_of_index
from .slicing import check_update, extract_part, insert_part, onnx_replaced


def _check_starts(shape: Sequence[int], types: Types, constraint: str) -> None:
    if len(types) != len(shape):
        text = f"expected {len(shape)} starts for shape {shape_text(shape)}, got {len(types)}"
        raise InferenceError(constraint, text)
    for type_ in types:
        if shape_of(type_) != () or dtype_of(type_) not in INTS:
            error = InferenceError if dtype_of(type_) in INTS else DTypeError
            raise error(constraint, f"expected int32 or int64 scalars as starts, got {type_}")


def _check_fits(sizes: Sequence[int], shape: Sequence[int], constraint: str) -> None:
    """Windows of `sizes` exist in `shape`."""
    wrong = any(DYNAMIC not in (n, total) and not 0 <= n <= total for n, total in zip(sizes, shape))
    if len(sizes) != len(shape) or wrong:
        text = f"a window of shape {shape_text(sizes)} does not fit into shape {shape_text(shape)}"
        raise InferenceError(constraint, text)


def _window(shape: Sequence[int], starts: Sequence[np.ndarray], sizes: Sequence[int]) -> tuple[slice, ...]:
    """The slices of a window, moved inside."""
    where = []
    for total, start, size in zip(shape, starts, sizes, strict=True):
        first = min(max(int(start), 0), total - size)
        where.append(slice(first, first + size))
    return tuple(where)


def _emit_starts(e: Emitter, x: SSAValue, starts: Sequence[SSAValue], sizes: Sequence[SSAValue]) -> list[SSAValue]:
    """The starts, moved so that windows of `sizes` lie inside `x`."""
    wanted = indices_of(e, [DYNAMIC] * len(starts), starts)
    zero = e.index(0)
    return [
        clamped(e, start, zero, e.value(arith.SubiOp(dim(e, x, axis), size)))
        for axis, (start, size) in enumerate(zip(wanted, sizes, strict=True))
    ]


def _check_inside(e: Emitter, x: SSAValue, sizes: Sequence[SSAValue], static: Sequence[int], what: str) -> None:
    """Stop the program unless windows of `sizes` fit into `x`; `static` has the sizes known before."""
    for axis, (size, known) in enumerate(zip(sizes, static, strict=True)):
        total = dim(e, x, axis)
        if DYNAMIC not in (known, shape_of(type_of(x))[axis]) or root_of_index(size) == root_of_index(total):
            continue
        fits = e.value(arith.CmpiOp(size, total, "ule"))
        message = f"{what}: a window of {{0}} elements does not fit into axis {axis} of size {{1}}"
        e.add(AssertOp(fits, message, [size, total]))


def _mixed(sizes: Sequence[SSAValue], static: Sequence[int]) -> list[SSAValue | int]:
    return [size if known == DYNAMIC else known for size, known in zip(sizes, static, strict=True)]


def _onnx_check_inside(g: OnnxGraph, x: str, sizes: str, static: Sequence[Sequence[int]], what: str) -> None:
    """Stop the program unless windows of `sizes` fit into `x`; `static` has the shapes of both known before."""
    if DYNAMIC in (*static[0], *static[1]):
        not_negative = g.node("GreaterOrEqual", [sizes, g.constant(np.array(0, np.int64))])
        small = g.node("LessOrEqual", [sizes, g.node("Shape", [x])])
        shown = f"{shape_text(static[0])} does not fit into shape {shape_text(static[1])}"
        check_all(g, g.node("And", [not_negative, small]), f"{what}: a window of shape {shown}")


def _onnx_window(g: OnnxGraph, x: str, starts: Sequence[str], sizes: str, rank: int) -> list[str]:
    """The operands of ONNX's `Slice` behind the tensor: first places, ends, axes."""
    first = onnx_vector(g, [DYNAMIC] * rank, starts)
    last = g.node("Sub", [g.node("Shape", [x]), sizes])
    first = g.node("Max", [g.node("Min", [first, last]), g.constant(np.array([0], np.int64))])
    return [first, g.node("Add", [first, sizes]), g.constant(np.arange(rank))]


@irdl_op_definition
class DynamicSliceOp(HLOp):
    """The window of shape `sizes` in `x` that begins at the starts, which are moved so that it lies inside `x`.

    C1: `indices` has one int32 or int64 scalar for each axis of `x`, then one for each `?` in `sizes`.
    C2: the window is not larger than `x`; checked at run time where unknown before.

    Definition: XLA `DynamicSlice`, which moves the starts too.
    """

    name = "hl.dynamic_slice"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    indices = var_operand_def(TensorType[Attribute])
    sizes = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The window's shape."""
        shape, sizes = shape_of(types[0]), attrs["sizes"]
        _check_fits(sizes, shape, "C2")
        _check_starts(shape, types[1 : 1 + len(shape)], "C1")
        check_sizes("C1", sizes, types[1 + len(shape) :])
        return [tensor_type(sizes, dtype_of(types[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's slicing."""
        x, *indices = operands
        sizes = filled_in(attrs["sizes"], indices[x.ndim :])
        _check_fits(sizes, x.shape, "C2")
        return (np.array(x[_window(x.shape, indices[: x.ndim], sizes)]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """Zeros, with `dy` in place of the window."""
        x, *indices = call.inputs
        starts = indices[: len(call.attrs["sizes"])]
        return [m.dynamic_update_slice(m.zeros_like(x), dy, starts), *[None] * len(indices)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.extract_slice`."""
        assert isinstance(op, DynamicSliceOp)
        static = op.attrs()["sizes"]
        rank = len(static)
        sizes = indices_of(e, static, op.indices[rank:])
        _check_inside(e, op.x, sizes, static, "dynamic_slice")
        starts = _emit_starts(e, op.x, op.indices[:rank], sizes)
        return [extract_part(e, op.x, starts, _mixed(sizes, static), [1] * rank)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Slice` at starts moved inside."""
        x, *indices = call.inputs
        rank = len(call.attrs["sizes"])
        if not rank:
            return [g.node("Identity", [x])]
        sizes = onnx_vector(g, call.attrs["sizes"], indices[rank:])
        _onnx_check_inside(g, x, sizes, (call.attrs["sizes"], shape_of(call.input_types[0])), "dynamic_slice")
        return [g.node("Slice", [x, *_onnx_window(g, x, indices[:rank], sizes, rank)])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A window in any tensor; starts outside too; some sizes at run time."""
        x = s.array(s.shape(), s.choice(ALL))
        starts = [s.array((), s.choice(INTS), -3, 6) for _ in x.shape]
        sizes, operands = [], []
        for total in x.shape:
            size = s.integer(0, total)
            if s.boolean():
                operands.append(np.array(size, s.choice(INTS)))
                size = DYNAMIC
            sizes.append(size)
        return Sample((x, *starts, *operands), {"sizes": tuple(sizes)})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """A window with the whole batch, if it is at one place and the batch has a known size."""
        if b.size is None or any(b.batched[1:]):
            return None
        return b.apply(b.operands[0], b.zero(b.operands[1:]), *b.operands[1:], sizes=(b.size, *b.attrs["sizes"]))


@irdl_op_definition
class DynamicUpdateSliceOp(HLOp):
    """`x` with `update` in place of the window that begins at the starts, moved so that it lies inside `x`.

    C1: `starts` has one int32 or int64 scalar for each axis of `x`.
    C2: `update` has the dtype of `x`, as many axes, and is not larger; checked at run time where unknown before.

    Definition: XLA `DynamicUpdateSlice`, which moves the starts too.
    """

    name = "hl.dynamic_update_slice"
    decompose = by_parts

    x = operand_def(TensorType[Attribute])
    update = operand_def(TensorType[Attribute])
    starts = var_operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The type of `x`."""
        shape = shape_of(types[0])
        check_update(types, [DYNAMIC] * len(shape), "C2")
        _check_fits(shape_of(types[1]), shape, "C2")
        _check_starts(shape, types[2:], "C1")
        return [types[0]]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's assignment."""
        x, update, *starts = operands
        _check_fits(update.shape, x.shape, "C2")
        result = x.copy()
        result[_window(x.shape, starts, update.shape)] = update
        return (result,)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` with zeros in place of the window, and the window of `dy`."""
        _, update, *starts = call.inputs
        sizes = [m.size_along(update, axis) for axis in range(len(update.shape))]
        part = m.dynamic_slice(dy, starts, sizes)  # first, so that the zeros can be written into the memory of `dy`
        return [m.dynamic_update_slice(dy, m.zeros_like(update), starts), part, *[None] * len(starts)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.insert_slice`, which can be done in place."""
        assert isinstance(op, DynamicUpdateSliceOp)
        static, sizes = shape_of(type_of(op.update)), dims(e, op.update)
        _check_inside(e, op.x, sizes, static, "dynamic_update_slice")
        starts = _emit_starts(e, op.x, op.starts, sizes)
        return [insert_part(e, op.update, op.x, starts, _mixed(sizes, static), [1] * len(static))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ScatterND` at the places of the window."""
        x, update, *starts = call.inputs
        if not starts:
            return [g.node("Identity", [update])]
        shapes = [shape_of(call.input_types[i]) for i in (1, 0)]
        sizes = g.node("Shape", [update])
        _onnx_check_inside(g, x, sizes, shapes, "dynamic_update_slice")
        window = _onnx_window(g, x, starts, sizes, len(starts))
        return [onnx_replaced(g, x, lambda places: g.node("Slice", [places, *window]), update)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """An update for any tensor; starts outside too."""
        x = s.array(s.shape(), s.choice(ALL))
        update = s.array([s.integer(0, total) for total in x.shape], dtype_of(x))
        starts = [s.array((), s.choice(INTS), -3, 6) for _ in x.shape]
        return Sample((x, update, *starts), {})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """A window with the whole batch, if it is at one place."""
        if any(b.batched[2:]):
            return None
        return b.apply(b.full(0), b.full(1), b.zero(b.operands[2:]), *b.operands[2:])
