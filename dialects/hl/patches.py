"""What windows look at, laid out as a tensor; and its transpose, which adds it up where the windows stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..dtypes import ALL, INTS, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import over_examples
from .rules.elementwise import is_float, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.index_lowering import loops
from .rules.linalg_builder import PARALLEL, empty, generic, identity, projection, type_of
from .rules.movement_lowering import cast_to, check_equal
from .rules.sizes.arithmetic import IndexSizes
from .rules.sizes.run_time import check_sizes, indices_of, sizes_given
from .rules.windows.convolution_lowering import look_slice, without_border, zeros
from .rules.windows.geometry import add_windows, check_windows, count_windows, sample_windows, window_view
from .rules.windows.lowering import Placement, Size, look, place_windows, shaped, with_border
from .rules.windows.onnx import OnnxWindows, check_same, given_sizes, sizes_of
from .slicing import extract_part, insert_part


def _check_rank(constraint: str, rank: int, shape: Sequence[int]) -> None:
    if not 1 <= rank <= 3:
        raise InferenceError(constraint, f"expected from 1 to 3 axes between the outer ones, got {shape_text(shape)}")


@irdl_op_definition
class ExtractPatchesOp(HLOp):
    """What all windows look at: from `x` of shape `[n, sizes, c]` a tensor of shape `[n, places, window, c]`.

    C1: `x` has from 3 to 5 axes.
    C2: `window`, `strides`, `dilations` and `padding` describe windows over the axes between.
    C3: the window has elements, and fits into what is padded; checked at run time where unknown before.
    C4: `value`, which windows see in the padding, is a scalar of the dtype of `x`.

    Definition: TensorFlow `image.extract_patches`, with an axis for each axis of a window.
    """

    name = "hl.extract_patches"

    x = operand_def(TensorType[Attribute])
    value = operand_def(TensorType[Attribute])
    window = prop_def(Attribute)
    strides = prop_def(Attribute)
    dilations = prop_def(Attribute)
    padding = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = over_examples

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The examples, the places, the window, the channels."""
        shape, dtype, window = shape_of(types[0]), dtype_of(types[0]), attrs["window"]
        _check_rank("C1", len(shape) - 2, shape)
        check_windows("C2", attrs, len(shape) - 2)
        if len(window) != len(shape) - 2:
            raise InferenceError("C2", f"expected {len(shape) - 2} sizes of a window, got {shape_text(window)}")
        if shape_of(types[1]) != () or dtype_of(types[1]) != dtype:
            error = InferenceError if dtype_of(types[1]) == dtype else DTypeError
            raise error("C4", f"expected a scalar of dtype {dtype.name} as value, got {types[1]}")
        counts = count_windows("C3", shape[1:-1], window, attrs)
        return [tensor_type((shape[0], *counts, *window, shape[-1]), dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A view, copied."""
        x, value = operands
        return (np.ascontiguousarray(window_view(x, attrs["window"], attrs, value)),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The transpose; the sum of what is in the padding."""
        if not dtype_of(dy).is_inexact:
            return [None, None]
        dx = m.add_patches(dy, call.inputs[0], call.attrs)
        return [dx, m.subtract(m.reduce_sum(dy), m.reduce_sum(dx))]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A border around the input, and one `linalg.generic` that copies."""
        assert isinstance(op, ExtractPatchesOp)
        sizes, attrs, rank = IndexSizes(e), op.attrs(), type_of(op.x).get_num_dims() - 2
        totals = [sizes.along(op.x, axis + 1) for axis in range(rank)]
        placement = place_windows(e, totals, attrs["window"], attrs, "extract_patches")
        value = e.value(tensor.ExtractOp(op.value, [], type_of(op.value).element_type))
        padded = with_border(e, op.x, placement.low, placement.high, value)
        return [cast_to(e, views(e, padded, placement), type_of(op.result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Gather` along each axis, after `Pad`."""
        x, value = call.inputs
        windows = OnnxWindows(g, x, call.input_types[0], call.attrs["window"], call.attrs)
        windows.check("extract_patches")
        return [windows.looked_up(windows.bordered(value))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Windows over one or two axes."""
        dtype = s.choice(ALL)
        totals, window, attrs = sample_windows(s, s.choice([1, 2]), dtype)
        x = s.array((s.integer(0, 2), *totals, s.integer(1, 2)), dtype)
        return Sample((x, s.array((), dtype_of(x))), {"window": tuple(window), **attrs})


def views(e: Emitter, padded: SSAValue, placement: Placement) -> SSAValue:
    """What all windows look at in a tensor with a border, `[n, places, window, c]`."""
    sizes, rank = IndexSizes(e), placement.rank
    own: list[Size] = [sizes.along(padded, 0), *placement.counts, *placement.window, sizes.along(padded, rank + 1)]
    result = empty(e, shaped(type_of(padded), own), [sizes.value(size) for size in own])
    last = 1 + 2 * rank
    exprs = [look(placement, axis, 1 + axis, 1 + rank + axis) for axis in range(rank)]
    read = AffineMap(last + 1, 0, (AffineDimExpr(0), *exprs, AffineDimExpr(last)))
    kinds = [PARALLEL] * (last + 1)
    return generic(e, [padded], [result], [read, identity(last + 1)], kinds, lambda _, element, __: element)[0]


@irdl_op_definition
class AddPatchesOp(HLOp):
    """The transpose of `hl.extract_patches`: what all windows hold, added up where they look; without the padding.

    `x` is `[n, places, window, c]`, the result `[n, totals, c]`. Integers wrap around.

    C1: `x` has 4, 6 or 8 axes.
    C2: `window`, `strides`, `dilations` and `padding` describe windows over the axes that `totals` has the sizes of.
    C3: the window has elements, fits into what is padded, and `x` has as many places as there are windows, each of the
        shape `window`; checked at run time where unknown before.
    C4: the dtype is {dtypes}.
    C5: `sizes` has one int32 or int64 scalar for each `?` in `totals`.

    Definition: the gradient of TensorFlow `image.extract_patches`. The order in which floats are added is not defined.
    """

    name = "hl.add_patches"
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "terms"

    x = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    totals = prop_def(Attribute)
    window = prop_def(Attribute)
    strides = prop_def(Attribute)
    dilations = prop_def(Attribute)
    padding = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = over_examples

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The examples, `totals`, the channels."""
        shape, dtype = shape_of(types[0]), dtype_of(types[0])
        totals, window = attrs["totals"], attrs["window"]
        rank, odd = divmod(len(shape) - 2, 2)
        if odd or not 1 <= rank <= 3:
            raise InferenceError("C1", f"expected 4, 6 or 8 axes, got shape {shape_text(shape)}")
        check_windows("C2", attrs, rank)
        if len(totals) != rank or any(size < 0 and size != DYNAMIC for size in totals):
            raise InferenceError("C2", f"expected {rank} sizes of 0 or more, got {shape_text(totals)}")
        if len(window) != rank:
            raise InferenceError("C2", f"expected {rank} sizes of a window, got {shape_text(window)}")
        if dtype not in cls.DTYPES:
            raise DTypeError("C4", f"expected a dtype of {', '.join(d.name for d in cls.DTYPES)}, got {dtype.name}")
        check_sizes("C5", totals, types[1:])
        _check_places(shape[1:-1], (*count_windows("C3", totals, window, attrs), *window))
        return [tensor_type((shape[0], *totals, shape[-1]), dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Added up look by look."""
        x, *sizes = operands
        totals, window = sizes_given("C2", attrs["totals"], sizes), attrs["window"]
        _check_places(x.shape[1:-1], (*count_windows("C3", totals, window, attrs), *window))
        return (add_windows(x, totals, attrs),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """What windows look at in `dy`."""
        _, *sizes = call.inputs
        if not dtype_of(dy).is_inexact:
            return [None] * len(call.inputs)
        return [m.extract_patches_of(dy, m.cast(0.0, dy.dtype), call.attrs), *[None] * len(sizes)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """Loops over the looks: each adds a slice of what is held to a slice of the result."""
        assert isinstance(op, AddPatchesOp)
        sizes, attrs = IndexSizes(e), op.attrs()
        given = indices_of(e, attrs["totals"], op.sizes)
        totals = [n if known == DYNAMIC else known for n, known in zip(given, attrs["totals"], strict=True)]
        placement = place_windows(e, totals, attrs["window"], attrs, "add_patches")
        for axis, expected in enumerate((*placement.counts, *placement.window), 1):
            own = sizes.along(op.x, axis)
            if not (isinstance(own, int) and isinstance(expected, int)):
                message = f"add_patches: axis {axis} has size {{0}}, expected {{1}}"
                check_equal(e, sizes.value(own), sizes.value(expected), message)
        return [cast_to(e, added_up(e, op.x, placement), type_of(op.result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ScatterElements` that adds."""
        (x, *given), (type_, *_), window = call.inputs, call.input_types, call.attrs["window"]
        own, totals = sizes_of(g, x, type_), given_sizes(g, call.attrs["totals"], given)
        windows = OnnxWindows(g, x, type_, window, call.attrs, totals)
        windows.check("add_patches", own[1 : 1 + len(window)])
        for size, expected in zip(own[1 + len(window) : -1], window):
            check_same(g, size, expected, f"add_patches: expected windows of {list(window)} elements")
        return [windows.added_up(x, [own[0], *totals, own[-1]])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Windows over one or two axes, small whole numbers; some sizes at run time."""
        dtype = s.choice(cls.DTYPES)
        totals, window, attrs = sample_windows(s, s.choice([1, 2]), dtype)
        counts = count_windows("C3", totals, window, attrs)
        x = s.whole((s.integer(0, 2), *counts, *window, s.integer(1, 2)), dtype)
        static, operands = [], []
        for size in totals:
            if s.boolean():
                operands.append(np.array(size, s.choice(INTS)))
                size = DYNAMIC
            static.append(size)
        return Sample((x, *operands), {"totals": tuple(static), "window": tuple(window), **attrs})


def _check_places(own: Sequence[int], counts: Sequence[int]) -> None:
    if any(a != b and DYNAMIC not in (a, b) for a, b in zip(own, counts, strict=True)):
        text = f"expected places and windows of shape {shape_text(counts)}, got {shape_text(own)}"
        raise InferenceError("C3", text)


def added_up(e: Emitter, x: SSAValue, placement: Placement) -> SSAValue:
    """What all windows hold, added up where they look, without the border."""
    sizes, rank = IndexSizes(e), placement.rank
    lead, channels = sizes.along(x, 0), sizes.along(x, 1 + 2 * rank)
    start = zeros(e, type_of(x), [lead, *placement.padded(sizes), channels])

    def body(inner: Emitter, at: list[SSAValue], total: SSAValue) -> SSAValue:
        return _add_look(inner, x, placement, at, total)

    return without_border(e, loops(e, [sizes.value(size) for size in placement.window], start, body), placement)


def _add_look(e: Emitter, x: SSAValue, placement: Placement, at: Sequence[SSAValue], total: SSAValue) -> SSAValue:
    """`total` with what windows hold at one of their looks added where that looks."""
    sizes, rank = IndexSizes(e), placement.rank
    lead, channels = sizes.along(x, 0), sizes.along(x, 1 + 2 * rank)
    own = [lead, *placement.counts, *[1] * rank, channels]
    held = extract_part(e, x, [*[0] * (1 + rank), *at, 0], own, [1] * len(own))
    where = look_slice(e, placement, at, lead, [channels])
    part = extract_part(e, total, *where)
    read = [*range(rank + 1), *[None] * rank, rank + 1]
    maps = [projection(rank + 2, read), identity(rank + 2)]

    def add(inner: Emitter, element: SSAValue, sum_: SSAValue) -> SSAValue:
        return inner.value(arith.AddfOp(sum_, element) if is_float(element) else arith.AddiOp(sum_, element))

    return insert_part(e, generic(e, [held], [part], maps, [PARALLEL] * (rank + 2), add)[0], total, *where)
