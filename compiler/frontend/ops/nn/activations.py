"""Activations, normalisation and other building blocks of neural networks, composed so that they stay finite."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT32
from .....dialects.public import public
from ...values.dispatch import as_tensor, as_tensors, scalar_like
from ...values.tensor import Axis, ShapeLike, Tensor, TensorLike
from ..arguments import axes_of, axis_of, shown, size_along
from ..logic import greater, greater_equal
from ..math import (
    abs,
    add,
    divide,
    erf,
    exp,
    expm1,
    log,
    log1p,
    maximum,
    multiply,
    negative,
    relu,
    rsqrt,
    sigmoid,
    square,
    squared_difference,
    subtract,
    tanh,
)
from ..movement import concat
from ..random.stateful import uniform
from ..reduce import reduce_max, reduce_mean, reduce_sum
from ..select import cast, stop_gradient, where
from ..shape import reshape, squeeze

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
"""The constants for which activations keep mean 0 and variance 1."""


def _floats(function: str, value: TensorLike, argument: str = "features") -> Tensor:
    tensor = as_tensor(value, name=f"{function}: {argument}")
    if not tensor.dtype.is_floating:
        raise InvalidTypeError(f"{function}: {argument}: expected floats, got dtype {tensor.dtype.name}")
    return tensor


@public("nn")
def relu6(features: TensorLike, name: str | None = None) -> Tensor:
    """`features` moved into 0 to 6, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.relu6([-1.0, 2.0, 9.0]).numpy().tolist()
        [0.0, 2.0, 6.0]
    """
    x = as_tensor(features, name="relu6: features")
    return where(greater_equal(x, scalar_like(6, x)), scalar_like(6, x), relu(x))


def _positive(x: Tensor) -> Tensor:
    return greater(x, scalar_like(0, x))


@public("nn")
def leaky_relu(features: TensorLike, alpha: TensorLike = 0.2, name: str | None = None) -> Tensor:
    """`features` where they are positive, `alpha` times that elsewhere.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.leaky_relu([-2.0, 2.0], alpha=0.5).numpy().tolist()
        [-1.0, 2.0]
    """
    x = as_tensor(features, name="leaky_relu: features")
    x = cast(x, FLOAT32) if x.dtype.is_integer else x
    return where(_positive(x), x, multiply(x, alpha))


@public("nn")
def elu(features: TensorLike, name: str | None = None) -> Tensor:
    """`features` where they are positive, `exp(features) - 1` elsewhere.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.elu([0.0, 2.0]).numpy().tolist()
        [0.0, 2.0]
    """
    return _elu(_floats("elu", features), 1.0)


def _elu(x: Tensor, alpha: float) -> Tensor:
    """The branch that is not taken is computed for 0, so that it cannot spoil gradients; the one at 0 is that above."""
    not_negative = greater_equal(x, scalar_like(0, x))
    low = where(not_negative, scalar_like(0, x), x)
    return where(not_negative, x, multiply(expm1(low), alpha))


@public("nn")
def selu(features: TensorLike, name: str | None = None) -> Tensor:
    """`elu`, scaled so that activations keep mean 0 and variance 1.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.selu([0.0]).numpy().tolist()
        [0.0]
    """
    return multiply(_elu(_floats("selu", features), _SELU_ALPHA), _SELU_SCALE)


@public("nn")
def gelu(features: TensorLike, approximate: bool = False, name: str | None = None) -> Tensor:
    """`features` times the probability that a normal number is below them; by `tanh` if `approximate`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.gelu([0.0]).numpy().tolist()
        [0.0]
    """
    x = _floats("gelu", features)
    if approximate:
        cubic = add(x, multiply(multiply(square(x), x), 0.044715))
        inner = tanh(multiply(cubic, math.sqrt(2 / math.pi)))
    else:
        inner = erf(multiply(x, math.sqrt(0.5)))
    return multiply(multiply(x, 0.5), add(inner, 1.0))


@public("nn", aliases=("nn.swish",))
def silu(features: TensorLike, beta: TensorLike = 1.0) -> Tensor:
    """`features * sigmoid(beta * features)`, also known as swish.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.silu([0.0]).numpy().tolist()
        [0.0]
    """
    x = _floats("silu", features)
    return multiply(x, sigmoid(multiply(x, beta)))


def _minus_abs(x: Tensor) -> Tensor:
    """`-|x|`, with the slope that makes `softplus` smooth at 0."""
    return where(_positive(x), negative(x), x)


@public("math", "nn")
def softplus(features: TensorLike, name: str | None = None) -> Tensor:
    """`log(exp(features) + 1)`, elementwise, of large numbers too.

    Example:
        >>> import stepwell as sw
        >>> sw.math.softplus([1000.0, -1000.0]).numpy().tolist()
        [1000.0, 0.0]
    """
    x = _floats("softplus", features)
    return add(relu(x), log1p(exp(_minus_abs(x))))


@public("math")
def log_sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of `sigmoid(x)`, elementwise, of large negative numbers too.

    Example:
        >>> import stepwell as sw
        >>> sw.math.log_sigmoid([-1000.0]).numpy().tolist()
        [-1000.0]
    """
    return negative(softplus(negative(_floats("log_sigmoid", x, "x"))))


