"""Normalization by neighbours, and moments in parts: what layers and their statistics are made of."""

from __future__ import annotations

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT16, FLOAT32
from .....dialects.public import public
from ...values.dispatch import as_tensor, scalar_like
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, axes_of, int64_of, size_along, times
from ..arithmetic import reciprocal_no_nan
from ..math import add, divide, multiply, pow, reciprocal, square, squared_difference, subtract
from ..movement import pad
from ..reduce import reduce_sum
from ..select import cast
from ..shape import squeeze, zeros_like


@public("nn", aliases=("nn.lrn",))
def local_response_normalization(
    input: TensorLike,
    depth_radius: int = 5,
    bias: float = 1.0,
    alpha: float = 1.0,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """Images divided by `(bias + alpha * s) ** beta`, where `s` is the sum of the squares of neighbouring channels.

    Args:
        input: a batch of images, of floats.
        depth_radius: how many channels before, and behind, each one are its neighbours.
        bias, alpha, beta: numbers.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.local_response_normalization([[[[1.0, 0.0]]]], depth_radius=1, bias=3.0).numpy().tolist()
        [[[[0.5, 0.0]]]]
    """
    del name
    x = as_tensor(input, name="local_response_normalization: input")
    if x.ndim != 4:
        raise InvalidArgumentError(f"local_response_normalization: input: expected 4 axes, got shape {x.shape}")
    if not x.dtype.is_floating:
        raise InvalidTypeError(f"local_response_normalization: input: expected floats, got dtype {x.dtype.name}")
    radius = int(depth_radius)
    if radius < 0:
        raise InvalidArgumentError(f"local_response_normalization: depth_radius: expected 0 or more, got {radius}")
    squares = pad(square(x), [[0, 0], [0, 0], [0, 0], [radius, radius]])
    total = squares[..., : -2 * radius or None]
    for first in range(1, 2 * radius + 1):
        total = add(total, squares[..., first : first - 2 * radius or None])
    scaled = add(multiply(total, scalar_like(alpha, x)), scalar_like(bias, x))
    return divide(x, pow(scaled, scalar_like(beta, x)))


@public("nn")
def weighted_moments(
    x: TensorLike, axes: object, frequency_weights: TensorLike, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """The mean and the variance along axes, of elements that count as often as weights say.

    Args:
        x: numbers.
        axes: the axes to reduce.
        frequency_weights: weights whose shape broadcasts with that of `x`.
        keepdims: whether these axes stay, with size 1.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> mean, variance = sw.nn.weighted_moments([1.0, 4.0], [0], [2.0, 1.0])
        >>> float(mean), float(variance)
        (2.0, 2.0)
    """
    del name
    given = as_tensor(x, name="weighted_moments: x")
    value = cast(given, FLOAT32) if given.dtype == FLOAT16 else given
    weights = cast(as_tensor(frequency_weights, name="weighted_moments: frequency_weights"), value.dtype)
    weighted = multiply(weights, value)
    numbers = axes_of("weighted_moments", axes, weighted.ndim, "axes")
    along = {"axis": list(numbers), "keepdims": True}
    count = reciprocal_no_nan(reduce_sum(add(weights, zeros_like(value)), **along))
    mean = multiply(reduce_sum(weighted, **along), count)
    variance = multiply(reduce_sum(multiply(weights, squared_difference(value, mean)), **along), count)
    if not keepdims:
        mean, variance = squeeze(mean, list(numbers)), squeeze(variance, list(numbers))
    return cast(mean, given.dtype), cast(variance, given.dtype)


@public("nn")
def sufficient_statistics(
    x: TensorLike, axes: object, shift: TensorLike | None = None, keepdims: bool = False, name: str | None = None
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """The number of elements along axes, the sum of them, and that of their squares, for `normalize_moments`.

    Args:
        x: numbers.
        axes: the axes to reduce.
        shift: a number near the mean, which is subtracted from all elements; the sums are more exact then.
        keepdims: whether these axes stay, with size 1.
        name: accepted as in TensorFlow; unused.

    Returns the number, the sum, the sum of squares, and `shift` as a tensor, or None.

    Example:
        >>> import stepwell as sw
        >>> [float(each) for each in sw.nn.sufficient_statistics([1.0, 4.0], [0])[:3]]
        [2.0, 5.0, 17.0]
    """
    del name
    value = as_tensor(x, name="sufficient_statistics: x")
    numbers = axes_of("sufficient_statistics", axes, value.ndim, "axes")
    count: Size = 1
    for axis in numbers:
        count = times(count, size_along(value, axis))
    moved = None if shift is None else as_tensor(shift, value.dtype, "sufficient_statistics: shift")
    first = value if moved is None else subtract(value, moved)
    second = square(value) if moved is None else squared_difference(value, moved)
    along = {"axis": list(numbers), "keepdims": keepdims}
    return cast(int64_of(count), value.dtype), reduce_sum(first, **along), reduce_sum(second, **along), moved


@public("nn")
def normalize_moments(
    counts: TensorLike,
    mean_ss: TensorLike,
    variance_ss: TensorLike,
    shift: TensorLike | None,
    name: str | None = None,
) -> tuple[Tensor, Tensor]:
    """The mean and the variance, of what `sufficient_statistics` returns.

    Example:
        >>> import stepwell as sw
        >>> mean, variance = sw.nn.normalize_moments(2.0, 5.0, 17.0, None)
        >>> float(mean), float(variance)
        (2.5, 2.25)
    """
    del name
    total = as_tensor(mean_ss, name="normalize_moments: mean_ss")
    part = reciprocal(as_tensor(counts, total.dtype, "normalize_moments: counts"))
    moved = multiply(total, part)
    mean = moved if shift is None else add(moved, as_tensor(shift, total.dtype, "normalize_moments: shift"))
    squares = multiply(as_tensor(variance_ss, total.dtype, "normalize_moments: variance_ss"), part)
    return mean, subtract(squares, square(moved))
