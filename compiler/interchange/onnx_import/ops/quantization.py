"""Quantized tensors."""

from __future__ import annotations

from onnx import TensorProto

from .....dialects.dtypes import FLOAT32, INT32, INT64, DType
from ....frontend.values.dispatch import scalar_like
from ....frontend.values.tensor import Tensor
from ..rules import Call, axis_in, rule
from ..values import NARROW, Narrow, Value, code_of, dtype_of_code, m, tensor_of
from .casts import cast_value, integer_bounds
from .nn.convolution import convolved, with_bias
from .products import matmul, without_zero


def _spread(call: Call, value: Tensor, x: Tensor) -> Tensor:
    """A scale or zero point, to be combined with all elements that it is of: of all, of an axis, or of a block."""
    if value.ndim == 0 or (value.ndim == 1 and value.shape[0] == 1 and not call.int("block_size", 0)):
        return m.reshape(value, [])
    axis = axis_in(call.int("axis", 1), x.ndim)
    block = call.int("block_size", 0)
    if not block:
        return m.reshape(value, [-1 if each == axis else 1 for each in range(x.ndim)])
    repeated = m.repeat(value, block, axis)
    size = m.size_along(x, axis)
    return m.bounded(repeated, [None] * x.ndim, [size if each == axis else None for each in range(x.ndim)])


@rule("QuantizeLinear", takes_values=True)
def _quantize(call: Call, x: Value, scale: Value, zero: Value = None) -> Value:
    tensor, step = tensor_of(x), tensor_of(scale)
    code = call.int("output_dtype", 0) or (TensorProto.UINT8 if zero is None else code_of(zero))  # pyright: ignore
    if tensor.dtype.is_integer:
        tensor = m.cast(tensor, step.dtype)
    wide = dtype_of_code(call.int("precision", 0) or step.dtype.onnx, "onnx.load")
    assert isinstance(wide, DType)
    wide = FLOAT32 if wide.bits < 32 else wide
    ratio = m.cast(tensor, wide) / m.cast(_spread(call, step, tensor), wide)
    if (NARROW.get(code) is not None and NARROW[code].is_floating) or code == TensorProto.FLOAT8E8M0:
        return cast_value(m.cast(ratio, FLOAT32), code, bool(call.int("saturate", 1)))
    shift = None if zero is None else _spread(call, tensor_of(zero), tensor)
    return _saturated(m.round(ratio), shift, code)


def _saturated(rounded: Tensor, zero: Tensor | None, code: int) -> Value:
    low, high = integer_bounds(code)
    if zero is not None:
        rounded = rounded + m.cast(zero, rounded.dtype)
    bounded = m.minimum(m.maximum(rounded, scalar_like(low, rounded)), scalar_like(high, rounded))
    wanted = dtype_of_code(code, "onnx.load")
    if isinstance(wanted, DType):
        return m.cast(m.cast(bounded, INT64), wanted)
    return Narrow(m.cast(m.cast(bounded, INT32), wanted.wide), wanted)


@rule("DequantizeLinear", takes_values=True)
def _dequantize(call: Call, x: Value, scale: Value, zero: Value = None) -> Value:
    tensor, step = tensor_of(x), tensor_of(scale)
    wide = step.dtype if step.dtype.bits >= 32 else FLOAT32
    values = m.cast(tensor, wide)
    if zero is not None:
        values = values - m.cast(_spread(call, tensor_of(zero), tensor), wide)
    found = values * m.cast(_spread(call, step, tensor), wide)
    return cast_value(found, call.int("output_dtype", 0) or step.dtype.onnx)


@rule("QLinearMatMul")
def _qlinear_matmul(
    call: Call, a: Tensor, a_scale: Tensor, a_zero: Tensor, b: Tensor, b_scale: Tensor, b_zero: Tensor,
    scale: Tensor, zero: Tensor,
) -> Value:  # fmt: skip
    total = matmul(_less(a, a_zero, True), _less(b, b_zero, False))
    ratio = _step(a_scale, True) * _step(b_scale, False) / _step(scale, True)
    return _rescaled(total, ratio, _step(zero, True), zero.dtype.onnx)


def _less(x: Tensor, zero: Tensor, is_rows: bool) -> Tensor:
    return without_zero(x, zero, is_rows)


def _step(value: Tensor, is_rows: bool) -> Tensor:
    if value.ndim == 1 and value.shape[0] == 1:
        return m.reshape(value, [])
    return m.expand_dims(value, -1) if is_rows and value.ndim == 1 else value


def _rescaled(total: Tensor, ratio: Tensor, zero: Tensor, code: int) -> Value:
    return _saturated(m.round(m.cast(total, FLOAT32) * m.cast(ratio, FLOAT32)), zero, code)


@rule("QLinearConv")
def _qlinear_conv(
    call: Call, x: Tensor, x_scale: Tensor, x_zero: Tensor, w: Tensor, w_scale: Tensor, w_zero: Tensor,
    scale: Tensor, zero: Tensor, bias: Tensor | None = None,
) -> Value:  # fmt: skip
    if w_zero.ndim and w_zero.shape[0] != 1:
        w_zero = m.reshape(w_zero, [-1, *[1] * (w.ndim - 1)])
    total = convolved(call, without_zero(x, x_zero), without_zero(w, w_zero))
    total = with_bias(total, bias)
    if w_scale.ndim and w_scale.shape[0] != 1:
        w_scale = m.reshape(w_scale, [-1, *[1] * (x.ndim - 2)])
    ratio = _step(x_scale, False) * _step(w_scale, False) / _step(scale, False)
    return _rescaled(total, ratio, _step(zero, False), zero.dtype.onnx)
