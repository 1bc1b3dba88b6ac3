"""Functions of one element, and softmaxes."""

from __future__ import annotations

from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from .logits import remember


def relu(x: Any) -> sw.Tensor:
    """The greater of x and 0."""
    return sw.nn.relu(convert_to_tensor(x))


def relu6(x: Any) -> sw.Tensor:
    """`x` between 0 and 6."""
    return sw.nn.relu6(convert_to_tensor(x))


def sigmoid(x: Any) -> sw.Tensor:
    """`1 / (1 + exp(-x))`."""
    x = convert_to_tensor(x)
    return remember(sw.nn.sigmoid(x), x)


def sparse_sigmoid(x: Any) -> sw.Tensor:
    """`(x + 1) / 2` between 0 and 1."""
    return sw.clip_by_value(0.5 * (convert_to_tensor(x) + 1), 0, 1)


def tanh(x: Any) -> sw.Tensor:
    """The hyperbolic tangent."""
    return sw.nn.tanh(convert_to_tensor(x))


def tanh_shrink(x: Any) -> sw.Tensor:
    """`x - tanh(x)`."""
    x = convert_to_tensor(x)
    return x - sw.tanh(x)


def softplus(x: Any) -> sw.Tensor:
    """`log(1 + exp(x))`."""
    return sw.nn.softplus(convert_to_tensor(x))


def softsign(x: Any) -> sw.Tensor:
    """`x / (1 + |x|)`."""
    return sw.nn.softsign(convert_to_tensor(x))


def soft_shrink(x: Any, threshold: float = 0.5) -> sw.Tensor:
    """`x` nearer to 0 by a threshold, and 0 within it."""
    x = convert_to_tensor(x)
    return sw.where(x > threshold, x - threshold, sw.where(x < -threshold, x + threshold, sw.zeros_like(x)))


def sparse_plus(x: Any) -> sw.Tensor:
    """0 up to -1, `(x + 1)**2 / 4` up to 1, then `x`."""
    x = convert_to_tensor(x)
    return sw.where(x <= -1, sw.zeros_like(x), sw.where(x < 1, 0.25 * sw.square(x + 1), x))


def silu(x: Any) -> sw.Tensor:
    """`x * sigmoid(x)`."""
    return sw.nn.silu(convert_to_tensor(x))


def squareplus(x: Any, b: Any = 4) -> sw.Tensor:
    """`(x + sqrt(x**2 + b)) / 2`."""
    x = convert_to_tensor(x)
    return (x + sw.sqrt(sw.square(x) + convert_to_tensor(b, x.dtype.name))) / 2


def log_sigmoid(x: Any) -> sw.Tensor:
    """The logarithm of `sigmoid`."""
    return sw.math.log_sigmoid(convert_to_tensor(x))


def leaky_relu(x: Any, negative_slope: float = 0.2) -> sw.Tensor:
    """`x`, multiplied by a slope where it is negative."""
    return sw.nn.leaky_relu(convert_to_tensor(x), alpha=negative_slope)


def hard_sigmoid(x: Any) -> sw.Tensor:
    """`(x + 3) / 6` between 0 and 1."""
    return sw.nn.relu6(convert_to_tensor(x) + 3.0) / 6.0


def hard_silu(x: Any) -> sw.Tensor:
    """`x * hard_sigmoid(x)`."""
    x = convert_to_tensor(x)
    return x * hard_sigmoid(x)


def elu(x: Any, alpha: float = 1.0) -> sw.Tensor:
    """`x`, and `alpha * (exp(x) - 1)` where it is negative."""
    x = convert_to_tensor(x)
    result = sw.nn.elu(x)
    return result if alpha == 1 else sw.where(x > 0, result, alpha * result)


def selu(x: Any) -> sw.Tensor:
    """`elu`, scaled so that layers keep mean 0 and deviation 1."""
    return sw.nn.selu(convert_to_tensor(x))


def gelu(x: Any, approximate: bool = True) -> sw.Tensor:
    """`x` multiplied by the normal distribution's function of it."""
    return sw.nn.gelu(convert_to_tensor(x), approximate=approximate)


def celu(x: Any, alpha: float = 1.0) -> sw.Tensor:
    """`x`, and `alpha * (exp(x / alpha) - 1)` where it is negative."""
    x = convert_to_tensor(x)
    return sw.maximum(x, 0.0) + alpha * sw.math.expm1(sw.minimum(x, 0.0) / alpha)


def glu(x: Any, axis: int = -1) -> sw.Tensor:
    """The first half of `x` along an axis multiplied by `sigmoid` of the second one."""
    x = convert_to_tensor(x)
    if x.shape[axis] is not None and x.shape[axis] % 2:
        raise ValueError(f"axis size must be divisible by 2. Received: x.shape={x.shape} with axis={axis}")
    value, gate = sw.split(x, 2, axis=axis)
    return value * sw.sigmoid(gate)


def hard_tanh(x: Any) -> sw.Tensor:
    """`x` between -1 and 1."""
    return sw.clip_by_value(convert_to_tensor(x), -1.0, 1.0)


def hard_shrink(x: Any, threshold: float = 0.5) -> sw.Tensor:
    """`x`, and 0 where its absolute value is up to a threshold."""
    x = convert_to_tensor(x)
    return sw.where(sw.abs(x) > threshold, x, sw.zeros_like(x))


def threshold(x: Any, threshold: float, default_value: float) -> sw.Tensor:
    """`x`, and a default up to a threshold."""
    x = convert_to_tensor(x)
    return sw.where(x > threshold, x, convert_to_tensor(default_value, x.dtype.name))


def softmax(x: Any, axis: int | None = -1) -> sw.Tensor:
    """`exp(x)` divided by its sum along an axis, or by that of all."""
    x = convert_to_tensor(x)
    if axis is None:
        return remember(sw.reshape(sw.nn.softmax(sw.reshape(x, [-1])), sw.shape(x)), x)
    return remember(sw.nn.softmax(x, axis=axis), x)


def log_softmax(x: Any, axis: int | None = -1) -> sw.Tensor:
    """The logarithm of `softmax`."""
    x = convert_to_tensor(x)
    if axis is None:
        return sw.reshape(sw.nn.log_softmax(sw.reshape(x, [-1])), sw.shape(x))
    return sw.nn.log_softmax(x, axis=axis)


def sparsemax(x: Any, axis: int = -1) -> sw.Tensor:
    """The nearest point to `x` of which the coordinates are not negative and sum to 1 (Martins and Astudillo, 2016)."""
    x = convert_to_tensor(x)
    falling = sw.sort(x, axis=axis, direction="DESCENDING")
    shape = [1] * len(x.shape)
    shape[axis] = -1
    ranks = sw.reshape(sw.range(1, sw.shape(x)[axis] + 1, dtype=x.dtype), shape)
    sums = sw.cumsum(falling, axis=axis)
    support = falling * ranks > sums - 1
    size = sw.reduce_sum(sw.cast(support, x.dtype), axis=axis, keepdims=True)
    total = sw.reduce_sum(sw.where(support, falling, sw.zeros_like(x)), axis=axis, keepdims=True)
    return sw.maximum(x - (total - 1) / size, 0.0)
