"""Reductions: sums, products, means, extremes, any and all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, i64
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import BOOL, INT64, UINT64, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of
from .rules.adapters import always, by_numpy, emits
from .rules.base import not_differentiable
from .rules.facets import OnnxGraph, OpCall, Sampler
from .rules.float_sums import float_sum
from .rules.functions import Functions, Gradients, Value
from .rules.integer_graph import wrapping_product, wrapping_sum
from .rules.linalg_builder import dim, elementwise, type_of
from .rules.pairs import by_parts, product_of_parts
from .rules.reductions import ReduceOp, accumulate, padded, spread


class _AddingOp(ReduceOp):
    """A reduction that adds. Samples are quarters, whose sums are exact in any order, and sometimes not finite."""

    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "terms"
    LOW: ClassVar[float | None] = -9.0
    HIGH: ClassVar[float | None] = 9.0

    start = always(0)
    combine = emits(arith.AddfOp, arith.AddiOp)

    @classmethod
    def sample_array(cls, s: Sampler, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """Quarters, perhaps with a NaN or an infinity, or any integers."""
        if not dtype.is_floating:
            return s.array(shape, dtype)
        array = np.asarray(np.round(s.array(shape, dtype, cls.LOW, cls.HIGH) * 4) / dtype.as_numpy_dtype(4))
        if array.size and s.boolean():
            array.flat[s.integer(0, array.size - 1)] = s.choice([np.nan, np.inf, -np.inf])
        return array


@irdl_op_definition
class SumOp(_AddingOp):
    """The sum along `axes`; 0 of nothing; integers wrap around.

    Definition: NumPy `sum` in the dtype of `x`. The order in which floats are added is not defined.
    """

    name = "hl.sum"
    decompose = by_parts
    COMMON: ClassVar[bool] = True
    ONNX: ClassVar[str] = "ReduceSum"

    compute = by_numpy(float_sum)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` at every element."""
        return [spread(m, dy, call)]

    @classmethod
    def onnx_reduction(cls, g: OnnxGraph, call: OpCall, x: str) -> str:
        """`ReduceSum`; of integers, one that wraps around; of many float32, in float64 where it has to be exact."""
        axes, dtype = call.attrs["axes"], dtype_of(call.input_types[0])
        if not axes:
            return g.node("Identity", [x])
        names = x, g.constant(np.array(axes, np.int64))
        sizes = [shape_of(call.input_types[0])[axis] for axis in axes]
        terms = None if DYNAMIC in sizes else int(np.prod(sizes))
        return wrapping_sum(g, *names, dtype, terms, keepdims=int(call.attrs["keepdims"]))


