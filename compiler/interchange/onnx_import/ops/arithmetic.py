"""Elementwise arithmetic, comparisons, logic and bits."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64, TENSOR_DTYPES, UINT8, DType, dtype_of
from ....frontend.ops.arguments import Size, minus, plus, times
from ....frontend.values.dispatch import as_tensor, scalar_like
from ....frontend.values.tensor import Tensor
from ..rules import Call, declare, rule
from ..values import Sizes, Value, known, m, tensor_of

_MOST_SIZES = 64
"""Vectors of at most as many integers are taken for sizes."""


def sizes_in(*values: Value) -> list[Sizes] | None:
    """Integer scalars and short vectors as sizes, where at least one is known to be sizes; None for other values."""
    if not any(isinstance(value, Sizes) for value in values):
        return None
    found = []
    for value in values:
        if isinstance(value, Sizes):
            found.append(value)
            continue
        array = known(value)
        if array is not None and dtype_of(array).is_integer and array.ndim <= 1 and array.size <= _MOST_SIZES:
            items = tuple(int(item) for item in array.reshape(-1))
            found.append(Sizes(items, tensor_of(value).dtype, array.ndim == 0))
        elif isinstance(value, Tensor) and value.dtype == INT64 and value.ndim == 0:
            found.append(Sizes((value,), INT64, True))
        else:
            return None
    return found if len({each.dtype for each in found}) == 1 else None


def _each(a: Sizes, b: Sizes, combine: Callable[[Size, Size], Size]) -> Sizes | None:
    count = max(len(a.items), len(b.items))
    if len(a.items) not in (1, count) or len(b.items) not in (1, count):
        return None
    x, y = (each.items * (count if len(each.items) == 1 else 1) for each in (a, b))
    return Sizes(tuple(map(combine, x, y)), a.dtype, a.is_scalar and b.is_scalar)


def _divided(a: Size, b: Size) -> Size:
    if isinstance(a, int) and isinstance(b, int) and b:
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    if isinstance(b, int) and b == 1:
        return a
    return _truncated(*(m.int64_of(each) for each in (a, b)))


def _truncated(x: Tensor, y: Tensor) -> Tensor:
    """The quotient of integers, rounded towards zero."""
    if x.dtype.is_unsigned:
        return m.floordiv(x, y)
    quotient = m.floordiv(x, y)
    has_rest = m.not_equal(quotient * y, x)
    negative = m.not_equal(m.less(x, scalar_like(0, x)), m.less(y, scalar_like(0, y)))
    return m.where(m.logical_and(has_rest, negative), quotient + scalar_like(1, x), quotient)


def _divide(x: Tensor, y: Tensor) -> Tensor:
    return m.divide(x, y) if x.dtype.is_inexact else _truncated(x, y)


def _with_sizes(sized: Callable[[Size, Size], Size], function: Callable[..., Tensor]) -> Callable[..., Value]:
    def run(call: Call, a: Value, b: Value) -> Value:
        pair = sizes_in(a, b)
        found = _each(pair[0], pair[1], sized) if pair else None
        return function(tensor_of(a), tensor_of(b)) if found is None else found

    return run


for _op, _sized, _function in (
    ("Add", plus, m.add),
    ("Sub", minus, m.subtract),
    ("Mul", times, m.multiply),
    ("Div", _divided, _divide),
):
    rule(_op, since=7, takes_values=True)(_with_sizes(_sized, _function))


@rule("Add", "Sub", "Mul", "Div")
def _old_arithmetic(call: Call, x: Tensor, y: Tensor) -> Tensor:
    """Before version 7 the second operand was broadcast along axes from `axis` on, where `broadcast` was set."""
    function = {"Add": m.add, "Sub": m.subtract, "Mul": m.multiply, "Div": _divide}[call.node.op_type]
    if call.int("broadcast", 0) and y.ndim < x.ndim:
        behind = x.ndim - y.ndim - call.int("axis", x.ndim - y.ndim)
        for _ in range(behind):
            y = m.expand_dims(y, -1)
    return function(x, y)


declare(
    1,
    {
        "Abs": m.abs,
        "Neg": m.negative,
        "Ceil": m.ceil,
        "Floor": m.floor,
        "Exp": m.exp,
        "Log": m.log,
        "Sqrt": m.sqrt,
        "Reciprocal": m.reciprocal,
        "Round": m.round,
        "Sin": m.sin,
        "Cos": m.cos,
        "Tan": m.tan,
        "Asin": m.asin,
        "Acos": m.acos,
        "Atan": m.atan,
        "Sinh": m.sinh,
        "Cosh": m.cosh,
        "Tanh": m.tanh,
        "Asinh": m.asinh,
        "Acosh": m.acosh,
        "Atanh": m.atanh,
        "Erf": m.erf,
        "Sign": m.sign,
        "IsNaN": m.is_nan,
        "And": m.logical_and,
        "Or": m.logical_or,
        "Xor": m.logical_xor,
        "Not": m.logical_not,
        "Greater": m.greater,
        "GreaterOrEqual": m.greater_equal,
        "Less": m.less,
        "LessOrEqual": m.less_equal,
        "BitwiseAnd": m.bitwise_and,
        "BitwiseOr": m.bitwise_or,
        "BitwiseXor": m.bitwise_xor,
        "BitwiseNot": m.bitwise_not,
        "Det": m.det,
    },
)


@rule("Equal", takes_values=True)
def _equal(call: Call, a: Value, b: Value) -> Value:
    pair = sizes_in(a, b)
    if pair and all(isinstance(item, int) for each in pair for item in each.items):
        x, y = (np.asarray(known(each)) for each in pair)
        return as_tensor(np.equal(x, y))
    return m.equal(tensor_of(a), tensor_of(b))


@rule("Where", takes_values=True)
def _where(call: Call, condition: Value, a: Value, b: Value) -> Value:
    pair, chosen = sizes_in(a, b), known(condition)
    if pair and chosen is not None and chosen.ndim == 1:
        x, y = (each.items * (chosen.size if len(each.items) == 1 else 1) for each in pair)
        if len(x) == len(y) == chosen.size:
            return Sizes(tuple(p if c else q for c, p, q in zip(chosen, x, y)), pair[0].dtype)
    return m.where(tensor_of(condition), tensor_of(a), tensor_of(b))


@rule("Pow")
def _pow(call: Call, x: Tensor, y: Tensor) -> Tensor:
    """The result has the dtype of the base."""
    if x.dtype == y.dtype and x.dtype.is_inexact:
        return m.pow(x, y)
    if x.dtype.is_inexact:
        array = known(y)
        if array is not None and array.size == 1 and float(array.reshape(())) in (2.0,):
            return m.square(x) if y.ndim <= x.ndim else m.pow(x, m.cast(y, x.dtype))
        return m.pow(x, m.cast(y, x.dtype))
    if y.dtype.is_integer:
        array = known(y)
        if array is not None and array.size and array.min() >= 0:
            return m.pow(x, m.cast(y, x.dtype))
    wide = np.float64
    return m.cast(m.pow(m.cast(x, wide), m.cast(y, wide)), x.dtype)


@rule("Mod")
def _mod(call: Call, x: Tensor, y: Tensor) -> Tensor:
    """With `fmod` the result has the sign of the dividend, else that of the divisor."""
    if not call.int("fmod", 0):
        if x.dtype.is_inexact and call.version < 28:
            raise InvalidArgumentError("fmod has to be 1 for floating-point numbers")
        rest = m.floormod(x, y)
        if not x.dtype.is_inexact:
            return rest
        signed = m.where(_negative_sign(y), scalar_like(-0.0, y), scalar_like(0.0, y))
        return m.where(m.equal(rest, scalar_like(0, rest)), signed, rest)
    if x.dtype.is_inexact:
        rest = m.floormod(m.abs(x), m.abs(y))
        return m.where(_negative_sign(x), -rest, rest)
    return x - _truncated(x, y) * y


def _negative_sign(x: Tensor) -> Tensor:
    """Where the sign is that of negative numbers, zeros included."""
    kinds = {16: np.int16, 32: np.int32, 64: np.int64}
    whole = m.bitcast(x, kinds[x.dtype.bits])
    return m.less(whole, scalar_like(0, whole))


@rule("BitShift")
def _bit_shift(call: Call, x: Tensor, y: Tensor) -> Tensor:
    """Shifts by all bits or more give 0, or for negative numbers -1."""
    shift = m.left_shift if call.text("direction") == "LEFT" else m.right_shift
    most = scalar_like(x.dtype.bits - 1, y)
    if not x.dtype.is_unsigned and call.text("direction") != "LEFT":
        return shift(x, m.minimum(y, most))
    return m.where(m.greater(y, most), scalar_like(0, x), shift(x, m.minimum(y, most)))


@rule("IsInf")
def _is_inf(call: Call, x: Tensor) -> Tensor:
    zero = scalar_like(0, x)
    positive, negative = call.int("detect_positive", 1), call.int("detect_negative", 1)
    found = m.is_inf(x)
    if not negative:
        found = m.logical_and(found, m.greater(x, zero))
    return found if positive else m.logical_and(found, m.less(x, zero))


@rule("BitCast")
def _bit_cast(call: Call, x: Tensor) -> Tensor:
    wanted = dtype_named_by(call.int("to"))
    if x.dtype.is_bool:
        return m.bitcast(m.cast(x, UINT8), wanted)
    return m.not_equal(m.bitcast(x, UINT8), np.uint8(0)) if wanted.is_bool else m.bitcast(x, wanted)


def dtype_named_by(code: int) -> DType:
    """The dtype of ONNX's number of it."""
    for dtype in TENSOR_DTYPES:
        if dtype.onnx == code:
            return dtype
    raise NotImplementedError(f"tensors of type {code}")


