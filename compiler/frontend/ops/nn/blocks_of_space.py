"""Blocks of space as examples of a batch, and back; windows with the largest sum or the smallest difference."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import DTypeLike, dtype_named
from .....dialects.hl.patches import ExtractPatchesOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor, scalar_like
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, product, size_along, times
from ..index import gather
from ..index import range as counting
from ..math import add, floordiv, floormod, multiply, negative
from ..movement import pad, reverse, stack
from ..reduce import argmax, reduce_max
from ..select import cast, where
from ..shape import broadcast_to, ones_like, reshape, transpose, zeros_like
from .window_arguments import Layout


def _amounts(function: str, value: object, argument: str, rank: int) -> list[tuple[int, int]]:
    pairs = np.asarray(value)
    if pairs.shape != (rank, 2) or not np.issubdtype(pairs.dtype, np.integer) or (pairs < 0).any():
        raise InvalidArgumentError(f"{function}: {argument}: expected {rank} pairs of 0 or more, got {value!r}")
    return [(int(low), int(high)) for low, high in pairs]


def _block(function: str, block_shape: object, rank: int) -> list[int]:
    given = np.asarray(block_shape)
    block = given.reshape(-1).tolist() if np.issubdtype(given.dtype, np.integer) else []
    if not block or min(block) < 1 or len(block) >= rank:
        text = f"expected 1 to {rank - 1} sizes of 1 or more, got {block_shape!r}"
        raise InvalidArgumentError(f"{function}: block_shape: {text}")
    return block


@public(top=True, aliases=("space_to_batch_nd", "nn.space_to_batch"))
def space_to_batch(input: TensorLike, block_shape: object, paddings: object, name: str | None = None) -> Tensor:
    """Every so many elements of space as an example of its own.

    Args:
        input: examples along the first axis, then space.
        block_shape: for each axis of space how many elements apart those of an example are.
        paddings: for each axis of space how many zeros are before and behind it, so that it has whole blocks.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> sw.space_to_batch([[1, 2, 3, 4]], [2], [[0, 0]]).numpy().tolist()
        [[1, 3], [2, 4]]
    """
    del name
    x = as_tensor(input, name="space_to_batch: input")
    block = _block("space_to_batch", block_shape, x.ndim)
    count = len(block)
    around = _amounts("space_to_batch", paddings, "paddings", count)
    padded = pad(x, [[0, 0], *map(list, around), *[[0, 0]] * (x.ndim - count - 1)])
    sizes = [size_along(padded, axis) for axis in range(x.ndim)]
    parts: list[Size] = []
    for axis, each in enumerate(block, 1):
        size = sizes[axis]
        if isinstance(size, int) and size % each:
            raise InvalidArgumentError(f"space_to_batch: axis {axis}: expected blocks of {each}, got {size} elements")
        parts += [_quotient(size, each), each]
    apart = reshape(padded, [sizes[0], *parts, *sizes[count + 1 :]])
    inner = [2 * axis + 2 for axis in range(count)]
    outer = [2 * axis + 1 for axis in range(count)]
    moved = transpose(apart, [*inner, 0, *outer, *range(2 * count + 1, apart.ndim)])
    return reshape(moved, [product([sizes[0], *block]), *parts[::2], *sizes[count + 1 :]])


def _quotient(size: Size, by: int) -> Size:
    return size // by if isinstance(size, int) else floordiv(size, scalar_like(by, size))


@public(top=True, aliases=("nn.batch_to_space",))
def batch_to_space(input: TensorLike, block_shape: object, crops: object, name: str | None = None) -> Tensor:
    """Examples of which so many are one, as `space_to_batch` has made them.

    Args:
        input: examples along the first axis, then space.
        block_shape: for each axis of space how many elements apart those of an example are.
        crops: for each axis of space how many elements to leave out before and behind.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> sw.batch_to_space([[1, 3], [2, 4]], [2], [[0, 1]]).numpy().tolist()
        [[1, 2, 3]]
    """
    del name
    x = as_tensor(input, name="batch_to_space: input")
    block = _block("batch_to_space", block_shape, x.ndim)
    count, blocks = len(block), int(np.prod(block))
    less = _amounts("batch_to_space", crops, "crops", count)
    sizes = [size_along(x, axis) for axis in range(x.ndim)]
    if isinstance(sizes[0], int) and sizes[0] % blocks:
        raise InvalidArgumentError(f"batch_to_space: expected {blocks} examples for each one, got {sizes[0]}")
    apart = reshape(x, [*block, _quotient(sizes[0], blocks), *sizes[1:]])
    order = [count]
    for axis in range(count):
        order += [count + 1 + axis, axis]
    moved = transpose(apart, [*order, *range(2 * count + 1, apart.ndim)])
    space = [times(size, each) for size, each in zip(sizes[1:], block)]
    whole = reshape(moved, [_quotient(sizes[0], blocks), *space, *sizes[count + 1 :]])
    for axis, (low, high) in enumerate(less, 1):
        size = size_along(whole, axis)
        if isinstance(size, int) and low + high > size:
            raise InvalidArgumentError(f"batch_to_space: crops: expected at most {size} elements, got {low + high}")
    return whole[(slice(None), *(slice(low, -high or None) for low, high in less))]


@public("types")
class MaxPoolWithArgmax(NamedTuple):
    """The result of `max_pool_with_argmax`.

    Attributes:
        output: the largest elements of windows.
        argmax: for each the number of elements of its image before it.
    """

    output: Tensor
    argmax: Tensor


@public("nn")
def max_pool_with_argmax(
    input: TensorLike,
    ksize: object,
    strides: object,
    padding: str,
    data_format: str = "NHWC",
    output_dtype: DTypeLike = "int64",
    include_batch_in_index: bool = False,
    name: str | None = None,
) -> MaxPoolWithArgmax:
    """The largest elements of windows over images, and where in the image each one is.

    Args:
        input: a batch of images.
        ksize, strides: the height and width of a window, and the distances of windows.
        padding: `"VALID"` or `"SAME"`.
        data_format: `"NHWC"`.
        output_dtype: the dtype of the indices, int32 or int64.
        include_batch_in_index: whether an index counts the elements of the images before, too.
        name: accepted as in TensorFlow; unused.

    Returns the largest elements, and for each the number of elements of its image before it.

    Example:
        >>> import stepwell as sw
        >>> x = sw.reshape([1.0, 5.0, 2.0, 3.0], [1, 2, 2, 1])
        >>> largest, places = sw.nn.max_pool_with_argmax(x, 2, 2, "VALID")
        >>> largest.numpy().item(), places.numpy().item()
        (5.0, 1)
    """
    del name
    function = "max_pool_with_argmax"
    layout = Layout(function, 2, "NHWC")
    if data_format != "NHWC":
        raise InvalidArgumentError(f"{function}: data_format: expected NHWC, got {data_format!r}")
    x = layout.forth(as_tensor(input, name=f"{function}: input"))
    wanted = dtype_named(output_dtype, f"{function}: output_dtype")
    if not padding or not isinstance(padding, str):
        raise InvalidArgumentError(f"{function}: padding: expected SAME or VALID, got {padding!r}")
    attrs = {
        "window": layout.numbers(ksize, "ksize"),
        "strides": layout.numbers(strides, "strides"),
        "dilations": (1, 1),
        "padding": layout.padding(padding),
    }
    windows = _flat_windows(apply(ExtractPatchesOp, x, _least(x), **attrs))
    best = argmax(windows, 3, output_type="int64")
    rows, columns, channels = (size_along(x, axis) for axis in (1, 2, 3))
    total = times(times(rows, columns), channels)
    numbers = reshape(counting(_int64(total)), [1, rows, columns, channels])
    places = _flat_windows(apply(ExtractPatchesOp, numbers, as_tensor(np.array(-1, np.int64)), **attrs))
    batch = size_along(x, 0)
    shape = [batch, *(size_along(places, axis) for axis in (1, 2, 3, 4))]
    found = gather(_last(broadcast_to(places, shape)), best, batch_dims=4, axis=4)
    if include_batch_in_index:
        found = add(found, multiply(reshape(counting(_int64(batch)), [-1, 1, 1, 1]), _int64(total)))
    return MaxPoolWithArgmax(gather(_last(windows), best, batch_dims=4, axis=4), cast(found, wanted))


def _int64(size: Size) -> Tensor:
    return cast(as_tensor(size), "int64")


def _last(windows: Tensor) -> Tensor:
    """Windows with their elements along the last axis."""
    return transpose(windows, [0, 1, 2, 4, 3])


def _flat_windows(windows: Tensor) -> Tensor:
    """The elements of windows along one axis, before the channels."""
    sizes = [size_along(windows, axis) for axis in range(windows.ndim)]
    return reshape(windows, [*sizes[:3], times(sizes[3], sizes[4]), sizes[5]])


@public("nn")
def dilation2d(
    input: TensorLike,
    filters: TensorLike,
    strides: object,
    padding: str,
    data_format: str,
    dilations: object,
    name: str | None = None,
) -> Tensor:
    """The largest sum of an element and the filter's there, in windows over images: a grey-scale dilation.

    Args:
        input: a batch of images.
        filters: the height and width of a window, and the channels.
        strides, dilations: the distances of windows, and of a window's elements: 1, two numbers, 1.
        padding: `"VALID"` or `"SAME"`.
        data_format: `"NHWC"`.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> x = sw.reshape([1.0, 5.0, 2.0, 3.0], [1, 2, 2, 1])
        >>> sw.nn.dilation2d(x, sw.zeros([2, 2, 1]), [1] * 4, "VALID", "NHWC", [1] * 4).numpy().item()
        5.0
    """
    del name
    return _dilated("dilation2d", input, filters, strides, padding, data_format, dilations)


@public("nn")
def erosion2d(
    value: TensorLike,
    filters: TensorLike,
    strides: object,
    padding: str,
    data_format: str,
    dilations: object,
    name: str | None = None,
) -> Tensor:
    """The smallest difference of an element and the filter's there; arguments as those of `dilation2d`.

    Example:
        >>> import stepwell as sw
        >>> x = sw.reshape([1.0, 5.0, 2.0, 3.0], [1, 2, 2, 1])
        >>> sw.nn.erosion2d(x, sw.zeros([2, 2, 1]), [1] * 4, "VALID", "NHWC", [1] * 4).numpy().item()
        1.0
    """
    del name
    turned = reverse(as_tensor(filters, name="erosion2d: filters"), [0, 1])
    opposite = negative(as_tensor(value, name="erosion2d: value"))
    return negative(_dilated("erosion2d", opposite, turned, strides, padding, data_format, dilations))


def _dilated(
    function: str,
    input: TensorLike,
    filters: TensorLike,
    strides: object,
    padding: str,
    data_format: str,
    dilations: object,
) -> Tensor:
    layout = Layout(function, 2, "NHWC")
    if data_format != "NHWC":
        raise InvalidArgumentError(f"{function}: data_format: expected NHWC, got {data_format!r}")
    x = layout.forth(as_tensor(input, name=f"{function}: input"))
    weights = as_tensor(filters, x.dtype, f"{function}: filters")
    window = weights.shape
    if weights.ndim != 3 or None in window[:2]:
        text = f"expected a height, a width and channels, got shape {window}"
        raise InvalidArgumentError(f"{function}: filters: {text}")
    if x.dtype.is_bool:
        raise InvalidTypeError(f"{function}: input: expected numbers, got dtype bool")
    attrs = {
        "window": tuple(window[:2]),
        "strides": layout.numbers(strides, "strides"),
        "dilations": layout.numbers(dilations, "dilations"),
        "padding": layout.padding(padding),
    }
    least = _least(x)
    sums = add(apply(ExtractPatchesOp, x, least, **attrs), weights)
    if not x.dtype.is_floating:  # the sum of what is in the padding would wrap around
        sums = where(apply(ExtractPatchesOp, ones_like(x, "bool"), as_tensor(False), **attrs), sums, least)
    return reduce_max(sums, [3, 4])


def _least(x: Tensor) -> Tensor:
    """The least value of the dtype of `x`."""
    return scalar_like(-np.inf if x.dtype.is_floating else x.dtype.min, x)


@public(top=True)
def required_space_to_batch_paddings(
    input_shape: TensorLike, block_shape: TensorLike, base_paddings: TensorLike | None = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """How much sizes have to be padded for `space_to_batch`, and what `batch_to_space` crops after it.

    Args:
        input_shape: a size for each axis that is divided into blocks.
        block_shape: the sizes of blocks.
        base_paddings: for each axis how much it is padded before and after at least; 0 if None.
        name: not used.

    Returns a row for each axis of what is padded before and after, and one of what is cropped.

    Example:
        >>> import stepwell as sw
        >>> paddings, crops = sw.required_space_to_batch_paddings([5, 4], [3, 2])
        >>> paddings.numpy().tolist(), crops.numpy().tolist()
        ([[0, 1], [0, 0]], [[0, 1], [0, 0]])
    """
    where = "required_space_to_batch_paddings"
    sizes = as_tensor(input_shape, name=f"{where}: input_shape")
    blocks = as_tensor(block_shape, sizes.dtype, f"{where}: block_shape")
    if sizes.ndim != 1 or blocks.ndim != 1:
        raise InvalidArgumentError(f"{where}: expected vectors, got shapes {sizes.shape} and {blocks.shape}")
    start = end = zeros_like(sizes)
    if base_paddings is not None:
        base = as_tensor(base_paddings, sizes.dtype, f"{where}: base_paddings")
        start, end = base[:, 0], base[:, 1]
    extra = floormod(negative(add(add(sizes, start), end)), blocks)
    return stack([start, add(end, extra)], 1), stack([zeros_like(extra), extra], 1)