@irdl_op_definition
class MeanOp(_AddingOp):
    """The mean along `axes`: the sum divided by the count; of integers rounded towards zero. Of nothing NaN, or 0.

    Definition: TensorFlow `reduce_mean`. The order in which floats are added is not defined; integers are added in 64
    bits, and wrap around there.
    """

    name = "hl.mean"
    decompose = by_parts

    @classmethod
    def computes_in(cls, dtype: DType) -> DType:
        """64 bits, for integers."""
        if dtype.is_integer:
            return UINT64 if dtype.is_unsigned else INT64
        return super().computes_in(dtype)

    @classmethod
    def compute(cls, x: np.ndarray, axes: tuple[int, ...], keepdims: bool) -> np.ndarray:
        """NumPy's sum, divided."""
        total = float_sum(x, axes, keepdims)
        count = int(np.prod([x.shape[axis] for axis in axes], dtype=np.int64))
        if dtype_of(x).is_inexact:
            return np.divide(total, x.dtype.type(count))
        divisor = x.dtype.type(max(count, 1))
        return (total - np.fmod(total, divisor)) // divisor

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """The sum, and a division by the count."""
        attrs = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        (x,), result = op.operands, type_of(op.results[0])
        type_ = result.element_type
        axes = attrs["axes"]
        total = accumulate(e, x, result, axes, attrs["keepdims"], e.constant(0, type_), cls.combine)
        count = e.index(1)
        for axis in axes:
            count = e.value(arith.MuliOp(count, dim(e, x, axis)))
        if isinstance(type_, AnyFloat):
            divisor = e.value(arith.SIToFPOp(e.value(arith.IndexCastOp(count, i64)), type_))
            return [elementwise(e, [total], result, lambda i, t: i.value(arith.DivfOp(t, divisor)))]
        count = e.value(arith.MaxSIOp(count, e.index(1)))
        divisor = e.value(arith.IndexCastOp(count, type_))
        return [elementwise(e, [total], result, lambda i, t: i.value(arith.DivSIOp(t, divisor)))]

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` divided by the count, at every element."""
        sizes = [shape_of(call.input_types[0])[axis] for axis in call.attrs["axes"]]
        if DYNAMIC in sizes:
            whole, part = (m.cast(m.size(value), dy.dtype) for value in (call.inputs[0], dy))
            count = m.divide(whole, part)
        else:
            count = m.cast(float(np.prod(sizes)), dy.dtype)
        return [spread(m, m.divide(dy, count), call)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ReduceSum`, divided by the product of the sizes: what `ReduceMean` of nothing is, ONNX leaves open."""
        (x,), axes, dtype = call.inputs, call.attrs["axes"], dtype_of(call.input_types[0])
        if not axes:
            return [g.node("Identity", [x])]
        if not g.exact and dtype.is_floating:
            names = [x, g.constant(np.array(axes, np.int64))]
            return [g.node("ReduceMean", names, keepdims=int(call.attrs["keepdims"]))]
        total = SumOp.onnx_reduction(g, call, x)
        sizes = g.node("Gather", [g.node("Shape", [x]), g.constant(np.array(axes, np.int64))], axis=0)
        count = g.node("ReduceProd", [sizes], keepdims=0)
        if not dtype.is_floating:
            count = g.node("Max", [count, g.constant(np.array(1, np.int64))])
        return [g.node("Div", [total, g.cast(count, dtype)])]


@irdl_op_definition
class ProdOp(ReduceOp):
    """The product along `axes`; 1 of nothing; integers wrap around.

    Definition: NumPy `prod` in the dtype of `x`. The order in which floats are multiplied is not defined.
    """

    name = "hl.prod"
    decompose = product_of_parts
    EXACT: ClassVar[bool] = False
    ONNX: ClassVar[str] = "ReduceProd"
    LOW: ClassVar[float | None] = -2.0
    HIGH: ClassVar[float | None] = 2.0

    start = always(1)
    compute = by_numpy(lambda x, axes, keepdims: np.prod(x, axes, dtype=x.dtype, keepdims=keepdims))
    combine = emits(arith.MulfOp, arith.MuliOp)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` times the product of the others, which needs no division by an element that is 0."""
        (x,), axes = call.inputs, list(call.attrs["axes"])
        zero, one = m.zeros_like(x), m.ones_like(x)
        is_zero = m.equal(x, zero)
        nonzero = m.where(is_zero, one, x)
        product = m.reduce_prod(nonzero, axes, True)
        zeros = m.reduce_sum(m.where(is_zero, one, zero), axes, True)
        others = m.where(is_zero, one, zero)
        alone = m.equal(m.subtract(zeros, others), zero)
        return [m.where(alone, m.multiply(spread(m, dy, call), m.conj(m.divide(product, nonzero))), zero)]

    @classmethod
    def onnx_reduction(cls, g: OnnxGraph, call: OpCall, x: str) -> str:
        """`ReduceProd`; of integers, products of halves, which wrap around."""
        (type_,), axes, keepdims = call.input_types, call.attrs["axes"], call.attrs["keepdims"]
        if dtype_of(type_).is_floating or not axes:
            return super().onnx_reduction(g, call, x)
        sizes = [shape_of(type_)[axis] for axis in axes]
        rank = len(shape_of(type_))
        x = padded(g, x, type_, [a for a in axes if shape_of(type_)[a] in (0, DYNAMIC)], 1)
        kept = [axis for axis in range(rank) if axis not in axes]
        moved = g.node("Transpose", [x], perm=[*kept, *axes])
        shape = g.node("Shape", [moved])
        names = [g.constant(np.array([bound], np.int64)) for bound in (0, len(kept))]
        lead = g.node("Slice", [shape, *names])
        count = g.node("ReduceProd", [g.node("Shape", [moved], start=len(kept))], keepdims=1)
        rows = g.node("Reshape", [moved, g.node("Concat", [lead, count], axis=0)], allowzero=1)
        steps = 31 if DYNAMIC in sizes else int(np.prod(np.maximum(sizes, 1)) - 1).bit_length()
        product = wrapping_product(g, rows, steps)
        return g.node("Unsqueeze", [product, g.constant(np.array(axes, np.int64))]) if keepdims else product


