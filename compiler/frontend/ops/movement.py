"""Public functions that join, cut, pad, reverse and repeat tensors."""

from __future__ import annotations

import operator
from collections.abc import Sequence

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.hl.index import GatherOp
from ....dialects.hl.movement import ConcatOp, ReverseOp
from ....dialects.hl.padding import PadOp
from ....dialects.public import public
from ....dialects.types import zeros as empty_values
from ..values.dispatch import apply, as_tensor, as_tensors, stacked
from ..values.tensor import ShapeLike, Tensor, TensorLike, is_tensor
from . import namespace
from .arguments import (
    Size,
    axes_of,
    axis_of,
    check,
    indices_tensor,
    int64_of,
    list_of,
    plus,
    shown,
    size_along,
    size_of,
    sizes_of,
    split_sizes,
    times,
)
from .shape import broadcast_to, expand_dims, reshape, squeeze
from .slicing import bounded


@public(top=True)
def concat(values: TensorLike, axis: int, name: str | None = None) -> Tensor:
    """Tensors of one dtype, one after the other along `axis`.

    Example:
        >>> import stepwell as sw
        >>> sw.concat([[1, 2], [3]], 0).numpy().tolist()
        [1, 2, 3]
    """
    tensors = _tensors("concat", values)
    return apply(ConcatOp, *tensors, axis=axis_of("concat", axis, tensors[0].ndim))


def _tensors(function: str, values: TensorLike) -> list[Tensor]:
    items = list(values) if isinstance(values, list | tuple) else [values]
    if not items:
        raise InvalidArgumentError(f"{function}: values: expected a tensor or more, got none")
    return as_tensors(function, *items)


@public(top=True)
def stack(values: TensorLike, axis: int = 0, name: str | None = None) -> Tensor:
    """Tensors of one shape and dtype, one after the other along a new axis.

    Example:
        >>> import stepwell as sw
        >>> sw.stack([[1, 2], [3, 4]], axis=1).numpy().tolist()
        [[1, 3], [2, 4]]
    """
    if isinstance(values, list | tuple) and not values:
        return Tensor(np.zeros(0, np.float32))
    tensors = _tensors("stack", values)
    number = axis_of("stack", axis, tensors[0].ndim + 1)
    return stacked("stack: values", tensors, number)


@public(top=True)
def unstack(value: TensorLike, num: int | None = None, axis: int = 0, name: str | None = None) -> list[Tensor]:
    """The parts of `value` along `axis`, without it. `num`, how many there are, is needed where it is not known.

    Example:
        >>> import stepwell as sw
        >>> [part.numpy().tolist() for part in sw.unstack([[1, 2], [3, 4]])]
        [[1, 2], [3, 4]]
    """
    x = as_tensor(value, name="unstack: value")
    number = axis_of("unstack", axis, x.ndim)
    count = x.shape[number] if x.shape[number] is not None else num
    if count is None or (num is not None and num != count):
        raise InvalidArgumentError(f"unstack: num: expected the size of axis {number} of shape {x.shape}, got {num}")
    return [squeeze(part, number) for part in split(x, [1] * count, number)]