def _variadic(combine: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda call, *inputs: reduce(combine, inputs)


rule("Max")(_variadic(m.maximum))
rule("Min")(_variadic(m.minimum))
rule("Sum")(_variadic(m.add))


@rule("Mean")
def _mean(call: Call, *inputs: Tensor) -> Tensor:
    total = reduce(m.add, inputs)
    return total / scalar_like(len(inputs), total)


@rule("Clip", since=11)
def _clip(call: Call, x: Tensor, low: Tensor | None = None, high: Tensor | None = None) -> Tensor:
    if low is not None:
        x = m.maximum(x, low)
    return x if high is None else m.minimum(x, high)


@rule("Clip")
def _old_clip(call: Call, x: Tensor) -> Tensor:
    low, high = call.float("min"), call.float("max")
    if low is not None:
        x = m.maximum(x, scalar_like(low, x))
    return x if high is None else m.minimum(x, scalar_like(high, x))


@rule("CumSum")
def _cumsum(call: Call, x: Tensor, axis: Tensor) -> Tensor:
    return _scan(call, x, m.cumsum)


@rule("CumProd")
def _cumprod(call: Call, x: Tensor, axis: Tensor) -> Tensor:
    return _scan(call, x, m.cumprod)


def _scan(call: Call, x: Tensor, function: Any) -> Tensor:
    axis = call.known_ints(1, "axis")[0]
    return function(x, axis, exclusive=bool(call.int("exclusive", 0)), reverse=bool(call.int("reverse", 0)))


@rule("Affine")
def _affine(call: Call, x: Tensor) -> Tensor:
    return x * scalar_like(call.float("alpha", 1.0), x) + scalar_like(call.float("beta", 0.0), x)