class _ExtremeOp(ReduceOp):
    """The greatest or least element; its gradient is shared by the elements that are equal to it."""

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy`, in equal parts, to the elements that are the extreme."""
        (x,), axes = call.inputs, list(call.attrs["axes"])
        chosen = m.equal(x, spread(m, call.outputs[0], call))
        share = m.where(chosen, m.ones_like(x), m.zeros_like(x))
        count = m.reduce_sum(share, axes, True)
        return [m.multiply(spread(m, dy, call), m.divide(share, count))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The node `ONNX`; NaN where there is one, which ONNX Runtime's may pass over."""
        (x,) = call.inputs
        result = cls.onnx_reduction(g, call, x)
        if not g.exact or not dtype_of(call.input_types[0]).is_floating or not call.attrs["axes"]:
            return [result]
        dtype = dtype_of(call.input_types[0])
        marks = g.node("Where", [g.node("IsNaN", [x]), x, g.constant(np.array(0, dtype))])
        total = SumOp.onnx_reduction(g, call, marks)
        return [g.node("Where", [g.node("IsNaN", [total]), total, result])]


@irdl_op_definition
class MaxOp(_ExtremeOp):
    """The greatest element along `axes`; NaN if there is one. Of nothing: -inf, or the least integer.

    Definition: NumPy `max` with that initial value.
    """

    name = "hl.max"
    COMMON: ClassVar[bool] = True
    CHOOSES: ClassVar[bool] = True
    ONNX: ClassVar[str] = "ReduceMax"

    combine = emits(arith.MaximumfOp, arith.MaxSIOp)

    @classmethod
    def compute(cls, x: np.ndarray, axes: tuple[int, ...], keepdims: bool) -> np.ndarray:
        """NumPy's max; 0 where the greatest elements are zeros and not all of them -0."""
        found = np.max(x, axes, keepdims=keepdims, initial=cls.start(dtype_of(x)))
        if not dtype_of(x).is_floating:
            return found
        positive = np.any((x == 0) & ~np.signbit(x), axes, keepdims=keepdims)
        return np.where((found == 0) & positive, np.abs(found), found)

    @classmethod
    def start(cls, dtype: DType) -> float:
        """-inf, or the least integer."""
        return float("-inf") if dtype.is_floating else int(np.iinfo(dtype).min)


@irdl_op_definition
class MinOp(_ExtremeOp):
    """The least element along `axes`; NaN if there is one. Of nothing: inf, or the greatest integer.

    Definition: NumPy `min` with that initial value.
    """

    name = "hl.min"
    CHOOSES: ClassVar[bool] = True
    ONNX: ClassVar[str] = "ReduceMin"

    combine = emits(arith.MinimumfOp, arith.MinSIOp)

    @classmethod
    def compute(cls, x: np.ndarray, axes: tuple[int, ...], keepdims: bool) -> np.ndarray:
        """NumPy's min; -0 where the least elements are zeros and one of them -0."""
        found = np.min(x, axes, keepdims=keepdims, initial=cls.start(dtype_of(x)))
        if not dtype_of(x).is_floating:
            return found
        negative = np.any((x == 0) & np.signbit(x), axes, keepdims=keepdims)
        return np.where((found == 0) & negative, -np.abs(found), found)

    @classmethod
    def start(cls, dtype: DType) -> float:
        """inf, or the greatest integer."""
        return float("inf") if dtype.is_floating else int(np.iinfo(dtype).max)


@irdl_op_definition
class AnyOp(ReduceOp):
    """Whether any element along `axes` holds; false of nothing.

    Definition: NumPy `any`.
    """

    name = "hl.any"
    DTYPES: ClassVar[tuple[DType, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "ReduceMax"

    start = always(False)
    compute = by_numpy(lambda x, axes, keepdims: np.any(x, axes, keepdims=keepdims))
    combine = emits(arith.OrIOp)
    gradient = not_differentiable("its values are booleans")


@irdl_op_definition
class AllOp(ReduceOp):
    """Whether every element along `axes` holds; true of nothing.

    Definition: NumPy `all`.
    """

    name = "hl.all"
    DTYPES: ClassVar[tuple[DType, ...]] = (BOOL,)
    ONNX: ClassVar[str] = "ReduceMin"

    start = always(True)
    compute = by_numpy(lambda x, axes, keepdims: np.all(x, axes, keepdims=keepdims))
    combine = emits(arith.AndIOp)
    gradient = not_differentiable("its values are booleans")
