"""Writing at computed places: updates that add to what is there, replace it, or are combined with it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import ALL, BOOL, INT64, NUMBERS, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import BatchCall, Results
from .rules.elementwise import is_float, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.index_lowering import element, loops
from .rules.linalg_builder import dims, type_of
from .rules.movement_lowering import check_same_size
from .rules.pairs import by_parts
from .rules.places import check_all_places, check_place_values, check_places, onnx_check_places, sample_places


class _Scatter(HLOp):
    """The base of ops that write `updates` at the places in `x` that the last axis of `indices` holds."""

    @classmethod
    @abstractmethod
    def combine(cls, result: np.ndarray, places: tuple[np.ndarray, ...], updates: np.ndarray, attrs: Attrs) -> None:
        """Write the updates, one after the other, into `result`."""

    @classmethod
    @abstractmethod
    def combined(cls, e: Emitter, old: SSAValue, update: SSAValue, attrs: Attrs) -> SSAValue:
        """Emit the element that an update makes of the old one."""

    @classmethod
    @abstractmethod
    def reduction(cls, attrs: Attrs) -> str:
        """The reduction of ONNX's `ScatterND`."""

    @classmethod
    def allowed(cls, attrs: Attrs) -> Sequence[DType]:
        """The dtypes that the op takes with these attributes."""
        return cls.accepted()

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The type of `x`."""
        x, indices, updates = map(shape_of, types)
        dtype, other = dtype_of(types[0]), dtype_of(types[2])
        if dtype not in cls.allowed(attrs) and not (cls.takes(dtype) and attrs.get("mode") == "none"):
            raise DTypeError(
                "C5", f"expected a dtype of {', '.join(d.name for d in cls.allowed(attrs))}, got {dtype.name}"
            )
        if dtype != other:
            raise DTypeError("C4", f"expected updates of dtype {dtype.name}, got {other.name}")
        check_places(x, types[1], attrs["count"])
        expected = (*indices[:-1], *x[attrs["count"] :])
        fits = len(expected) == len(updates)
        if not fits or any(a != b and DYNAMIC not in (a, b) for a, b in zip(expected, updates)):
            text = f"expected updates of shape {shape_text(expected)}, got {shape_text(updates)}"
            raise InferenceError("C4", text)
        return [types[0]]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's functions that take indices one after the other."""
        result = operands[0].copy()
        cls.write(result, operands[1], operands[2], attrs)
        return (result,)

    @classmethod
    def write(cls, x: np.ndarray, indices: np.ndarray, updates: np.ndarray, attrs: Attrs) -> None:
        """Combine updates with the elements of `x` itself, after checks. Raises `InferenceError`."""
        expected = (*indices.shape[:-1], *x.shape[attrs["count"] :])
        if updates.shape != expected:
            text = f"expected updates of shape {shape_text(expected)}, got {shape_text(updates.shape)}"
            raise InferenceError("C4", text)
        check_place_values(x, indices, attrs["count"])
        with np.errstate(all="ignore"):
            cls.combine(x, tuple(np.moveaxis(indices, -1, 0)), updates, attrs)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """Loops over the updates, in order, that write element by element to one tensor; indices are checked before."""
        attrs: dict[str, Any] = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        x, indices, updates = op.operands
        what = cls.name.removeprefix("hl.")
        count, lead = attrs["count"], type_of(indices).get_num_dims() - 1
        owners = [(indices, i) for i in range(lead)]
        owners += [(x, i) for i in range(count, type_of(x).get_num_dims())]
        for axis, (value, own) in enumerate(owners):
            check_same_size(e, updates, axis, value, own, f"{what}: updates: axis {axis} has size {{0}}, not {{1}}")
        check_all_places(e, x, indices, count, what)
        type_ = type_of(x).element_type

        def body(inner: Emitter, here: list[SSAValue], total: SSAValue) -> SSAValue:
            named = [element(inner, indices, [*here[:lead], inner.index(axis)]) for axis in range(count)]
            there = [*named, *here[lead:]]
            old = inner.value(tensor.ExtractOp(total, there, type_))
            update = inner.value(tensor.ExtractOp(updates, here, type_))
            return inner.value(tensor.InsertOp(cls.combined(inner, old, update, attrs), total, there))

        return [loops(e, dims(e, updates), x, body)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ScatterND` with a reduction."""
        x, indices, updates = call.inputs
        onnx_check_places(g, call, cls.name.removeprefix("hl."))
        inputs = [x, g.cast(indices, INT64), updates]
        return [g.node("ScatterND", inputs, reduction=cls.reduction(call.attrs))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any tensor that is not empty, valid places, small whole numbers, so that results are exact."""
        dtype = s.choice(cls.DTYPES)
        attrs = cls.sample_attrs(s, dtype)
        shape = s.shape(min_rank=1, min_side=1, max_side=3)
        indices = sample_places(s, shape, s.integer(1, len(shape)))
        if attrs.get("mode") == "none":  # where places repeat, updates that are replaced have no influence
            indices = np.unique(indices.reshape(-1, indices.shape[-1]), axis=0)
        where = (*indices.shape[:-1], *shape[indices.shape[-1] :])
        x, updates = (s.array(a, dtype) if dtype == BOOL else s.whole(a, dtype) for a in (shape, where))
        return Sample((x, indices, updates), {"count": indices.shape[-1], **attrs})

    @classmethod
    def sample_attrs(cls, s: Sampler, dtype: DType) -> Attrs:
        """Attributes of a valid call, but for `count`."""
        return {}

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """The indices behind those of the examples."""
        return b.apply(b.full(0), b.with_example(b.full(1)), b.full(2), count=b.attrs["count"] + 1)


@irdl_op_definition
class ScatterAddOp(_Scatter):
    """`x` with `updates` added at the places that the last axis of `indices` holds; what meets at one place adds up.

    C1: the last axis of `indices` has `count` elements (checked at run time where unknown before), at least 1, and at
        most as many as `x` has axes.
    C2: `indices` is of int32 or int64.
    C3: each index is at least 0 and below the size of its axis; checked at run time.
    C4: `updates` has the dtype of `x` and the sizes of `indices` but the last, then those of `x` that no index names;
        checked at run time where unknown before.
    C5: the dtype is {dtypes}.

    Definition: TensorFlow `tensor_scatter_nd_add`; the sum is made in the order of the updates.
    """

    name = "hl.scatter_add"
    decompose = by_parts
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "terms"

    x = operand_def(TensorType[Attribute])
    indices = operand_def(TensorType[Attribute])
    updates = operand_def(TensorType[Attribute])
    count = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def combine(cls, result: np.ndarray, places: tuple[np.ndarray, ...], updates: np.ndarray, attrs: Attrs) -> None:
        """NumPy's `add.at`."""
        np.add.at(result, places, updates)

    @classmethod
    def combined(cls, e: Emitter, old: SSAValue, update: SSAValue, attrs: Attrs) -> SSAValue:
        """The sum."""
        return e.value((arith.AddfOp if is_float(old) else arith.AddiOp)(old, update))

    @classmethod
    def reduction(cls, attrs: Attrs) -> str:
        """Addition."""
        return "add"

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` itself, and what of it is at the places."""
        return [dy, None, m.gather_nd(dy, call.inputs[1])]


_MODES = ("none", "mul", "min", "max")


@irdl_op_definition
class ScatterOp(_Scatter):
    """`x` with `updates` combined with what is at the places that the last axis of `indices` holds.

    `mode` is `"none"`: the update replaces the element; `"mul"`: the product; `"min"`, `"max"`: the update where
    that is less, or greater, so that a NaN stays and one among the updates changes nothing. Where several updates meet
    at one place they are applied one after the other; ONNX leaves open which one replaces the others.

    C1: the last axis of `indices` has `count` elements (checked at run time where unknown before), at least 1, and at
        most as many as `x` has axes.
    C2: `indices` is of int32 or int64.
    C3: each index is at least 0 and below the size of its axis; checked at run time.
    C4: `updates` has the dtype of `x` and the sizes of `indices` but the last, then those of `x` that no index names;
        checked at run time where unknown before.
    C5: the dtype is {dtypes}.
    C6: `mode` is one of those above; for bool it is `"none"`.

    Definition: TensorFlow `tensor_scatter_nd_update`, `…_min` and `…_max`; ONNX `ScatterND`.
    """

    name = "hl.scatter"
    decompose = by_parts
    DTYPES: ClassVar[tuple[DType, ...]] = ALL
    TAKES_STRINGS: ClassVar[bool] = True
    EXACT: ClassVar[bool] = False
    CHOOSES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    indices = operand_def(TensorType[Attribute])
    updates = operand_def(TensorType[Attribute])
    count = prop_def(Attribute)
    mode = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The type of `x`."""
        if attrs["mode"] not in _MODES:
            raise InferenceError("C6", f"expected one of {', '.join(_MODES)}, got {attrs['mode']}")
        return super().infer(types, attrs)

    @classmethod
    def allowed(cls, attrs: Attrs) -> Sequence[DType]:
        """Numbers, and booleans that replace others."""
        return cls.accepted() if attrs["mode"] == "none" else NUMBERS

    @classmethod
    def combine(cls, result: np.ndarray, places: tuple[np.ndarray, ...], updates: np.ndarray, attrs: Attrs) -> None:
        """NumPy's `multiply.at`, and those of the extremes, from which a NaN among the updates is left out."""
        how = attrs["mode"]
        if how == "none":
            for place in np.ndindex(places[0].shape):
                result[tuple(axis[place] for axis in places)] = updates[place]
        elif how == "mul":
            np.multiply.at(result, places, updates)
        else:
            neutral = np.inf if how == "min" else -np.inf
            ordered = updates if not dtype_of(updates).is_floating else np.where(np.isnan(updates), neutral, updates)
            (np.minimum if how == "min" else np.maximum).at(result, places, ordered.astype(updates.dtype))

    @classmethod
    def combined(cls, e: Emitter, old: SSAValue, update: SSAValue, attrs: Attrs) -> SSAValue:
        """The update, the product, or a choice."""
        how, floats = attrs["mode"], is_float(old)
        if how == "none":
            return update
        if how == "mul":
            return e.value((arith.MulfOp if floats else arith.MuliOp)(old, update))
        less, more = (update, old) if how == "min" else (old, update)
        better = arith.CmpfOp(less, more, "olt") if floats else arith.CmpiOp(less, more, "slt")
        return e.value(arith.SelectOp(e.value(better), update, old))

    @classmethod
    def reduction(cls, attrs: Attrs) -> str:
        """The same."""
        return attrs["mode"]

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """TensorFlow's: what was replaced has none; equal extremes share it; of products the other factors."""
        x, indices, updates = call.inputs
        if call.attrs["mode"] == "none":
            of_updates = m.gather_nd(dy, indices)  # first, so that the zeros can be written into the memory of `dy`
            return [m.scatter(dy, indices, m.zeros_like(updates), "none"), None, of_updates]
        if call.attrs["mode"] == "mul":
            return _gradient_of_products(m, call, dy)
        (result,) = call.outputs
        is_own = m.cast(m.equal(x, result), dy.dtype)
        is_other = m.cast(m.equal(updates, m.gather_nd(result, indices)), dy.dtype)
        share = m.divide(dy, m.scatter_add(is_own, indices, is_other))
        return [m.multiply(share, is_own), None, m.multiply(m.gather_nd(share, indices), is_other)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ScatterND`; ONNX Runtime's extremes lose NaN, and take those among the updates."""
        dtype, how = dtype_of(call.input_types[0]), call.attrs["mode"]
        if not g.exact or not dtype.is_floating or how not in ("min", "max"):
            return super().onnx(g, call)
        x, indices, updates = call.inputs
        neutral = g.constant(np.array(np.inf if how == "min" else -np.inf, dtype))
        ordered = g.node("Where", [g.node("IsNaN", [updates]), neutral, updates])
        (extreme,) = super().onnx(g, replace(call, inputs=[x, indices, ordered]))
        return [g.node("Where", [g.node("IsNaN", [x]), x, extreme])]

    @classmethod
    def sample_attrs(cls, s: Sampler, dtype: DType) -> Attrs:
        """Any mode that the dtype has."""
        return {"mode": "none" if dtype == BOOL else s.choice(_MODES)}


def _gradient_of_products(m: Functions, call: OpCall, dy: Value) -> Gradients:
    """The product of the other factors: the quotient, but where one of them is 0 the product without the zeros."""
    x, indices, updates = call.inputs
    (product,) = call.outputs
    own_zero, zero = m.equal(x, m.zeros_like(x)), m.equal(updates, m.zeros_like(updates))
    zeros = m.scatter_add(m.cast(own_zero, dy.dtype), indices, m.cast(zero, dy.dtype))
    factor, factors = m.where(own_zero, m.ones_like(x), x), m.where(zero, m.ones_like(updates), updates)
    without = m.scatter(factor, indices, factors, "mul")
    slope = m.where(m.greater(zeros, m.ones_like(zeros)), m.zeros_like(dy), dy)
    own = m.where(own_zero, without, m.divide(product, factor))
    others = m.where(zero, m.gather_nd(without, indices), m.divide(m.gather_nd(product, indices), factors))
    return [m.multiply(slope, own), None, m.multiply(m.gather_nd(slope, indices), others)]
