"""Normalizations."""

from __future__ import annotations

from collections.abc import Sequence

from ......dialects.diagnostics import InvalidArgumentError
from ......dialects.dtypes import FLOAT32, DType
from .....frontend.values.dispatch import scalar_like
from .....frontend.values.tensor import Tensor
from ...rules import Call, axis_in, rule
from ...values import dtype_of_code, m, shape_items


def _along_channels(vector: Tensor, x: Tensor) -> Tensor:
    """A number for each channel, to be combined with a tensor with channels first."""
    return m.reshape(vector, [-1, *[1] * (x.ndim - 2)])


@rule("BatchNormalization", since=7)
def _batch_normalization(
    call: Call, x: Tensor, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor
) -> Tensor | tuple[Tensor, ...]:
    epsilon = call.float("epsilon", 1e-5)
    training = call.int("training_mode", 0)
    if not training and len(call.node.output) == 1:
        return _normalized(x, mean, variance, scale, bias, epsilon)
    axes = [axis for axis in range(x.ndim) if axis != 1]
    now, spread = m.reduce_mean(x, axes), m.reduce_variance(x, axes)
    momentum = call.float("momentum", 0.9)
    new = [_mixed(old, current, momentum) for old, current in ((mean, now), (variance, spread))]
    if not training:
        return _normalized(x, mean, variance, scale, bias, epsilon), mean, variance
    return _normalized(x, now, spread, scale, bias, epsilon), *new


def _mixed(old: Tensor, new: Tensor, momentum: float) -> Tensor:
    return old * scalar_like(momentum, old) + m.cast(new, old.dtype) * scalar_like(1 - momentum, old)


def _normalized(x: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, bias: Tensor, epsilon: float) -> Tensor:
    wide = [m.cast(each, x.dtype) for each in (mean, variance, scale, bias)]
    mean, variance, scale, bias = (_along_channels(each, x) for each in wide)
    return (x - mean) * (m.rsqrt(variance + scalar_like(epsilon, variance)) * scale) + bias


rule("BatchNormalization")(_batch_normalization)


@rule("InstanceNormalization")
def _instance_normalization(call: Call, x: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    found = standardized(x, list(range(2, x.ndim)), call.float("epsilon", 1e-5))
    return found * _along_channels(scale, x) + _along_channels(bias, x)


def standardized(x: Tensor, axes: Sequence[int], epsilon: float) -> Tensor:
    """A tensor less its mean, divided by its standard deviation."""
    centered = x - m.reduce_mean(x, axes, True)
    variance = m.reduce_mean(m.square(centered), axes, True)
    return centered * m.rsqrt(variance + scalar_like(epsilon, variance))


@rule("LayerNormalization")
def _layer_normalization(call: Call, x: Tensor, scale: Tensor, bias: Tensor | None = None) -> tuple[Tensor, ...]:
    """The statistics are computed in the dtype `stash_type`."""
    wide = dtype_of_code(call.int("stash_type", 1), "onnx.load")
    assert isinstance(wide, DType)
    axis = axis_in(call.int("axis", -1), x.ndim)
    axes = list(range(axis, x.ndim))
    y = m.cast(x, wide)
    mean = m.reduce_mean(y, axes, True)
    centered = y - mean
    variance = m.reduce_mean(m.square(centered), axes, True)
    inverse = m.rsqrt(variance + scalar_like(call.float("epsilon", 1e-5), variance))
    found = m.cast(centered * inverse, x.dtype) * scale
    return (found if bias is None else found + bias), mean, inverse


@rule("RMSNormalization")
def _rms_normalization(call: Call, x: Tensor, scale: Tensor) -> Tensor:
    wide = dtype_of_code(call.int("stash_type", 1), "onnx.load")
    assert isinstance(wide, DType)
    axes = list(range(axis_in(call.int("axis", -1), x.ndim), x.ndim))
    y = m.cast(x, wide)
    variance = m.reduce_mean(m.square(y), axes, True)
    found = y * m.rsqrt(variance + scalar_like(call.float("epsilon", 1e-5), variance))
    return m.cast(found, x.dtype) * scale if scale.dtype == x.dtype else m.cast(found, scale.dtype) * scale


@rule("GroupNormalization", since=18)
def _group_normalization(call: Call, x: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    groups = call.int("num_groups")
    n, channels, *sizes = shape_items(x)
    if not isinstance(channels, int) or channels % max(groups, 1):
        raise InvalidArgumentError(f"attribute num_groups: {groups} groups cannot share {channels} channels")
    wide = FLOAT32 if x.dtype.bits < 32 else x.dtype
    parts = m.reshape(m.cast(x, wide), [n, groups, channels // groups, *sizes])
    found = standardized(parts, list(range(2, parts.ndim)), call.float("epsilon", 1e-5))
    if call.version < 21:
        spread = [m.reshape(each, [groups, *[1] * (parts.ndim - 2)]) for each in (scale, bias)]
        found = m.cast(found, x.dtype) * spread[0] + spread[1]
        return m.reshape_like(found, x)
    found = m.cast(m.reshape_like(found, x), x.dtype)
    return found * _along_channels(scale, x) + _along_channels(bias, x)


@rule("MeanVarianceNormalization")
def _mean_variance(call: Call, x: Tensor) -> Tensor:
    axes = call.ints("axes", [0, 2, 3])
    mean = m.reduce_mean(x, axes, True)
    spread = m.sqrt(m.reduce_mean(m.square(x), axes, True) - m.square(mean))
    return (x - mean) / (spread + scalar_like(1e-9, x))


@rule("LpNormalization")
def _lp_normalization(call: Call, x: Tensor) -> Tensor:
    axis, power = call.int("axis", -1), call.int("p", 2)
    if power == 1:
        size = m.reduce_sum(m.abs(x), axis, True)
    else:
        size = m.sqrt(m.reduce_sum(m.square(x), axis, True))
    return m.divide_no_nan(x, size)


@rule("LRN")
def _lrn(call: Call, x: Tensor) -> Tensor:
    """Each element divided by a power of the sum of squares of channels around it."""
    size = call.int("size")
    if size is None or not 1 <= size <= 2**10:
        raise InvalidArgumentError(f"attribute size: expected a number of channels, got {size}")
    before, behind = (size - 1) // 2, size - 1 - (size - 1) // 2
    squares = m.pad(m.square(x), [(0, 0), (before, behind), *[(0, 0)] * (x.ndim - 2)])
    count = m.size_along(x, 1)
    sums = squares[:, :count]
    for index in range(1, size):
        sums = sums + squares[:, index : m.plus(count, index)]
    base = scalar_like(call.float("bias", 1.0), x) + scalar_like(call.float("alpha", 1e-4) / size, x) * sums
    return x / m.pow(base, scalar_like(call.float("beta", 0.75), x))
