"""Public functions of sequences: their lengths, and their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import BOOL, INT64, DTypeLike, dtype_named
from ....dialects.hl.division import ModOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import ShapeLike, Tensor, TensorLike
from .arguments import Size, axis_of, check, indices_tensor, int64_of, list_of, minus, size_along, sizes_of
from .index import gather
from .index import range as counting
from .logic import equal, greater_equal, less, less_equal, logical_and
from .math import maximum, subtract
from .movement import concat
from .reduce import reduce_all, reduce_max
from .select import cast, where
from .shape import expand_dims, reshape, transpose
from .slicing import bounded
from .sort import argsort


@public(top=True)
def sequence_mask(
    lengths: TensorLike, maxlen: TensorLike | None = None, dtype: DTypeLike = BOOL, name: str | None = None
) -> Tensor:
    """For each length a row that holds in so many of its first places.

    Args:
        lengths: numbers of any shape.
        maxlen: the size of a row; the greatest length if not given, which is then known when the function runs.
        dtype: of the result.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.sequence_mask([1, 3, 2], dtype=sw.int32).numpy().tolist()
        [[1, 0, 0], [1, 1, 1], [1, 1, 0]]
    """
    given, wanted = as_tensor(lengths, name="sequence_mask: lengths"), dtype_named(dtype, "sequence_mask: dtype")
    if maxlen is None:
        size = reduce_max(concat([reshape(given, [-1]), np.zeros(1, given.dtype)], 0))
    else:
        size = as_tensor(maxlen, name="sequence_mask: maxlen")
        if size.ndim:
            raise InvalidArgumentError(f"sequence_mask: maxlen: expected a scalar, got shape {size.shape}")
        size = maximum(size, np.array(0, size.dtype))
    return cast(less(counting(size), cast(expand_dims(given, -1), size.dtype)), wanted)


@public(top=True)
def reverse_sequence(
    input: TensorLike,
    seq_lengths: TensorLike,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
) -> Tensor:
    """`input` with the first elements of each sequence in reverse order.

    Args:
        input: sequences.
        seq_lengths: a vector that says for each sequence how many elements are reversed.
        seq_axis: the axis along which sequences lie.
        batch_axis: the axis with one index for each sequence; 0 if not given.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1).numpy().tolist()
        [[2, 1, 3], [6, 5, 4]]
    """
    x = as_tensor(input, name="reverse_sequence: input")
    lengths = cast(indices_tensor("reverse_sequence", seq_lengths, "seq_lengths"), INT64)
    if seq_axis is None:
        raise TypeError("reverse_sequence: seq_axis: expected an axis, got None")
    along = axis_of("reverse_sequence", seq_axis, x.ndim, "seq_axis")
    batch = axis_of("reverse_sequence", batch_axis or 0, x.ndim, "batch_axis")
    if along == batch:
        raise InvalidArgumentError(f"reverse_sequence: expected different axes, got seq_axis and batch_axis {along}")
    if lengths.ndim != 1:
        raise InvalidArgumentError(f"reverse_sequence: seq_lengths: expected a vector, got shape {lengths.shape}")
    size, count = int64_of(size_along(x, along)), int64_of(size_along(x, batch))
    number = int64_of(size_along(lengths, 0))
    check(equal(number, count), "reverse_sequence: seq_lengths: expected {1} of them, got {0}", number, count)
    valid = reduce_all(logical_and(greater_equal(lengths, int64_of(0)), less_equal(lengths, size)))
    check(valid, "reverse_sequence: seq_lengths: expected numbers from 0 to {0}", size)
    places, ends = expand_dims(counting(size), 0), expand_dims(lengths, 1)
    chosen = where(less(places, ends), subtract(subtract(ends, int64_of(1)), places), places)
    order = [batch, along, *[axis for axis in range(x.ndim) if axis not in (batch, along)]]
    found = gather(transpose(x, order), chosen, axis=1, batch_dims=1)
    return transpose(found, [order.index(axis) for axis in range(x.ndim)])


@public(top=True)
def roll(input: TensorLike, shift: ShapeLike, axis: int | Sequence[int], name: str | None = None) -> Tensor:
    """`input` with its elements moved along axes; those that are moved over the end are the first ones.

    Args:
        input: a tensor with an axis at least.
        shift: by how many places, towards the end; a number for each axis.
        axis: the axis, or axes.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.roll([0, 1, 2, 3, 4], shift=2, axis=0).numpy().tolist()
        [3, 4, 0, 1, 2]
    """
    x = as_tensor(input, name="roll: input")
    if not x.ndim:
        raise InvalidArgumentError("roll: input: expected at least one axis, got a scalar")
    shifts = sizes_of("roll", shift, "shift")
    axes = [axis] if isinstance(axis, int | np.integer) else list_of("roll", axis, "axis", "one axis or several")
    if len(shifts) != len(axes):
        raise InvalidArgumentError(f"roll: expected a shift for each axis, got {len(shifts)} and {len(axes)} axes")
    for one, number in zip(shifts, axes):
        x = _rolled(x, one, axis_of("roll", number, x.ndim))
    return x


def _rolled(x: Tensor, shift: Size, axis: int) -> Tensor:
    """The last elements along an axis, and those before them."""
    size = size_along(x, axis)
    if isinstance(size, int) and isinstance(shift, int):
        first: Size = size - shift % max(size, 1)
    else:
        moved = apply(ModOp, int64_of(shift), maximum(int64_of(size), int64_of(1)))
        first = minus(size, moved)
    bounds: list[Size | None] = [None] * x.ndim
    at = [*bounds[:axis], first, *bounds[axis + 1 :]]
    return concat([bounded(x, at, bounds), bounded(x, bounds, at)], axis)


@public("math")
def invert_permutation(x: TensorLike, name: str | None = None) -> Tensor:
    """The positions of 0, 1, 2 … in `x`, which holds each number below its size once.

    Example:
        >>> import stepwell as sw
        >>> sw.math.invert_permutation([3, 4, 0, 2, 1]).numpy().tolist()
        [2, 4, 3, 0, 1]
    """
    numbers = indices_tensor("invert_permutation", x, "x")
    if numbers.ndim != 1:
        raise InvalidArgumentError(f"invert_permutation: x: expected a vector, got shape {numbers.shape}")
    order = argsort(numbers)
    expected = counting(cast(int64_of(size_along(numbers, 0)), numbers.dtype))
    valid = reduce_all(equal(gather(numbers, order), expected))
    check(valid, "invert_permutation: x: expected each number below {0} once", int64_of(size_along(numbers, 0)))
    return cast(order, numbers.dtype)