@public("math", "nn")
def softsign(features: TensorLike, name: str | None = None) -> Tensor:
    """`features / (|features| + 1)`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.softsign([1.0, -1.0]).numpy().tolist()
        [0.5, -0.5]
    """
    x = _floats("softsign", features)
    return divide(x, add(abs(x), 1.0))


def _shifted(x: Tensor, axis: int) -> Tensor:
    """`x` less its greatest element along an axis, through which no gradient has to flow."""
    return subtract(x, stop_gradient(reduce_max(x, axis, True)))


@public("math", "nn")
def softmax(logits: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """`exp(logits)`, divided by their sum along `axis` (the last one if not given).

    Example:
        >>> import stepwell as sw
        >>> sw.nn.softmax([1000.0, 1000.0]).numpy().tolist()
        [0.5, 0.5]
    """
    x = _floats("softmax", logits, "logits")
    number = axis_of("softmax", -1 if axis is None else axis, x.ndim)
    powers = exp(_shifted(x, number))
    return divide(powers, reduce_sum(powers, number, True))


@public("math", "nn")
def log_softmax(logits: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """The logarithm of `softmax(logits)`, of small probabilities too.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.log_softmax([0.0, -1000.0]).numpy().tolist()
        [0.0, -1000.0]
    """
    x = _floats("log_softmax", logits, "logits")
    number = axis_of("log_softmax", -1 if axis is None else axis, x.ndim)
    shifted = _shifted(x, number)
    return subtract(shifted, log(reduce_sum(exp(shifted), number, True)))


@public("nn")
def bias_add(value: TensorLike, bias: TensorLike, data_format: str | None = None, name: str | None = None) -> Tensor:
    """`value + bias`, where `bias` has an element for each channel.

    Args:
        value: a tensor with channels along its last axis, or along axis 1 if `data_format` starts with `"NC"`.
        bias: a vector.
        data_format: such as `"NHWC"` (also if not given) or `"NCHW"`.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.bias_add([[1.0, 2.0]], [10.0, 20.0]).numpy().tolist()
        [[11.0, 22.0]]
    """
    x, added = as_tensors("bias_add", value, bias)
    if added.ndim != 1 or x.ndim < 2:
        raise InvalidArgumentError(
            f"bias_add: expected a vector and a value of 2 axes or more, got {added.shape} and {x.shape}"
        )
    if data_format is not None and not isinstance(data_format, str):
        raise InvalidTypeError(f"bias_add: data_format: expected a name such as NHWC or NCHW, got {shown(data_format)}")
    channels = 1 if (data_format or "").startswith("NC") else x.ndim - 1
    own, given = x.shape[channels], added.shape[0]
    if own != given and None not in (own, given):
        raise InvalidArgumentError(
            f"bias_add: bias: expected {own} elements for a value of shape {x.shape}, got {given}"
        )
    if channels < x.ndim - 1:
        added = reshape(added, [size_along(added, 0), *[1] * (x.ndim - 1 - channels)])
    return add(x, added)


@public("linalg", "math", "nn")
def l2_normalize(
    x: TensorLike, axis: Axis = None, epsilon: TensorLike = 1e-12, name: str | None = None, dim: Axis = None
) -> Tensor:
    """`x` divided by its Euclidean length along `axis` (all axes if None), which counts as `sqrt(epsilon)` at least.

    `dim` is an older name of `axis`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.l2_normalize([3.0, 0.0, 0.0]).numpy().tolist()
        [1.0, 0.0, 0.0]
    """
    value = _floats("l2_normalize", x, "x")
    axis = dim if axis is None else axis
    return multiply(value, rsqrt(maximum(reduce_sum(square(value), axis, True), epsilon)))


@public("nn")
def l2_loss(t: TensorLike, name: str | None = None) -> Tensor:
    """Half the sum of the squares of `t`.

    Example:
        >>> import stepwell as sw
        >>> float(sw.nn.l2_loss([3.0, 1.0]))
        5.0
    """
    return multiply(reduce_sum(square(_floats("l2_loss", t, "t"))), 0.5)


@public("nn")
def moments(
    x: TensorLike,
    axes: int | Sequence[int],
    shift: TensorLike | None = None,
    keepdims: bool = False,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean and the variance along `axes`.

    Args:
        x: floats.
        axes: the axes to take them over.
        shift: not used.
        keepdims: whether the axes stay, with size 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> [float(part) for part in sw.nn.moments([1.0, 3.0], [0])]
        [2.0, 1.0]
    """
    value = _floats("moments", x, "x")
    numbers = axes_of("moments", axes, value.ndim, "axes")
    mean = reduce_mean(value, numbers, True)
    variance = reduce_mean(squared_difference(value, stop_gradient(mean)), numbers, keepdims)
    return (mean if keepdims or not numbers else squeeze(mean, numbers)), variance


@public("nn")
def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike,
    scale: TensorLike,
    variance_epsilon: TensorLike,
    name: str | None = None,
) -> Tensor:
    """`(x - mean) / sqrt(variance + variance_epsilon) * scale + offset`; `offset` and `scale` may be None.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.batch_normalization([1.0, 3.0], 2.0, 1.0, None, None, 0.0).numpy().tolist()
        [-1.0, 1.0]
    """
    value = _floats("batch_normalization", x, "x")
    factor = rsqrt(add(as_tensor(variance, value.dtype, "batch_normalization: variance"), variance_epsilon))
    if scale is not None:
        factor = multiply(factor, scale)
    result = multiply(subtract(value, mean), factor)
    return result if offset is None else add(result, offset)


@public("nn")
def dropout(
    x: TensorLike,
    rate: TensorLike,
    noise_shape: ShapeLike | None = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`x` with elements set to 0, each with probability `rate`, and the others divided by `1 - rate`.

    Args:
        x: floats.
        rate: a number from 0 up to, without, 1.
        noise_shape: which elements are kept or dropped together: a shape that broadcasts to that of `x`.
        seed: which random numbers.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.dropout([1.0, 2.0], rate=0.0).numpy().tolist()
        [1.0, 2.0]
    """
    value = _floats("dropout", x, "x")
    if isinstance(rate, int | float):
        if not 0 <= rate < 1:
            raise InvalidArgumentError(f"dropout: rate: expected a number from 0 up to, without, 1, got {rate}")
        if rate == 0:
            return value
    given = as_tensor(rate, name="dropout: rate")
    if given.ndim or not given.dtype.is_number:
        raise InvalidTypeError(f"dropout: rate: expected one number, got {shown(rate)}")
    if seed is not None and not isinstance(seed, int | np.integer):
        raise InvalidTypeError(f"dropout: seed: expected an int, got {shown(seed)}")
    share = cast(given, value.dtype)
    shape = [size_along(value, axis) for axis in range(value.ndim)] if noise_shape is None else noise_shape
    kept = greater_equal(uniform(shape, dtype=value.dtype, seed=seed), share)
    scaled = divide(value, subtract(1.0, share))
    return where(kept, scaled, scalar_like(0, value))


@public("nn")
def crelu(features: TensorLike, axis: int = -1, name: str | None = None) -> Tensor:
    """`relu` of `features` and of their opposites, one behind the other along `axis`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.crelu([1.0, -2.0]).numpy().tolist()
        [1.0, 0.0, 0.0, 2.0]
    """
    del name
    x = as_tensor(features, name="crelu: features")
    return relu(concat([x, negative(x)], axis))
