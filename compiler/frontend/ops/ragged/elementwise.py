"""Functions on each element of RaggedTensors: called on flat values, to which other operands are aligned."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64, DType
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, is_tensor
from ..arguments import check, int64_of, size_along
from ..index import gather_nd
from ..logic import equal, logical_or
from ..movement import stack
from ..reduce import reduce_all
from ..select import cast, where
from ..shape import reshape
from . import splits as rows_
from .conversions import places_of
from .tensor import RaggedTensor


@cache
def parameters_of(function: Callable[..., Any]) -> inspect.Signature:
    """The parameters of a function."""
    return inspect.signature(function)


def elementwise(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], count: int) -> RaggedTensor:
    """A function of the elements, of which the first `count` parameters are operands."""
    ragged, flat = _of_flat(function, args, kwargs, count)
    return ragged._with_flat(flat)


def checked(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], count: int) -> Any:
    """A function that checks the elements of its first `count` arguments, and returns nothing of them."""
    return _of_flat(function, args, kwargs, count)[1]


def _of_flat(
    function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], count: int
) -> tuple[RaggedTensor, Any]:
    """The rows that operands have, and what the function returns of flat values."""
    signature = parameters_of(function)
    given = signature.bind(*args, **kwargs).arguments
    names = [name for name in list(signature.parameters)[:count] if name in given]
    ragged, flat = aligned(function.__name__, [given[name] for name in names])
    return ragged, function(**{**given, **dict(zip(names, flat))})


def aligned(function: str, operands: Sequence[Any]) -> tuple[RaggedTensor, list[Any]]:
    """The RaggedTensor whose rows a result has, and operands that broadcast with its flat values."""
    ragged = [operand for operand in operands if isinstance(operand, RaggedTensor)]
    base = max(ragged, key=lambda each: each.ragged_rank)
    return base, [_aligned(function, base, operand) for operand in operands]


def _aligned(function: str, base: RaggedTensor, operand: Any) -> Any:
    if operand is base:
        return base.flat_values
    if isinstance(operand, RaggedTensor):
        same_rows(function, base, operand)
        return operand.flat_values
    return with_values_of(function, base, operand, base.dtype)


def same_rows(function: str, first: RaggedTensor, other: RaggedTensor) -> None:
    """Raise InvalidArgumentError unless both have the same rows."""
    if first.ragged_rank != other.ragged_rank:
        text = f"expected RaggedTensors of one ragged_rank, got {first.ragged_rank} and {other.ragged_rank}"
        raise InvalidArgumentError(f"{function}: {text}")
    for mine, theirs in zip(first.nested_row_splits, other.nested_row_splits):
        if mine is theirs:
            continue
        one, two = (rows_.scalar(size_along(splits, 0), INT64) for splits in (mine, theirs))
        text = f"{function}: expected RaggedTensors with the same rows, got {{0}} and {{1}} rows"
        check(equal(one, two), text, one - int64_of(1), two - int64_of(1))
        text = f"{function}: expected RaggedTensors with the same rows, got row_splits {{0}} and {{1}}"
        check(reduce_all(equal(cast(mine, INT64), cast(theirs, INT64))), text, mine, theirs)


def with_values_of(function: str, base: RaggedTensor, operand: Any, dtype: DType | None) -> Any:
    """A number, or a tensor that broadcasts with a RaggedTensor, as what broadcasts with the flat values of that."""
    if not is_tensor(operand) and not isinstance(operand, list | tuple | np.ndarray):
        return operand
    x = as_tensor(operand, None if is_tensor(operand) else dtype, f"{function}: operand")
    flat = base.flat_values
    if x.ndim < flat.ndim:
        return x
    rank = base.ragged_rank + flat.ndim
    if x.ndim > rank:
        text = f"expected at most {rank} axes, as the RaggedTensor has, got shape {x.shape}"
        raise InvalidArgumentError(f"{function}: {text}")
    sizes = [size_along(x, axis) for axis in range(x.ndim)]
    missing, outer = rank - x.ndim, base.ragged_rank + 1
    if all(size == 1 for size in sizes[: outer - missing]):
        return reshape(x, [1, *sizes[outer - missing :]])
    places = places_of(base)[missing:]
    indices = [_index(function, base, axis + missing, x, axis, place) for axis, place in enumerate(places)]
    return gather_nd(x, stack(indices, 1))


def _index(function: str, base: RaggedTensor, level: int, x: Tensor, axis: int, place: Tensor) -> Tensor:
    """For each flat value the index along an axis of a tensor: its own, or 0 where the size is 1."""
    size = int64_of(size_along(x, axis))
    rows = _lengths(base, level)
    one = equal(size, int64_of(1))
    text = f"{function}: expected size 1 along axis {axis}, or that of all rows, {{1}}, got {{0}}"
    check(logical_or(one, reduce_all(equal(rows, size))), text, size, rows)
    return where(one, int64_of(0), place)


def _lengths(ragged: RaggedTensor, level: int) -> Tensor:
    """How long the rows along an axis are, as int64."""
    if level == 0:
        return rows_.scalar(rows_.count_of_rows(ragged.row_splits), INT64)
    return cast(rows_.lengths_of(ragged.nested_row_splits[level - 1]), INT64)
