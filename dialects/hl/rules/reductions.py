"""What reductions share: axes, the loop that accumulates, its ONNX form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import operand_def, prop_def, result_def

from ...dtypes import DType, dtype_of
from ...emitter import Emitter
from ...types import DYNAMIC, shape_of, tensor_type
from .base import DTypeError, HLOp, InferenceError, Types
from .batching import shifted
from .elementwise import shape_text
from .facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .functions import Functions, Value
from .linalg_builder import PARALLEL, REDUCTION, dim, filled, generic, identity, projection, type_of

Combine = Callable[[Emitter, SSAValue, SSAValue], SSAValue]
"""Emits the combination of what was accumulated with one more element."""


class ReduceOp(HLOp):
    """One result, with some axes folded by an associative operation.

    A subclass gives `compute` (numpy), `combine` and `start` (the `linalg` body and its first value), the accepted
    `DTYPES` (C2), and `ONNX`, the ONNX operator.
    """

    CONSTRAINTS: ClassVar[Mapping[str, str]] = {
        "C1": "`axes` are different axes of `x`; `keepdims` keeps them, with size 1.",
        "C2": "the dtype is {dtypes}.",
    }
    ONNX: ClassVar[str] = ""
    LOW: ClassVar[float | None] = None
    HIGH: ClassVar[float | None] = None

    x = operand_def(TensorType[Attribute])
    axes = prop_def(Attribute)
    keepdims = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = shifted("axes")

    @classmethod
    def compute(cls, x: np.ndarray, axes: tuple[int, ...], keepdims: bool) -> np.ndarray:
        """The meaning on an array, in its dtype; warnings are off around the call."""
        raise TypeError(f"{cls.name} does not say its meaning")

    @classmethod
    def combine(cls, e: Emitter, total: SSAValue, x: SSAValue) -> SSAValue:
        """Emit the combination of two scalars."""
        raise TypeError(f"{cls.name} does not say its lowering")

    @classmethod
    def start(cls, dtype: DType) -> float:
        """What an empty reduction gives, and a reduction starts from."""
        raise TypeError(f"{cls.name} does not say where it starts")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape without the axes, or with 1 in their place."""
        (type_,) = types
        shape, dtype, axes = shape_of(type_), dtype_of(type_), attrs["axes"]
        if not cls.takes(dtype):
            allowed = ", ".join(d.name for d in cls.accepted())
            raise DTypeError("C2", f"expected a dtype of {allowed}, got {dtype.name}")
        if len(set(axes)) < len(axes) or any(not 0 <= axis < len(shape) for axis in axes):
            raise InferenceError("C1", f"axes {list(axes)} are not different axes of shape {shape_text(shape)}")
        return [tensor_type(reduced_shape(shape, axes, attrs["keepdims"]), dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """`compute`, in the operand's dtype."""
        (x,) = operands
        with np.errstate(all="ignore"):
            result = np.asarray(cls.compute(x, attrs["axes"], attrs["keepdims"]))
        return (result.astype(x.dtype, copy=False),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.fill` with `start`, and a `linalg.generic` that combines."""
        attrs = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        (x,) = op.operands
        start = e.constant(cls.start(dtype_of(x.type)), type_of(x).element_type)
        return [accumulate(e, x, type_of(op.results[0]), attrs["axes"], attrs["keepdims"], start, cls.combine)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The node `ONNX`."""
        return [cls.onnx_reduction(g, call, call.inputs[0])]

    @classmethod
    def onnx_reduction(cls, g: OnnxGraph, call: OpCall, x: str) -> str:
        """The node `ONNX` on `x`, which has the operand's shape; along axes that may be empty one `start` is added."""
        axes, type_ = call.attrs["axes"], call.input_types[0]
        if not axes:
            return g.node("Identity", [x])
        if g.exact or not dtype_of(type_).is_floating:
            empty = [a for a in axes if shape_of(type_)[a] in (0, DYNAMIC)]
            x = padded(g, x, type_, empty, cls.start(dtype_of(type_)))
        names = [x, g.constant(np.array(axes, np.int64))]
        return g.node(cls.ONNX, names, keepdims=int(call.attrs["keepdims"]))

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape, any of its axes."""
        dtype = s.choice(cls.DTYPES)
        shape = s.shape()
        axes = tuple(axis for axis in range(len(shape)) if s.boolean())
        attrs = {"axes": axes, "keepdims": s.boolean()}
        return Sample((cls.sample_array(s, shape, dtype),), attrs)

    @classmethod
    def sample_array(cls, s: Sampler, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """The operand of a sample."""
        return s.array(shape, dtype, cls.LOW, cls.HIGH)


def reduced_shape(shape: Sequence[int], axes: Sequence[int], keepdims: bool) -> tuple[int, ...]:
    """`shape` without `axes`, or with 1 in their place.

    Example:
        >>> reduced_shape((2, 3, 4), (1,), False)
        (2, 4)
    """
    if keepdims:
        return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def accumulate(
    e: Emitter,
    x: SSAValue,
    result: TensorType[Attribute],
    axes: Sequence[int],
    keepdims: bool,
    start: SSAValue,
    combine: Combine,
) -> SSAValue:
    """`x` with `axes` folded by `combine`, from `start` on, in the order of the elements."""
    rank = type_of(x).get_num_dims()
    init = filled(e, start, result, result_sizes(e, x, axes, keepdims))
    kinds = [REDUCTION if axis in axes else PARALLEL for axis in range(rank)]
    maps = [identity(rank), projection(rank, kept_axes(rank, axes, keepdims))]
    return generic(e, [x], [init], maps, kinds, lambda inner, element, total: combine(inner, total, element))[0]


def kept_axes(rank: int, axes: Sequence[int], keepdims: bool) -> list[int | None]:
    """For each axis of a reduction's result the axis of the operand it is, `None` for those that are 1 now."""
    return [None if axis in axes else axis for axis in range(rank) if keepdims or axis not in axes]


def result_sizes(e: Emitter, x: SSAValue, axes: Sequence[int], keepdims: bool) -> list[SSAValue]:
    """The run-time sizes of a reduction's result."""
    kept = kept_axes(type_of(x).get_num_dims(), axes, keepdims)
    return [e.index(1) if axis is None else dim(e, x, axis) for axis in kept]


def padded(g: OnnxGraph, x: str, type_: TensorType[Attribute], axes: Sequence[int], value: float) -> str:
    """`x` with one more element of `value` at the end of each of `axes`, so that none of these is empty."""
    if not axes:
        return x
    rank = len(shape_of(type_))
    pads = np.zeros(2 * rank, np.int64)
    pads[[rank + axis for axis in axes]] = 1
    return g.node("Pad", [x, g.constant(pads), g.constant(np.array(value, dtype_of(type_)))], mode="constant")


def spread(m: Functions, dy: Value, call: OpCall) -> Value:
    """A value of the result's shape at every element of the operand it was folded from."""
    if not call.attrs["keepdims"]:
        for axis in sorted(call.attrs["axes"]):
            dy = m.expand_dims(dy, axis)
    return m.broadcast_like(dy, call.inputs[0])
