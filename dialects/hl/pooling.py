"""Pooling: the greatest element, or the mean, of what windows look at."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, TensorType, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import FLOATS, NUMBERS, DType, dtype_of
from ..emitter import Emitter
from ..types import shape_of, tensor_type
from .reduce import MaxOp, SumOp
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import over_examples
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import PARALLEL, REDUCTION, elementwise, empty, filled, generic, projection, type_of
from .rules.movement_lowering import cast_to
from .rules.reductions import Combine, ReduceOp
from .rules.sizes.arithmetic import IndexSizes
from .rules.windows.geometry import check_windows, count_windows, sample_windows, window_view
from .rules.windows.lowering import Placement, Size, look, place_windows, shaped, with_border
from .rules.windows.onnx import OnnxWindows, sizes_of, where_not_empty


class PoolOp(HLOp):
    """One result for each window and channel. A subclass says what of, and gives the reduction it is: `OVER`."""

    DTYPES: ClassVar[tuple[DType, ...]] = NUMBERS
    OVER: ClassVar[type[ReduceOp]]

    x = operand_def(TensorType[Attribute])
    window = prop_def(Attribute)
    strides = prop_def(Attribute)
    padding = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = over_examples

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The examples, the places, the channels."""
        shape, dtype, window = shape_of(types[0]), dtype_of(types[0]), attrs["window"]
        if not 3 <= len(shape) <= 5:
            raise InferenceError("C1", f"expected from 3 to 5 axes, got shape {shape_text(shape)}")
        check_windows("C2", attrs, len(shape) - 2)
        if len(window) != len(shape) - 2:
            raise InferenceError("C2", f"expected {len(shape) - 2} sizes of a window, got {shape_text(window)}")
        padding = attrs["padding"]
        if not isinstance(padding, str) and any(max(pair) >= size for pair, size in zip(padding, window)):
            text = f"expected less padding than a window has elements, {shape_text(window)}, got {padding}"
            raise InferenceError("C2", text)
        if dtype not in cls.DTYPES:
            allowed = ", ".join(d.name for d in cls.DTYPES)
            raise DTypeError("C4", f"expected a dtype of {allowed}, got {dtype.name}")
        return [tensor_type((shape[0], *count_windows("C3", shape[1:-1], window, attrs), shape[-1]), dtype)]

    @classmethod
    def looked_at(cls, x: np.ndarray, attrs: Attrs) -> np.ndarray:
        """What windows look at, with what `OVER` starts from in the padding."""
        return window_view(x, attrs["window"], attrs, cls.OVER.start(dtype_of(x)))

    @classmethod
    def reduced(cls, e: Emitter, op: Operation) -> tuple[SSAValue, Placement]:
        """`OVER` of what windows look at, and where they stand."""
        (x,), sizes, attrs = op.operands, IndexSizes(e), op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        rank = len(attrs["window"])
        totals = [sizes.along(x, axis + 1) for axis in range(rank)]
        placement = place_windows(e, totals, attrs["window"], attrs, op.name.removeprefix("hl."))
        start = e.constant(cls.OVER.start(dtype_of(x.type)), type_of(x).element_type)
        padded = with_border(e, x, placement.low, placement.high, start)
        return over_windows(e, padded, placement, start, cls.OVER.combine), placement

    @classmethod
    def sample_array(cls, s: Sampler, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """The operand of a sample."""
        return s.array(shape, dtype)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Windows over one or two axes."""
        dtype = s.choice(cls.DTYPES)
        totals, window, attrs = sample_windows(s, s.choice([1, 2]), dtype, dilated=False)
        x = cls.sample_array(s, (s.integer(0, 2), *totals, s.integer(1, 2)), dtype)
        return Sample((x,), {"window": tuple(window), **attrs})


def over_windows(e: Emitter, x: SSAValue, placement: Placement, start: SSAValue, combine: Combine) -> SSAValue:
    """What windows look at in a tensor with a border, folded by `combine`, from `start` on.

    An operand that is not read, of the shape of a window, says how far the loops inside of a window run.
    """
    sizes, rank = IndexSizes(e), placement.rank
    own: list[Size] = [sizes.along(x, 0), *placement.counts, sizes.along(x, rank + 1)]
    init = filled(e, start, shaped(type_of(x), own), [sizes.value(size) for size in own])
    looks = [sizes.value(size) for size in placement.window]
    shape = empty(e, shaped(type_of(x), placement.window), looks)
    loops, last = 2 + 2 * rank, rank + 1
    exprs = [look(placement, axis, 1 + axis, last + 1 + axis) for axis in range(rank)]
    read = AffineMap(loops, 0, (AffineDimExpr(0), *exprs, AffineDimExpr(last)))
    maps = [read, projection(loops, range(last + 1, loops)), projection(loops, range(last + 1))]
    kinds = [PARALLEL] * (last + 1) + [REDUCTION] * rank

    def body(inner: Emitter, element: SSAValue, _: SSAValue, total: SSAValue) -> SSAValue:
        return combine(inner, total, element)

    return generic(e, [x, shape], [init], maps, kinds, body)[0]


@irdl_op_definition
class MaxPoolOp(PoolOp):
    """The greatest element that each window looks at, for each channel; NaN if there is one. Padding does not count.

    C1: `x` has from 3 to 5 axes: examples, axes that windows move over, channels.
    C2: `window`, `strides` and `padding` describe windows over the axes between; explicit padding is less than a
        window.
    C3: the window has elements, and fits into what is padded; checked at run time where unknown before.
    C4: the dtype is {dtypes}.

    Definition: TensorFlow `nn.max_pool`. The gradient goes to the first of several greatest elements, as there.
    """

    name = "hl.max_pool"
    CHOOSES: ClassVar[bool] = True
    OVER: ClassVar[type[ReduceOp]] = MaxOp

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's max."""
        (x,), rank = operands, len(attrs["window"])
        axes = tuple(range(1 + rank, 1 + 2 * rank))
        return (np.max(cls.looked_at(x, attrs), axes, initial=MaxOp.start(dtype_of(x))).astype(x.dtype, copy=False),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy`, added up at the first greatest elements of the windows."""
        (x,), window = call.inputs, call.attrs["window"]
        if not dtype_of(dy).is_inexact:
            return [None]
        attrs = {**call.attrs, "dilations": (1,) * len(window)}
        looks = int(np.prod(window))
        patches = m.extract_patches_of(x, m.cast(-np.inf, dy.dtype), attrs)
        sizes = [m.size_along(dy, axis) for axis in range(len(dy.shape))]
        rows = m.reshape(patches, [*sizes[:-1], looks, sizes[-1]])
        chosen = m.one_hot(m.argmax(rows, len(dy.shape) - 1), looks, axis=len(dy.shape) - 1, dtype=dy.dtype)
        shares = m.multiply(chosen, m.expand_dims(dy, len(dy.shape) - 1))
        return [m.add_patches(m.reshape(shares, [*sizes[:-1], *window, sizes[-1]]), x, attrs)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A border of -inf, or the least integer, and a `linalg.generic` that keeps the greatest."""
        found, _ = cls.reduced(e, op)
        return [cast_to(e, found, type_of(op.results[0]))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`MaxPool` with channels first, NaN and -inf put back; of other dtypes than float32 `ReduceMax`."""
        (x,), (type_,), window = call.inputs, call.input_types, call.attrs["window"]
        if dtype_of(type_) != np.float32:
            return [cls._onnx_by_parts(g, call)]
        windows = OnnxWindows(g, x, type_, window, call.attrs)
        greatest = _onnx_greatest if g.exact else _onnx_max_pool

        def by_node(inner: OnnxGraph) -> str:
            windows = OnnxWindows(inner, x, type_, window, call.attrs)
            return windows.channels_last(greatest(inner, windows))

        sizes = [*sizes_of(g, x, type_)[1:], *windows.counts]
        by_parts = partial(cls._onnx_by_parts, call=call)
        return [where_not_empty(g, sizes, by_node, by_parts, call.output_types[0])]

    @classmethod
    def _onnx_by_parts(cls, g: OnnxGraph, call: OpCall) -> str:
        (x,), (type_,), window = call.inputs, call.input_types, call.attrs["window"]
        windows = OnnxWindows(g, x, type_, window, call.attrs)
        windows.check("max_pool")
        views = windows.views(MaxOp.start(dtype_of(type_)))
        rank, kept = len(window), shape_of(call.output_types[0])
        shape = (*kept[:-1], *window, kept[-1])
        axes = {"axes": tuple(range(1 + rank, 1 + 2 * rank)), "keepdims": False}
        return MaxOp.onnx(g, OpCall([views], (), axes, [tensor_type(shape, dtype_of(type_))], call.output_types))[0]


def _onnx_max_pool(g: OnnxGraph, windows: OnnxWindows) -> str:
    """`MaxPool`, whatever it says of NaN and -inf."""
    x = windows.channels_first() if windows.pads_by_node else windows.channels_first(windows.bordered(-np.inf))
    return g.node("MaxPool", [x], kernel_shape=windows.window, **windows.attributes(dilated=False))


def _onnx_greatest(g: OnnxGraph, windows: OnnxWindows) -> str:
    """`MaxPool`. ONNX Runtime passes over NaN and takes no element for less than the least finite number.

    So a second one says for each window whether there is a NaN, and whether anything is more than -inf.
    """

    def scalar(value: float) -> str:
        return g.constant(np.array(value, np.float32))

    x = windows.channels_first() if windows.is_known else windows.channels_first(windows.bordered(-np.inf))
    attributes = {"kernel_shape": windows.window, **windows.attributes(dilated=False)}
    more = g.node("Where", [g.node("Greater", [x, scalar(-np.inf)]), scalar(1), scalar(0)])
    marks = g.node("Where", [g.node("IsNaN", [x]), scalar(2), more])
    mark = g.node("MaxPool", [marks], **attributes)
    greatest = g.node("MaxPool", [x], **attributes)
    greatest = g.node("Where", [g.node("Equal", [mark, scalar(2)]), scalar(np.nan), greatest])
    return g.node("Where", [g.node("Equal", [mark, scalar(0)]), scalar(-np.inf), greatest])


@irdl_op_definition
class AvgPoolOp(PoolOp):
    """The mean of the elements that each window looks at, for each channel. Padding does not count.

    C1: `x` has from 3 to 5 axes: examples, axes that windows move over, channels.
    C2: `window`, `strides` and `padding` describe windows over the axes between; explicit padding is less than a
        window.
    C3: the window has elements, and fits into what is padded; checked at run time where unknown before.
    C4: the dtype is {dtypes}.

    Definition: TensorFlow `nn.avg_pool`. The order in which floats are added is not defined.
    """

    name = "hl.avg_pool"
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "terms"
    DTYPES: ClassVar[tuple[DType, ...]] = FLOATS
    OVER: ClassVar[type[ReduceOp]] = SumOp

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's sum, divided by how many elements of `x` a window looks at."""
        (x,), rank = operands, len(attrs["window"])
        axes = tuple(range(1 + rank, 1 + 2 * rank))
        ones = cls.looked_at(np.ones((1, *x.shape[1:-1], 1), x.dtype), attrs)
        with np.errstate(all="ignore"):
            total = np.sum(cls.looked_at(x, attrs), axes, dtype=x.dtype)
            return (np.asarray(total / np.sum(ones, axes, dtype=x.dtype)),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` in equal parts, added up at what the windows look at."""
        (x,), window = call.inputs, call.attrs["window"]
        attrs, rank = {**call.attrs, "dilations": (1,) * len(window)}, len(window)
        sizes = [m.size_along(dy, axis) for axis in range(len(dy.shape))]
        ones = m.ones([1, *(m.size_along(x, axis) for axis in range(1, rank + 1)), 1], dy.dtype)
        counts = m.reduce_sum(
            m.extract_patches_of(ones, m.cast(0.0, dy.dtype), attrs), [*range(1 + rank, 1 + 2 * rank)]
        )
        shares = m.reshape(m.divide(dy, counts), [*sizes[:-1], *[1] * rank, sizes[-1]])
        return [m.add_patches(m.broadcast_to(shares, [*sizes[:-1], *window, sizes[-1]]), x, attrs)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A border of 0, a `linalg.generic` that adds, and one that divides by how many elements a window looks at."""
        total, placement = cls.reduced(e, op)
        result, sizes = type_of(op.results[0]), IndexSizes(e)
        type_ = result.element_type
        assert isinstance(type_, AnyFloat)
        totals = [sizes.value(size) for size in placement.totals]
        lows = [sizes.value(low) for low in placement.low]
        bordered = any(w.padding != "VALID" for w in placement.windows)

        def mean(inner: Emitter, element: SSAValue) -> SSAValue:
            if bordered:
                count = _elements(inner, placement, totals, lows)
            else:
                count = inner.index(int(np.prod(op.attrs()["window"])))  # pyright: ignore[reportAttributeAccessIssue]
            number = inner.value(arith.SIToFPOp(inner.value(arith.IndexCastOp(count, i64)), type_))
            return inner.value(arith.DivfOp(element, number))

        return [elementwise(e, [cast_to(e, total, result)], result, mean)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`AveragePool` with channels first; of float64, for which runtimes have none, `ReduceSum` and `Div`."""
        (x,), (type_,), window = call.inputs, call.input_types, call.attrs["window"]
        windows = OnnxWindows(g, x, type_, window, call.attrs)
        if dtype_of(type_) != np.float32 or not windows.pads_by_node:
            return [cls._onnx_by_parts(g, call)]

        def by_node(inner: OnnxGraph) -> str:
            windows = OnnxWindows(inner, x, type_, window, call.attrs)
            attributes = {"kernel_shape": windows.window, "count_include_pad": 0, **windows.attributes(dilated=False)}
            return windows.channels_last(inner.node("AveragePool", [windows.channels_first()], **attributes))

        sizes = [*sizes_of(g, x, type_)[1:], *windows.counts]
        by_parts = partial(cls._onnx_by_parts, call=call)
        return [where_not_empty(g, sizes, by_node, by_parts, call.output_types[0])]

    @classmethod
    def _onnx_by_parts(cls, g: OnnxGraph, call: OpCall) -> str:
        (x,), (type_,), window = call.inputs, call.input_types, call.attrs["window"]
        windows, rank = OnnxWindows(g, x, type_, window, call.attrs), len(window)
        windows.check("avg_pool")
        axes = g.constant(np.arange(1 + rank, 1 + 2 * rank))
        shape = windows.sizes.vector([1, *windows.totals, 1])
        ones = g.node("Expand", [g.constant(np.array(1, dtype_of(type_))), shape])
        counts = OnnxWindows(g, ones, tensor_type((1, *shape_of(type_)[1:-1], 1), dtype_of(type_)), window, call.attrs)
        sums = [g.node("ReduceSum", [each.views(), axes], keepdims=0) for each in (windows, counts)]
        return g.node("Div", sums)

    @classmethod
    def sample_array(cls, s: Sampler, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """Quarters, whose sums are exact in any order."""
        return np.asarray(np.round(s.array(shape, dtype, -9, 9) * 4) / dtype.as_numpy_dtype(4))


def _elements(e: Emitter, placement: Placement, totals: Sequence[SSAValue], lows: Sequence[SSAValue]) -> SSAValue:
    """How many elements that are no padding the window looks at that the loops of a `linalg.generic` stand for."""
    product = e.index(1)
    for axis, (each, size) in enumerate(zip(placement.windows, placement.window, strict=True)):
        assert isinstance(size, int)
        place = e.value(linalg.IndexOp(1 + axis))
        first = e.value(arith.SubiOp(e.value(arith.MuliOp(place, e.index(each.stride))), lows[axis]))
        past = e.value(arith.MinSIOp(e.value(arith.AddiOp(first, e.index(size))), totals[axis]))
        inside = e.value(arith.SubiOp(past, e.value(arith.MaxSIOp(first, e.index(0)))))
        product = e.value(arith.MuliOp(product, inside))
    return product
