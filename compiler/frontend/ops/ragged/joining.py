"""RaggedTensors joined along axes, stacked, repeated and taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64, DType
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, is_tensor
from .. import movement as dense
from .. import shape as dense_shape
from ..arguments import Size, axes_of, axis_of, check, int64_of, shown, size_along, size_from, sizes_of, times
from ..index import gather
from ..index import range as counting
from ..logic import equal
from ..math import add, floordiv, floormod, multiply
from . import splits as rows_
from .elementwise import same_rows
from .rows import pick_rows
from .tensor import RaggedTensor


def concat(values: Any, axis: Any, name: str | None = None) -> Any:
    """RaggedTensors and tensors of one rank, one after the other along an axis."""
    items = _items("concat", values, "values")
    rank = _rank("concat", items, "values")
    return items[0] if len(items) == 1 else _joined("concat", items, axis_of("concat", axis, rank), False)


@public("ragged")
def stack(values: Any, axis: int = 0, name: str | None = None) -> Any:
    """Tensors of one rank along a new axis, as rows of a RaggedTensor: their sizes may differ.

    Args:
        values: a list of tensors and RaggedTensors.
        axis: the new axis.
        name: not used.

    Returns:
        A RaggedTensor; a tensor for scalars, and where tensors are stacked along the last axis.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.stack([[1, 2], [3]])
        <tf.RaggedTensor [[1, 2], [3]]>
    """
    items = _items("stack", values, "values")
    return _joined("stack", items, axis_of("stack", axis, _rank("stack", items, "values") + 1), True)


def _items(function: str, values: Any, argument: str) -> list[Any]:
    """RaggedTensors and tensors of one dtype."""
    if not isinstance(values, list | tuple):
        if isinstance(values, RaggedTensor) or not is_tensor(values):
            raise InvalidTypeError(f"{function}: {argument}: expected a list of tensors, got {shown(values)}")
        return list(as_tensor(values))
    if not values:
        raise InvalidArgumentError(f"{function}: {argument}: expected at least one tensor, got none")
    dtype = next((each.dtype for each in values if isinstance(each, RaggedTensor) or is_tensor(each)), None)
    found = [_item(function, each, dtype, argument) for each in values]
    if len({each.dtype.name for each in found}) > 1:
        names = " and ".join(sorted({each.dtype.name for each in found}))
        raise InvalidTypeError(f"{function}: {argument}: expected one dtype, got {names}")
    return found


def _item(function: str, value: Any, dtype: DType | None, argument: str) -> Any:
    return value if isinstance(value, RaggedTensor) else as_tensor(value, dtype, f"{function}: {argument}")


def _rank(function: str, items: Sequence[Any], argument: str) -> int:
    ranks = {rank_of(each) for each in items}
    if len(ranks) > 1:
        found = " and ".join(str(each.shape) for each in items)
        raise InvalidArgumentError(f"{function}: {argument}: expected tensors of one rank, got shapes {found}")
    return ranks.pop()


def rank_of(x: Any) -> int:
    """How many axes there are."""
    return x._rank if isinstance(x, RaggedTensor) else x.ndim


def _joined(function: str, items: list[Any], axis: int, stacks: bool) -> Any:
    """Along an axis, or along a new one."""
    rank = rank_of(items[0])
    plain = all(isinstance(each, Tensor) for each in items)
    if plain and stacks and rank == 1 and axis == 0:
        lengths = dense.concat([rows_.scalar(size_along(each, 0), INT64)[None] for each in items], 0)
        return RaggedTensor._of(dense.concat(items, 0), rows_.from_lengths(lengths))
    if plain and axis in (rank - 1, rank + stacks - 1):
        return dense.stack(items, axis) if stacks else dense.concat(items, axis)
    dtype = next((each.row_splits.dtype for each in items if isinstance(each, RaggedTensor)), INT64)
    rows = [as_rows(each, dtype) for each in items]
    if axis == 0:
        return _along_rows(rows, stacks)
    if axis == 1:
        return _within_rows(function, rows, stacks)
    for each in rows[1:]:
        same_rows(function, outer_rows(rows[0]), outer_rows(each))
    return RaggedTensor._of(_joined(function, [each.values for each in rows], axis - 1, stacks), rows[0].row_splits)


def outer_rows(x: RaggedTensor) -> RaggedTensor:
    """The rows alone, of values that do not matter."""
    return RaggedTensor._of(x.row_splits, x.row_splits)


def as_rows(x: Any, dtype: DType = INT64) -> RaggedTensor:
    """A tensor as a RaggedTensor of one ragged axis."""
    found = x if isinstance(x, RaggedTensor) else RaggedTensor.from_tensor(x, row_splits_dtype=dtype)
    if found.row_splits.dtype != dtype:
        text = f"expected row_splits of one dtype, got {dtype.name} and {found.row_splits.dtype.name}"
        raise InvalidTypeError(f"RaggedTensor: {text}; use with_row_splits_dtype")
    return found


def _along_rows(items: Sequence[RaggedTensor], stacks: bool) -> RaggedTensor:
    values = _values_of_all([each.values for each in items])
    parts, total = [items[0].row_splits], rows_.last(items[0].row_splits)
    for each in items[1:]:
        parts.append(add(each.row_splits[1:], total))
        total = add(total, rows_.last(each.row_splits))
    whole = RaggedTensor._of(values, dense.concat(parts, 0))
    if not stacks:
        return whole
    lengths = dense.concat([each.nrows()[None] for each in items], 0)
    return RaggedTensor._of(whole, rows_.from_lengths(lengths))


def _values_of_all(items: list[Any]) -> Any:
    """The values of several RaggedTensors, a tensor if all are tensors."""
    if len(items) == 1:
        return items[0]
    plain = all(isinstance(each, Tensor) for each in items)
    return dense.concat(items, 0) if plain else _joined("concat", items, 0, False)


def _within_rows(function: str, items: Sequence[RaggedTensor], stacks: bool) -> RaggedTensor:
    """The rows of the same number, one after the other."""
    count = len(items)
    first = items[0].nrows()
    for each in items[1:]:
        text = f"{function}: values: expected equal numbers of rows, got {{0}} and {{1}}"
        check(equal(first, each.nrows()), text, first, each.nrows())
    own = size_from(first)
    whole = _along_rows(items, False)
    dtype = first.dtype
    places = counting(rows_.scalar(0, dtype), rows_.scalar(times(own, count), dtype), rows_.scalar(1, dtype))
    width = rows_.scalar(count, dtype)
    turns = pick_rows(whole, add(multiply(floormod(places, width), first), floordiv(places, width)))
    ends = rows_.of_equal_length(count, own, dtype)
    return RaggedTensor._of(turns, ends) if stacks else RaggedTensor._of(turns.values, gather(turns.row_splits, ends))


def tile(input: Any, multiples: Any, name: str | None = None) -> RaggedTensor:
    """Repeated along each axis."""
    found = sizes_of("tile", multiples, "multiples")
    if len(found) != input._rank:
        text = f"expected {input._rank} numbers, one for each axis, got {len(found)}"
        raise InvalidArgumentError(f"tile: multiples: {text}")
    return _tiled(input, found)


def _tiled(x: Any, multiples: Sequence[Size]) -> Any:
    if isinstance(x, Tensor):
        return dense.tile(x, multiples)
    first, second, *rest = multiples
    if not all(isinstance(each, int) and each == 1 for each in rest):
        x = RaggedTensor._of(_tiled(x.values, [1, *rest]), x.row_splits, x._uniform)
    if not (isinstance(second, int) and second == 1):
        x = _repeated_rows(x, second)
    if isinstance(first, int) and first == 1:
        return x
    dtype = x.row_splits.dtype
    count = rows_.scalar(x._count, dtype)
    numbers = counting(rows_.scalar(0, dtype), multiply(count, rows_.scalar(first, dtype)), rows_.scalar(1, dtype))
    return pick_rows(x, floormod(numbers, count)) if x._count != 0 else x


def _repeated_rows(x: RaggedTensor, times_: Size) -> RaggedTensor:
    """Each row, several times one after the other."""
    dtype = x.row_splits.dtype
    lengths, starts = rows_.lengths_of(x.row_splits), x.row_splits[:-1]
    splits = rows_.from_lengths(multiply(lengths, rows_.scalar(times_, dtype)))
    total = size_from(rows_.last(splits))
    ids = rows_.row_ids(splits, total)
    places = floormod(rows_.places_in_rows(splits, total), gather(lengths, ids))
    uniform = None if x._uniform is None else times(x._uniform, times_)
    return RaggedTensor._of(pick_rows(x.values, add(gather(starts, ids), places)), splits, uniform)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> RaggedTensor:
    """With axes, also ragged ones, in reverse order."""
    axes = axes_of("reverse", axis, tensor._rank)
    return tensor[tuple(slice(None, None, -1 if number in axes else None) for number in range(tensor._rank))]


def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: Any = None, name: str | None = None) -> list[Any]:
    """Taken apart between rows."""
    if axis_of("split", axis, value._rank):
        raise InvalidArgumentError("split: axis: expected 0 for a RaggedTensor")
    sizes = sizes_of("split", num_or_size_splits, "num_or_size_splits")
    count = value._count
    if not isinstance(num_or_size_splits, list | tuple) and not getattr(num_or_size_splits, "ndim", 0):
        [parts] = sizes
        if not (isinstance(parts, int) and isinstance(count, int)) or parts <= 0 or count % parts:
            text = f"expected a known number that divides that of the rows, {count}, got {shown(num_or_size_splits)}"
            raise InvalidArgumentError(f"split: num_or_size_splits: {text}")
        sizes = [count // parts] * parts
    total = rows_.scalar(0, INT64)
    found = []
    for size in sizes:
        end = add(total, int64_of(size))
        found.append(value[total:end])
        total = end
    rows = rows_.scalar(count, INT64)
    check(
        equal(total, rows), "split: num_or_size_splits: expected a sum of {1}, the number of rows, got {0}", total, rows
    )
    return found


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Tensor:
    """All values as a vector, the only shape but its own that a RaggedTensor can be given."""
    sizes = sizes_of("reshape", shape, "shape")
    if sizes != [-1]:
        raise InvalidArgumentError(f"reshape: shape: expected [-1] for a RaggedTensor, got {sizes}; see merge_dims")
    return dense_shape.reshape(tensor.flat_values, [-1])
