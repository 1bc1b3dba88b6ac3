"""Public functions of rows: flat values mapped, numbers of segments, partitions, crosses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64, DTypeLike
from .....dialects.public import public
from ...tracing.conversion import convert_inside
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, check, list_of, plus, product, shown, size_along, size_from, size_of
from ..index import gather
from ..logic import equal
from ..math import add, floordiv, floormod, multiply
from ..select import cast
from ..shape import reshape
from ..sort import argsort
from ..strings.elements import join
from ..strings.parts import as_string
from . import splits as rows_
from .elementwise import same_rows
from .factories import size_of_values
from .joining import as_rows
from .rows import pick_rows
from .tensor import RaggedTensor


@public("ragged")
def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The rows with what a function returns of the flat values.

    Args:
        op: a function of tensors. Its result has to have as many elements along the first axis as the flat values.
        args: the arguments, in which RaggedTensors, which have the same rows, are replaced by their flat values.
        kwargs: arguments by name, likewise.

    Returns:
        A RaggedTensor; what `op` returns if there is no RaggedTensor among the arguments.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.map_flat_values(sw.multiply, sw.ragged.constant([[1, 2], [3]]), 10)
        <tf.RaggedTensor [[10, 20], [30]]>
    """
    found: list[RaggedTensor] = []
    flat_args = [_flat(value, found) for value in args]
    flat_kwargs = {name: _flat(value, found) for name, value in kwargs.items()}
    if not found:
        return op(*args, **kwargs)
    first, *others = found
    for other in others:
        same_rows("map_flat_values", first, other)
    result = convert_inside(op)(*flat_args, **flat_kwargs)
    values = result if isinstance(result, RaggedTensor) else as_tensor(result, name="map_flat_values: op")
    own, given = size_along(first.flat_values, 0), _size(values)
    sizes = rows_.scalar(own, INT64), rows_.scalar(given, INT64)
    text = "map_flat_values: op: expected a result with {0} elements along the first axis, as flat_values, got {1}"
    check(equal(*sizes), text, *sizes)
    return first._with_flat(values)  # pyright: ignore[reportArgumentType]


def _size(values: Any) -> Size:
    if isinstance(values, Tensor) and not values.ndim:
        raise InvalidArgumentError("map_flat_values: op: expected a result with at least one axis, got a scalar")
    return size_of_values(values)


def _flat(value: Any, found: list[RaggedTensor]) -> Any:
    """An argument with flat values in place of RaggedTensors, which are added to those found."""
    if isinstance(value, RaggedTensor):
        found.append(value)
        return value.flat_values
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(_flat(item, found) for item in value)
    return {key: _flat(item, found) for key, item in value.items()} if type(value) is dict else value


@public("ragged")
def row_splits_to_segment_ids(splits: TensorLike, name: str | None = None, out_type: DTypeLike | None = None) -> Tensor:
    """For each value the number of its row, given where rows end.

    Args:
        splits: row splits: 0, and where each row ends.
        name: not used.
        out_type: int32 or int64, by default the dtype of `splits`.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.row_splits_to_segment_ids([0, 3, 3, 5]).numpy().tolist()
        [0, 0, 0, 2, 2]
    """
    ends = rows_.partition("row_splits_to_segment_ids", splits, "splits")
    if ends.shape[0] == 0:
        raise InvalidArgumentError("row_splits_to_segment_ids: splits: expected at least one element, got none")
    return cast(rows_.row_ids(ends, size_from(rows_.last(ends))), out_type or ends.dtype)