@public(top=True)
def split(
    value: TensorLike, num_or_size_splits: ShapeLike, axis: int = 0, num: int | None = None, name: str | None = None
) -> list[Tensor]:
    """`value` cut along `axis`: into that many equal parts, or into parts of the sizes given, one of which may be -1.

    `num`, how many sizes are given, is needed where that is not known.

    Example:
        >>> import stepwell as sw
        >>> [part.numpy().tolist() for part in sw.split([1, 2, 3], [1, -1])]
        [[1], [2, 3]]
    """
    x = as_tensor(value, name="split: value")
    number = axis_of("split", axis, x.ndim)
    total = x.shape[number]
    if isinstance(num_or_size_splits, int | np.integer):
        count = int(num_or_size_splits)
        if count < 1 or (total is not None and total % count):
            expected = f"a divisor of the size of axis {number} of shape {x.shape}"
            raise InvalidArgumentError(f"split: num_or_size_splits: expected {expected}, got {count}")
        sizes: list[Size] = [total // count if total is not None else _equal_part(x, number, count)] * count
    else:
        if num is not None and isinstance(num_or_size_splits, Tensor) and num_or_size_splits.shape == (None,):
            num_or_size_splits = reshape(num_or_size_splits, [num])
        sizes = sizes_of("split", num_or_size_splits, "num_or_size_splits")
        if num is not None and num != len(sizes):
            raise InvalidArgumentError(f"split: num_or_size_splits: expected {num} sizes, got {len(sizes)}")
        sizes = _without_inferred(x, number, sizes)
    parts, start = [], 0
    for size in sizes:
        end = plus(start, size)
        begin_all: list[Size | None] = [None] * x.ndim
        end_all: list[Size | None] = [None] * x.ndim
        begin_all[number], end_all[number] = start, end
        parts.append(bounded(x, begin_all, end_all))
        start = end
    return parts


def _equal_part(x: Tensor, axis: int, count: int) -> Tensor:
    """The size of each of `count` equal parts, where that of the axis is known when the function runs."""
    m, total, parts = namespace(), int64_of(size_along(x, axis)), int64_of(count)
    text = f"split: num_or_size_splits: expected a divisor of {{0}}, the size of axis {axis}, got {count}"
    check(m.equal(m.floormod(total, parts), int64_of(0)), text, total)
    return m.floordiv(total, parts)


def _without_inferred(x: Tensor, axis: int, sizes: list[Size]) -> list[Size]:
    """`sizes` with the -1 computed; they must add up to the size of the axis, if need be when the function runs."""
    total, known = x.shape[axis], [size for size in sizes if isinstance(size, int)]
    if len(sizes) > len(known):
        return _checked_splits(x, axis, sizes)
    text = f"sizes that add up to {total}, the size of axis {axis} of shape {x.shape}"
    refused = InvalidArgumentError(f"split: num_or_size_splits: expected {text}, got {sizes}")
    if min(known, default=0) < -1 or known.count(-1) > 1:
        raise refused
    if total is None:
        return _checked_splits(x, axis, sizes)
    rest = total - sum(size for size in known if size != -1)
    if rest < 0 or (rest and -1 not in known):
        raise refused
    return [rest if size == -1 else size for size in known]


def _checked_splits(x: Tensor, axis: int, sizes: list[Size]) -> list[Size]:
    """Sizes of parts, of which one may be -1, that are known when the function runs."""
    m, none = namespace(), int64_of(-1)
    total, given = int64_of(size_along(x, axis)), [int64_of(size) for size in sizes]
    inferred = [m.equal(size, none) for size in given]
    least = [m.where(is_rest, int64_of(0), size) for is_rest, size in zip(inferred, given)]
    rests, rest, valid = int64_of(0), total, Tensor(np.array(True))
    for is_rest, size in zip(inferred, least):
        rests = m.add(rests, m.cast(is_rest, rests.dtype))
        valid = m.logical_and(valid, m.logical_and(m.greater_equal(size, int64_of(0)), m.less_equal(size, rest)))
        rest = m.subtract(rest, size)
    exact = m.logical_or(m.equal(rests, int64_of(1)), m.logical_and(m.equal(rests, int64_of(0)), m.equal(rest, rests)))
    text = f"split: num_or_size_splits: expected sizes that add up to {{0}}, the size of axis {axis}, got "
    check(m.logical_and(valid, exact), text + ", ".join(f"{{{n}}}" for n in range(1, len(given) + 1)), total, *given)
    return [m.where(is_rest, rest, size) for is_rest, size in zip(inferred, least)]


@public(top=True)
def pad(
    tensor: TensorLike,
    paddings: TensorLike,
    mode: str = "CONSTANT",
    constant_values: TensorLike = 0,
    name: str | None = None,
) -> Tensor:
    """`tensor` with elements before and behind it along each axis.

    Args:
        tensor: what to pad.
        paddings: for each axis how many elements come before and behind.
        mode: `"CONSTANT"`; `"REFLECT"`, which mirrors without the edge, or `"SYMMETRIC"`, which repeats the edge.
        constant_values: the new elements in the first mode.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.pad([1, 2], [[1, 2]]).numpy().tolist()
        [0, 1, 2, 0, 0]
    """
    x = as_tensor(tensor, name="pad: tensor")
    amounts = [_pair(x, pair) for pair in _rows(paddings)]
    if len(amounts) != x.ndim:
        raise InvalidArgumentError(f"pad: paddings: expected a pair for each axis of shape {x.shape}, got {paddings!r}")
    if not isinstance(mode, str):
        raise InvalidTypeError(f"pad: mode: expected CONSTANT, REFLECT or SYMMETRIC, got {shown(mode)}")
    if mode.upper() in ("REFLECT", "SYMMETRIC"):
        for axis, (before, behind) in enumerate(amounts):
            x = _mirrored(x, axis, before, behind, 1 if mode.upper() == "REFLECT" else 0)
        return x
    if mode.upper() != "CONSTANT":
        raise InvalidArgumentError(f"pad: mode: expected CONSTANT, REFLECT or SYMMETRIC, got {mode!r}")
    low, before = split_sizes([pair[0] for pair in amounts])
    high, behind = split_sizes([pair[1] for pair in amounts])
    is_zero = isinstance(constant_values, int) and constant_values == 0  # False for booleans
    value = as_tensor(empty_values((), x.dtype) if is_zero else constant_values, x.dtype, "pad: constant_values")
    return apply(PadOp, x, value, *before, *behind, low=low, high=high, interior=(0,) * x.ndim)


def _rows(paddings: TensorLike) -> Sequence[object]:
    """The pairs of a matrix, each as what `sizes_of` takes."""
    if not is_tensor(paddings):
        return list_of("pad", paddings, "paddings", "a pair for each axis")
    table = as_tensor(paddings)
    if not table.is_symbolic:
        return list(table.numpy())
    return unstack(table) if table.ndim else [table]


def _pair(x: Tensor, pair: object) -> tuple[Size, Size]:
    items = sizes_of("pad", pair, "paddings")
    if len(items) != 2:
        raise InvalidArgumentError(f"pad: paddings: expected a pair for each axis of shape {x.shape}, got {pair!r}")
    return items[0], items[1]


def _mirrored(x: Tensor, axis: int, before: Size, behind: Size, edge: int) -> Tensor:
    """`x` with its own elements, backwards, at both ends of an axis; `edge` of them are left out."""
    total = x.shape[axis]
    if not isinstance(before, int) or not isinstance(behind, int):
        raise InvalidArgumentError("pad: paddings: expected known numbers to mirror")
    if min(before, behind) < 0 or (total is not None and max(before, behind) > total - edge):
        raise InvalidArgumentError(f"pad: paddings: expected from 0 to {total} - {edge}, got {before} and {behind}")
    first: list[Size | None] = [None] * x.ndim
    parts = [x]
    if before:
        end = [*first[:axis], before + edge, *first[axis + 1 :]]
        begin = [*first[:axis], edge, *first[axis + 1 :]]
        parts.insert(0, reverse(bounded(x, begin, end), [axis]))
    if behind:
        begin = [*first[:axis], -behind - edge, *first[axis + 1 :]]
        end = [*first[:axis], -1 if edge else None, *first[axis + 1 :]]
        parts.append(reverse(bounded(x, begin, end), [axis]))
    return apply(ConcatOp, *parts, axis=axis) if len(parts) > 1 else x


@public(top=True)
def reverse(tensor: TensorLike, axis: int | Sequence[int], name: str | None = None) -> Tensor:
    """`tensor` with the order of its elements reversed along one axis or several.

    Example:
        >>> import stepwell as sw
        >>> sw.reverse([1, 2, 3], [0]).numpy().tolist()
        [3, 2, 1]
    """
    x = as_tensor(tensor, name="reverse: tensor")
    return apply(ReverseOp, x, axes=axes_of("reverse", axis, x.ndim))


@public(top=True)
def tile(input: TensorLike, multiples: ShapeLike, name: str | None = None) -> Tensor:
    """`input` repeated `multiples` times along each axis.

    Example:
        >>> import stepwell as sw
        >>> sw.tile([1, 2], [2]).numpy().tolist()
        [1, 2, 1, 2]
    """
    x = as_tensor(input, name="tile: input")
    counts = sizes_of("tile", multiples, "multiples")
    if len(counts) != x.ndim or any(isinstance(count, int) and count < 0 for count in counts):
        raise InvalidArgumentError(
            f"tile: multiples: expected one of 0 or more for each axis of shape {x.shape}, got {counts}"
        )
    own = [size_along(x, axis) for axis in range(x.ndim)]
    for axis in range(x.ndim):
        x = expand_dims(x, 2 * axis)
    pairs = [size for pair in zip(counts, own) for size in pair]
    return reshape(broadcast_to(x, pairs), [times(count, size) for count, size in zip(counts, own)])


@public(top=True)
def repeat(input: TensorLike, repeats: TensorLike, axis: int | None = None, name: str | None = None) -> Tensor:
    """Each element of `input`, or each part along `axis`, `repeats` times in a row.

    Example:
        >>> import stepwell as sw
        >>> sw.repeat([1, 2], 2).numpy().tolist()
        [1, 1, 2, 2]
    """
    x = as_tensor(input, name="repeat: input")
    if axis is None:
        x, axis = reshape(x, [-1]), 0
    number = axis_of("repeat", axis, x.ndim)
    if isinstance(repeats, list | tuple | np.ndarray) or getattr(repeats, "ndim", 0):
        return _repeated(x, repeats, number)
    count = size_of("repeat", repeats, "repeats")
    if isinstance(count, int) and count < 0:
        raise InvalidArgumentError(f"repeat: repeats: expected 0 or more, got {count}")
    own = [size_along(x, position) for position in range(x.ndim)]
    wide = [*own[: number + 1], count, *own[number + 1 :]]
    joined = [*own[:number], times(own[number], count), *own[number + 1 :]]
    return reshape(broadcast_to(expand_dims(x, number + 1), wide), joined)


def _repeated(x: Tensor, repeats: TensorLike, axis: int) -> Tensor:
    """Each part its own number of times."""
    given = indices_tensor("repeat", repeats, "repeats")
    if given.is_symbolic:
        return _repeated_at_run_time(x, given, axis)
    counts = [operator.index(count) for count in given.numpy().reshape(-1).tolist()]
    total = x.shape[axis]
    if len(counts) == 1 and total is not None:
        counts *= total
    if (total is not None and len(counts) != total) or min(counts, default=0) < 0:
        raise InvalidArgumentError(f"repeat: repeats: expected {total} numbers of 0 or more, got {counts}")
    picked = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    return apply(GatherOp, x, picked, axis=axis, batch_dims=0)


def _repeated_at_run_time(x: Tensor, repeats: Tensor, axis: int) -> Tensor:
    """Part `i` is at the places from the sum of the numbers before its own up to that sum with its own."""
    m = namespace()
    counts = broadcast_to(m.cast(repeats, np.int64), [size_along(x, axis)])
    least = m.reduce_min(m.concat([counts, int64_of(0)[None]], 0))
    check(m.greater_equal(least, int64_of(0)), "repeat: repeats: expected 0 or more, got {0}", least)
    ends = m.cumsum(counts)
    places = m.range(int64_of(0), m.reduce_sum(counts), int64_of(1))
    return m.gather(x, m.searchsorted(ends, places, "right"), axis=axis)
