"""Parts of RaggedTensors, and parts that RaggedTensors of indices name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import BOOL, INT64
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor
from .. import index as dense
from .. import select as dense_select
from ..arguments import axis_of, check, indices_tensor, product, size_along
from ..index import place_size
from ..logic import equal, greater_equal, less, logical_and
from ..masks import boolean_mask as dense_boolean_mask
from ..masks import nonzero
from ..math import add
from ..movement import concat, stack
from ..nn import blocks
from ..reduce import reduce_all
from ..scan import cumsum
from ..select import cast
from ..shape import reshape
from . import splits as rows_
from .conversions import places_of
from .elementwise import parameters_of, same_rows, with_values_of
from .joining import as_rows, outer_rows
from .rows import pick_rows
from .tensor import RaggedTensor


def gather(
    params: Any,
    indices: Any,
    validate_indices: bool | None = None,
    axis: int | None = None,
    batch_dims: int = 0,
    name: str | None = None,
) -> Any:
    """Parts of a RaggedTensor or tensor; where indices are a RaggedTensor, in its rows."""
    where = indices if isinstance(indices, RaggedTensor) else indices_tensor("gather", indices)
    rank = where._rank if isinstance(where, RaggedTensor) else where.ndim
    batch = axis_of("gather", batch_dims, rank + 1, "batch_dims") if batch_dims else 0
    own = params._rank if isinstance(params, RaggedTensor) else as_tensor(params, name="gather: params").ndim
    number = batch if axis is None else axis_of("gather", axis, own)
    if batch:
        if number != batch:
            raise InvalidArgumentError(f"gather: axis: expected batch_dims, {batch}, for RaggedTensors, got {axis}")
        return _of_batches(_rows_of(params), _rows_of(where), batch)
    return _gathered(params, where, number)


def _rows_of(x: Any) -> RaggedTensor:
    return x if isinstance(x, RaggedTensor) else as_rows(as_tensor(x))


def _gathered(params: Any, where: Any, axis: int) -> Any:
    if not isinstance(params, RaggedTensor):
        params = as_tensor(params, name="gather: params")
        if isinstance(where, Tensor):
            return dense.gather(params, where, axis=axis)
    if axis > 1:
        return params.with_values(_gathered(params.values, where, axis - 1))
    if axis == 1:
        return _of_each_row(_rows_of(params), where)
    return _in_shape_of(where, lambda numbers: pick_rows(params, numbers))


def _in_shape_of(where: Any, pick: Callable[[Tensor], Any]) -> Any:
    """What a function of a vector of indices returns, in place of each index."""
    if isinstance(where, RaggedTensor):
        return where._with_flat(_in_shape_of(where.flat_values, pick))
    if where.ndim == 1:
        return pick(where)
    if not where.ndim:
        return pick(where[None])[0]
    rows = RaggedTensor.from_tensor(where, ragged_rank=where.ndim - 1)
    return rows._with_flat(pick(rows.flat_values))


def _check_within(numbers: Tensor, sizes: Tensor) -> None:
    inside = logical_and(greater_equal(numbers, cast(0, numbers.dtype)), less(numbers, sizes))
    check(reduce_all(inside), "gather: indices: expected indices of rows of lengths {0}, got {1}", sizes, numbers)


def _of_each_row(x: RaggedTensor, where: Any) -> Any:
    """The same indices of each row."""
    if not isinstance(where, Tensor) or where.ndim != 1:
        raise InvalidArgumentError("gather: indices: expected a vector for axis 1 of a RaggedTensor")
    dtype = x.row_splits.dtype
    numbers = reshape(cast(where, dtype), [1, -1])
    _check_within(numbers, reshape(rows_.lengths_of(x.row_splits), [-1, 1]))
    places = reshape(add(reshape(x.row_splits[:-1], [-1, 1]), numbers), [-1])
    return RaggedTensor._of(pick_rows(x.values, places), rows_.of_equal_length(size_along(where, 0), x._count, dtype))


def _of_batches(x: RaggedTensor, where: RaggedTensor, batch: int) -> Any:
    """Indices of rows, of the row of the same number."""
    if batch > 1:
        return where._of(_of_batches(_rows_of(x.values), _rows_of(where.values), batch - 1), where.row_splits)
    dtype = x.row_splits.dtype
    ids = cast(where.value_rowids(), dtype)

    def picked(numbers: Tensor, rows: Tensor) -> Any:
        _check_within(numbers, dense.gather(rows_.lengths_of(x.row_splits), rows))
        return pick_rows(x.values, add(dense.gather(x.row_splits, rows), numbers))

    inner = where.values
    if isinstance(inner, Tensor) and inner.ndim == 1:
        return RaggedTensor._of(picked(cast(inner, dtype), ids), where.row_splits, where._uniform)
    inner = _rows_of(inner)
    if isinstance(inner.values, RaggedTensor) or inner.values.ndim > 1:
        raise InvalidArgumentError("gather: indices: expected at most two axes after the batch")
    rows = dense.gather(ids, cast(inner.value_rowids(), INT64))
    found = RaggedTensor._of(picked(cast(inner.values, dtype), rows), inner.row_splits, inner._uniform)
    return RaggedTensor._of(found, where.row_splits, where._uniform)


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None) -> Any:
    """Parts of a RaggedTensor or tensor at places; where these are in a RaggedTensor, in its rows."""
    if batch_dims:
        raise InvalidArgumentError("gather_nd: batch_dims: expected 0 for RaggedTensors")
    if isinstance(indices, RaggedTensor):
        return indices._with_flat(gather_nd(params, indices.flat_values))
    where = indices_tensor("gather_nd", indices)
    if not isinstance(params, RaggedTensor):
        return dense.gather_nd(params, where)
    count = place_size("gather_nd", where)
    if not 0 < count <= params._rank:
        raise InvalidArgumentError(f"gather_nd: indices: expected 1 to {params._rank} along the last axis, got {count}")
    if where.ndim == 1:
        return _at_places(params, [where[None, number] for number in range(count)])[0]
    flat = reshape(where, [-1, count])
    found = _at_places(params, [flat[:, number] for number in range(count)])
    for axis in range(where.ndim - 2, 0, -1):
        rows = rows_.of_equal_length(size_along(where, axis), _product(where, axis), INT64)
        found = RaggedTensor._of(found, rows, size_along(where, axis))
    return found


def _product(x: Tensor, count: int) -> Any:
    return product([size_along(x, axis) for axis in range(count)])


def _at_places(x: Any, columns: list[Tensor]) -> Any:
    """The parts at places of which the indices along each axis are given."""
    if not isinstance(x, RaggedTensor):
        return dense.gather_nd(x, stack(columns, 1))
    if len(columns) == 1:
        return pick_rows(x, columns[0])
    dtype = x.row_splits.dtype
    rows, places, *rest = [cast(column, dtype) for column in columns]
    _check_within(places, dense.gather(rows_.lengths_of(x.row_splits), rows))
    return _at_places(x.values, [add(dense.gather(x.row_splits, rows), places), *rest])


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """Elements of `x` where a condition holds, else of `y`; without these, where it holds."""
    if (x is None) != (y is None):
        raise InvalidArgumentError("where: expected x and y, or neither of them")
    if x is None:
        rows = stack(places_of(condition), 1)
        if condition.flat_values.ndim == 1:
            return dense_boolean_mask(rows, cast(condition.flat_values, BOOL))
        inner = nonzero(condition.flat_values)
        return concat([dense.gather(rows, inner[:, 0]), inner[:, 1:]], 1)
    operands = [condition, x, y]
    ragged = [each for each in operands if isinstance(each, RaggedTensor)]
    base = max(ragged, key=lambda each: each.ragged_rank)
    for each in ragged:
        if each is not base:
            same_rows("where", base, each)
    dtype = next((each.dtype for each in (x, y) if isinstance(each, RaggedTensor)), None)
    flat: list[Any] = [
        each.flat_values if isinstance(each, RaggedTensor) else with_values_of("where", base, each, kind)
        for each, kind in zip(operands, (BOOL, dtype, dtype))
    ]
    return base._with_flat(dense_select.where(flat[0], flat[1], flat[2]))


def one_hot(indices: Any, *args: Any, **kwargs: Any) -> RaggedTensor:
    """Indices as vectors, along an axis behind those that are ragged."""
    given = parameters_of(dense.one_hot).bind(indices, *args, **kwargs).arguments
    axis = given.get("axis", -1)
    number = -1 if axis is None else axis_of("one_hot", axis, indices._rank + 1)
    if 0 <= number <= indices.ragged_rank:
        text = f"expected an axis behind the ragged ones, of which {indices.ragged_rank} is the last, got {axis}"
        raise InvalidArgumentError(f"one_hot: axis: {text}")
    given |= {"indices": indices.flat_values, "axis": number if number < 0 else number - indices.ragged_rank}
    return indices._with_flat(dense.one_hot(**given))


def embedding_lookup(params: Any, ids: Any, *args: Any, **kwargs: Any) -> RaggedTensor:
    """The rows of a matrix that numbers in rows name."""
    return ids._with_flat(blocks.embedding_lookup(params, ids.flat_values, *args, **kwargs))


@public("ragged")
def boolean_mask(data: Any, mask: Any, name: str | None = None) -> Any:
    """The elements, or rows, for which `mask` holds, each in the row that it was in.

    Args:
        data: a RaggedTensor, a tensor, or lists.
        mask: booleans for the first axes of `data`, whose rows have to be the same.
        name: not used.

    Returns:
        A RaggedTensor with as many axes as `data`; a tensor for a tensor and a vector of booleans.

    Example:
        >>> import stepwell as sw
        >>> sw.ragged.boolean_mask([[1, 2, 3], [4, 5, 6]], [[True, False, True], [False, False, False]])
        <tf.RaggedTensor [[1, 3], []]>
    """
    x = data if isinstance(data, RaggedTensor) else as_tensor(data, name="boolean_mask: data")
    chosen = mask if isinstance(mask, RaggedTensor) else as_tensor(mask, BOOL, "boolean_mask: mask")
    if chosen.dtype != BOOL:
        raise InvalidArgumentError(f"boolean_mask: mask: expected booleans, got dtype {chosen.dtype.name}")
    if isinstance(chosen, Tensor):
        if not chosen.ndim:
            raise InvalidArgumentError("boolean_mask: mask: expected at least one axis, got a scalar")
        if chosen.ndim == 1:
            return _chosen(x, chosen)
        chosen = RaggedTensor.from_tensor(chosen, ragged_rank=chosen.ndim - 1)
    return _masked(x, chosen)


def _chosen(x: Any, mask: Tensor) -> Any:
    """The rows, or parts along the first axis, for which a vector holds."""
    if isinstance(x, Tensor):
        return dense_boolean_mask(x, mask)
    own, given = rows_.scalar(x._count, INT64), rows_.scalar(size_along(mask, 0), INT64)
    check(equal(own, given), "boolean_mask: mask: expected {0} elements, one for each row, got {1}", own, given)
    return pick_rows(x, nonzero(mask)[:, 0])


def _masked(x: Any, mask: RaggedTensor) -> RaggedTensor:
    if isinstance(x, Tensor):
        x = RaggedTensor.from_tensor(x, ragged_rank=min(mask.ragged_rank, x.ndim - 1))
    same_rows("boolean_mask", outer_rows(x), outer_rows(mask))
    inner = mask.values
    if isinstance(inner, RaggedTensor) or inner.ndim > 1:
        inner = inner if isinstance(inner, RaggedTensor) else as_rows(inner)
        return RaggedTensor._of(_masked(x.values, inner), x.row_splits)
    dtype = x.row_splits.dtype
    before = concat([rows_.scalar(0, dtype)[None], cumsum(cast(inner, dtype))], 0)
    return RaggedTensor._of(_chosen(x.values, inner), dense.gather(before, x.row_splits))