@public("ragged")
def segment_ids_to_row_splits(
    segment_ids: TensorLike,
    num_segments: Any = None,
    out_type: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Where rows end, with 0 before, given the number of the row of each value.

    Args:
        segment_ids: the numbers of rows, in ascending order.
        num_segments: how many rows there are; by default as many as the last number says.
        out_type: int32 or int64, by default the dtype of `segment_ids`.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.segment_ids_to_row_splits([0, 0, 2], num_segments=4).numpy().tolist()
        [0, 2, 2, 3, 3]
    """
    where = "segment_ids_to_row_splits"
    ids = rows_.partition(where, segment_ids, "segment_ids")
    check(rows_.ascending(ids), f"{where}: segment_ids: expected integers in ascending order, got {{0}}", ids)
    count = rows_.greatest(ids, -1)
    rows = plus(size_from(count), 1) if num_segments is None else rows_.known(num_segments, where, "num_segments")
    return cast(rows_.from_row_ids(ids, rows), out_type or ids.dtype)


@public("ragged")
def stack_dynamic_partitions(
    data: Any, partitions: TensorLike, num_partitions: Any, name: str | None = None
) -> RaggedTensor:
    """The parts of `data` in the rows of which each is given the number.

    Args:
        data: a tensor or RaggedTensor.
        partitions: for each part along the first axes of `data`, its row.
        num_partitions: how many rows there are.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.stack_dynamic_partitions(["a", "b", "c", "d"], [0, 3, 0, 1], 4)
        <tf.RaggedTensor [[b'a', b'c'], [b'd'], [], [b'b']]>
    """
    where = "stack_dynamic_partitions"
    x = data if isinstance(data, RaggedTensor) else as_tensor(data, name=f"{where}: data")
    numbers = as_tensor(partitions, name=f"{where}: partitions")
    if not numbers.dtype.is_integer or not numbers.ndim:
        raise InvalidTypeError(f"{where}: partitions: expected integers for the parts of data, got {shown(partitions)}")
    if numbers.ndim > 1:
        if isinstance(x, RaggedTensor):
            raise InvalidArgumentError(
                f"{where}: partitions: expected a vector for a RaggedTensor, got {numbers.shape}"
            )
        sizes = [size_along(x, axis) for axis in range(x.ndim)]
        x = reshape(x, [product(sizes[: numbers.ndim]), *sizes[numbers.ndim :]])
        numbers = reshape(numbers, [-1])
    order = argsort(numbers, stable=True)
    ids = cast(gather(numbers, order), INT64)
    return RaggedTensor.from_value_rowids(pick_rows(x, order), ids, size_of(where, num_partitions, "num_partitions"))


def dynamic_partition(data: Any, partitions: Any, num_partitions: int, name: str | None = None) -> list[Any]:
    """The rows of each number, as a RaggedTensor each."""
    whole = stack_dynamic_partitions(data, partitions, num_partitions)
    return [whole[number] for number in range(num_partitions)]


@public("ragged")
def cross(inputs: Sequence[Any], name: str | None = None) -> RaggedTensor:
    """In each row all combinations of one value of each input, joined with `_X_`.

    Args:
        inputs: matrices of strings or integers, RaggedTensors or tensors, with equally many rows.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.cross([sw.ragged.constant([["a"], ["b", "c"]]), [["d"], ["e"]]])
        <tf.RaggedTensor [[b'a_X_d'], [b'b_X_e', b'c_X_e']]>
    """
    first, *others = [_strings(value) for value in list_of("ragged.cross", inputs, "inputs", "a list of matrices")]
    for other in others:
        first = _crossed(first, other)
    return first


def _strings(value: Any) -> RaggedTensor:
    x = as_rows(value if isinstance(value, RaggedTensor) else as_tensor(value, name="ragged.cross: inputs"))
    if x._rank != 2 or not (x.dtype.is_string or x.dtype.is_integer):
        raise InvalidArgumentError(
            f"ragged.cross: inputs: expected matrices of strings or integers, got {shown(value)}"
        )
    return x if x.dtype.is_string else x._with_flat(as_string(x.flat_values))


def _crossed(x: RaggedTensor, y: RaggedTensor) -> RaggedTensor:
    rows = x.nrows(), cast(y.nrows(), x.row_splits.dtype)
    check(equal(*rows), "ragged.cross: inputs: expected equal numbers of rows, got {0} and {1}", *rows)
    other = cast(y.row_splits, x.row_splits.dtype)
    mine, theirs = rows_.lengths_of(x.row_splits), rows_.lengths_of(other)
    splits = rows_.from_lengths(multiply(mine, theirs))
    total = size_from(rows_.last(splits))
    ids, places = rows_.row_ids(splits, total), rows_.places_in_rows(splits, total)
    width = gather(theirs, ids)
    left = gather(x.values, add(gather(x.row_splits, ids), floordiv(places, width)))
    right = gather(y.values, add(gather(other, ids), floormod(places, width)))
    return RaggedTensor._of(join([left, right], "_X_"), splits)
