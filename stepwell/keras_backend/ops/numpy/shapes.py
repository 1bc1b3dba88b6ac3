"""Other shapes and orders of the same elements."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common.backend_utils import canonicalize_axis

import stepwell as sw

from ..core import convert_to_tensor, shape
from .operands import axes_of, rank


def reshape(x: Any, newshape: Any) -> sw.Tensor:
    """The elements in another shape."""
    return sw.reshape(convert_to_tensor(x), newshape)


def ravel(x: Any) -> sw.Tensor:
    """The elements one after the other."""
    return sw.reshape(convert_to_tensor(x), [-1])


def broadcast_to(x: Any, shape: Any) -> sw.Tensor:
    """Copies that fill a shape."""
    return sw.broadcast_to(convert_to_tensor(x), shape)


def expand_dims(x: Any, axis: Any) -> sw.Tensor:
    """With axes of size 1 inserted."""
    x = convert_to_tensor(x)
    given = axis if isinstance(axis, tuple | list) else [axis]
    for each in sorted(canonicalize_axis(a, rank(x) + len(given)) for a in given):
        x = sw.expand_dims(x, each)
    return x


def squeeze(x: Any, axis: Any = None) -> sw.Tensor:
    """Without axes of size 1."""
    x = convert_to_tensor(x)
    if axis is None:
        axis = [i for i, size in enumerate(x.shape) if size == 1]
    for each in axis if isinstance(axis, tuple | list) else [axis]:
        if x.shape[each] != 1:
            raise ValueError(f"Cannot squeeze axis={each}, because the dimension is not 1.")
    return sw.squeeze(x, axes_of(x, axis)) if axis not in ((), []) else x


def transpose(x: Any, axes: Any = None) -> sw.Tensor:
    """With the axes in another order, reversed if none is given."""
    x = convert_to_tensor(x)
    if not axes:
        return sw.transpose(x)
    order = [canonicalize_axis(axis, rank(x)) for axis in axes]
    if len(set(order)) != len(order):
        raise ValueError(
            "`axes` must be a valid permutation of the input dimensions (no duplicates). "
            f"Received: axes={list(axes)} for input of rank {rank(x)}."
        )
    return sw.transpose(x, order)


def swapaxes(x: Any, axis1: int, axis2: int) -> sw.Tensor:
    """With two axes exchanged."""
    x = convert_to_tensor(x)
    order = list(range(rank(x)))
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return x if order == sorted(order) else sw.transpose(x, order)


def moveaxis(x: Any, source: Any, destination: Any) -> sw.Tensor:
    """With axes moved to other positions."""
    x = convert_to_tensor(x)
    sources, destinations = (
        [canonicalize_axis(a, rank(x)) for a in (given if isinstance(given, tuple | list) else [given])]
        for given in (source, destination)
    )
    if len(sources) != len(destinations):
        raise ValueError(
            f"Inconsistent number of `source` and `destination`. Received: source={source}, destination={destination}"
        )
    order = [i for i in range(rank(x)) if i not in sources]
    for to, axis in sorted(zip(destinations, sources, strict=True)):
        order.insert(to, axis)
    return x if order == sorted(order) else sw.transpose(x, order)


def flip(x: Any, axis: Any = None) -> sw.Tensor:
    """With the order along axes reversed."""
    x = convert_to_tensor(x)
    return sw.reverse(x, axes_of(x, axis))


def fliplr(x: Any) -> sw.Tensor:
    """With the order of columns reversed."""
    return flip(x, 1)


def flipud(x: Any) -> sw.Tensor:
    """With the order of rows reversed."""
    return flip(x, 0)


def rot90(array: Any, k: int = 1, axes: Any = (0, 1)) -> sw.Tensor:
    """Turned `k` times by 90 degrees in the plane of two axes."""
    x = convert_to_tensor(array)
    if rank(x) < 2:
        raise ValueError(f"Input array must have at least 2 dimensions. Received: array.ndim={rank(x)}")
    if len(axes) != 2 or axes[0] == axes[1]:
        raise ValueError(f"Invalid axes: {axes}. Axes must be a tuple of two different dimensions.")
    if k % 4 == 2:
        return flip(x, axes)
    if k % 2 == 1:
        x = swapaxes(flip(x, axes[1 if k % 4 == 1 else 0]), *axes)
    return x


def roll(x: Any, shift: Any, axis: Any = None) -> sw.Tensor:
    """With elements moved along axes; those that leave at one end come in at the other."""
    x = convert_to_tensor(x)
    if axis is None:
        return sw.reshape(sw.roll(sw.reshape(x, [-1]), shift, 0), shape(x))
    if isinstance(axis, tuple | list) and not isinstance(shift, tuple | list):
        shift = [shift] * len(axis)
    return sw.roll(x, shift, axis)


def repeat(x: Any, repeats: Any, axis: int | None = None) -> sw.Tensor:
    """Each element several times."""
    return sw.repeat(convert_to_tensor(x), repeats, axis=axis)


def tile(x: Any, repeats: Any) -> sw.Tensor:
    """`x` several times along each axis."""
    x = convert_to_tensor(x)
    if sw.is_tensor(repeats):
        repeats = sw.unstack(repeats) if rank(repeats) else [repeats]
    counts = [repeats] if isinstance(repeats, int) else list(repeats)
    counts = [1] * (rank(x) - len(counts)) + counts
    return sw.tile(sw.reshape(x, [1] * (len(counts) - rank(x)) + list(shape(x))), counts)


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> sw.Tensor:
    """With elements added at both ends of axes."""
    x = convert_to_tensor(x)
    if constant_values is None:
        return sw.pad(x, convert_to_tensor(pad_width, "int32"), mode.upper())
    if mode != "constant":
        raise ValueError(
            f"Argument `constant_values` can only be provided when `mode == 'constant'`. Received: mode={mode}"
        )
    value = convert_to_tensor(constant_values, x.dtype)
    return sw.pad(x, convert_to_tensor(pad_width, "int32"), constant_values=value)


def view(x: Any, dtype: Any = None) -> sw.Tensor:
    """The bytes as elements of another dtype, along the last axis."""
    x = convert_to_tensor(x)
    new = sw.as_dtype(x.dtype.name if dtype is None else dtype)
    old_size, new_size = x.dtype.size, new.size
    sizes = list(shape(x))
    if old_size == new_size:
        return sw.bitcast(x, new)
    last = x.shape[-1] if sizes else None
    if not sizes or (last is not None and last * old_size % new_size):
        raise ValueError(
            f"Cannot view array of shape {x.shape} and dtype {x.dtype} as dtype {new} because the total number of "
            "bytes is not divisible by the new itemsize."
        )
    if old_size > new_size:
        return sw.reshape(sw.bitcast(x, new), [*sizes[:-1], sizes[-1] * (old_size // new_size)])
    ratio = new_size // old_size
    return sw.bitcast(sw.reshape(x, [*sizes[:-1], sizes[-1] // ratio, ratio]), new)
