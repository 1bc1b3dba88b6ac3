"""Discrete Fourier transforms, which are host calls of NumPy's, and ONNX's `DFT`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import COMPLEX, WIDE_FLOATS, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_lowered
from .rules.batching import leading
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dims

_KINDS = ("fft", "ifft", "rfft", "irfft")


@irdl_op_definition
class FourierOp(HLOp):
    """The discrete Fourier transforms of `x` along its last `rank` axes.

    `kind` is `"fft"`; `"ifft"`, which undoes that; `"rfft"` of real numbers, which leaves out the second half of the
    last axis, since that is the conjugate of the first; or `"irfft"`, which undoes that: the last axis of its result
    has an odd size if `odd`, else an even one.

    C1: `x` has `rank` axes or more.
    C2: the dtype is {dtypes}.
    C3: `kind` is one of those above; the dtype is real for `"rfft"`, complex for the others.

    Definition: NumPy `fft`.
    """

    name = "hl.fourier"
    DTYPES: ClassVar[tuple[DType, ...]] = (*WIDE_FLOATS, *COMPLEX)
    EXACT: ClassVar[bool] = False
    ON_HOST: ClassVar[bool] = True
    COMPLEX: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    kind = prop_def(Attribute)
    rank = prop_def(Attribute)
    odd = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = leading
    lower = not_lowered("it is a host call of NumPy's")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The operand's shape, but for the last axis of transforms of real numbers."""
        shape, dtype, kind, rank = shape_of(types[0]), dtype_of(types[0]), attrs["kind"], attrs["rank"]
        if kind not in _KINDS:
            raise InferenceError("C3", f"expected one of {', '.join(_KINDS)}, got {kind}")
        allowed = WIDE_FLOATS if kind == "rfft" else COMPLEX
        if dtype not in allowed:
            raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in allowed)}, got {dtype.name}")
        if len(shape) < rank:
            raise InferenceError("C1", f"expected {rank} axes or more, got {len(shape)}")
        if kind in ("fft", "ifft"):
            return [types[0]]
        target = dtype.complex_dtype if kind == "rfft" else dtype.real_dtype
        return [tensor_type((*shape[:-1], _last(shape[-1], attrs)), target)]

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The same."""
        *sizes, last = dims(e, op.operands[0])
        attrs: dict[str, Any] = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        one, two = e.index(1), e.index(2)
        if attrs["kind"] == "rfft":
            last = e.value(arith.AddiOp(e.value(arith.DivUIOp(last, two)), one))
        elif attrs["kind"] == "irfft":
            less = e.value(arith.SubiOp(e.value(arith.MaxSIOp(last, one)), one))
            last = e.value(arith.AddiOp(e.value(arith.MuliOp(less, two)), e.index(int(attrs["odd"]))))
        return [[*sizes, last]]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's; of nothing, zeros."""
        (x,), axes = operands, tuple(range(-attrs["rank"], 0))
        (type_,) = cls.infer([tensor_type(x.shape, x.dtype)], attrs)
        dtype, shape = dtype_of(type_), shape_of(type_)
        if not x.size or not all(shape):
            return (np.zeros(shape, dtype),)
        sizes = (*x.shape[axes[0] : -1], shape[-1]) if attrs["rank"] > 1 else (shape[-1],)
        match attrs["kind"]:
            case "fft":
                found = np.fft.fftn(x, axes=axes)
            case "ifft":
                found = np.fft.ifftn(x, axes=axes)
            case "rfft":
                found = np.fft.rfftn(x, axes=axes)
            case _:
                found = np.fft.irfftn(x, sizes, axes)
        return (np.ascontiguousarray(found, dtype),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """The adjoint transform."""
        return [m.adjoint_of_fourier(call.inputs[0], dy, call.attrs["kind"], call.attrs["rank"])]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`DFT` along each axis, of tensors whose last axis has the parts."""
        (x,), attrs, shape = call.inputs, call.attrs, shape_of(call.input_types[0])
        last, kind = len(shape) - 1, attrs["kind"]
        axes = list(range(len(shape) - attrs["rank"], len(shape)))
        if kind == "rfft":
            x = g.node("Unsqueeze", [x, g.constant(np.array([-1]))])
            x = _dft(g, x, last, onesided=1)
            axes.remove(last)
        for axis in axes:
            if kind == "irfft" and axis == last:
                x = _whole(g, x, last, attrs["odd"])
            x = _inverse(g, x, axis) if kind in ("ifft", "irfft") else _dft(g, x, axis)
        if kind == "irfft":
            x = g.node("Gather", [x, g.constant(np.array(0))], axis=-1)
        return [x]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Small whole numbers, of sizes for which no engine rounds: elsewhere sums that are 0 have an error."""
        kind, rank = s.choice(_KINDS), s.integer(1, 3)
        dtype = s.choice(WIDE_FLOATS if kind == "rfft" else COMPLEX)
        shape = [s.choice((1, 2, 4)) for _ in range(s.integer(rank, 3))]
        if kind == "irfft":
            shape[-1] = s.choice((2, 3))
        return Sample((s.whole(shape, dtype),), {"kind": kind, "rank": rank, "odd": False})


def _last(size: int, attrs: Attrs) -> int:
    """The size of the last axis of the transform of, or to, real numbers."""
    if size == DYNAMIC:
        return DYNAMIC
    return size // 2 + 1 if attrs["kind"] == "rfft" else 2 * (max(size, 1) - 1) + int(attrs["odd"])


def _dft(g: OnnxGraph, x: str, axis: int, **attributes: int) -> str:
    return g.node("DFT", [x, "", g.constant(np.array(axis))], **attributes)


def _inverse(g: OnnxGraph, x: str, axis: int) -> str:
    """The conjugate of the transform of the conjugate, by its size; ONNX Runtime's own divides by a float32."""
    found = _conjugate(g, _dft(g, _conjugate(g, x), axis))
    size = g.node("Shape", [x], start=axis, end=axis + 1)
    return g.node("Div", [found, g.node("CastLike", [size, x])])


def _whole(g: OnnxGraph, x: str, axis: int, odd: bool) -> str:
    """The whole of a transform, of whose last axis the first half is given: the rest is its conjugate, reversed."""
    begin = g.constant(np.array([-1 if odd else -2]))
    end, places, steps = g.constant(np.array([0])), g.constant(np.array([axis])), g.constant(np.array([-1]))
    return g.node("Concat", [x, _conjugate(g, g.node("Slice", [x, begin, end, places, steps]))], axis=axis)


def _conjugate(g: OnnxGraph, x: str) -> str:
    return g.node("Mul", [x, g.node("CastLike", [g.constant(np.array([1.0, -1.0])), x])])
