"""`map_fn` of RaggedTensors: a function called for each row, whose results may be rows again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optree

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT32, dtype_named
from ..autograph import convert_inside
from ..ops.arguments import Size, check, int64_of, size_along
from ..ops.control_flow import for_range
from ..ops.logic import equal
from ..ops.movement import stack
from ..ops.ragged.joining import concat
from ..ops.ragged.spec import RaggedTensorSpec
from ..ops.ragged.tensor import RaggedTensor, is_ragged
from ..ops.select import cast
from ..tracing.signature import TensorSpec
from ..tracing.tracer import current_tracer
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor
from .array import TensorArray


def _leaves(value: Any) -> tuple[list[Any], optree.PyTreeSpec]:
    """The leaves of a structure, of which RaggedTensors are some."""
    return optree.tree_flatten(value, is_leaf=is_ragged, none_is_leaf=True)  # pyright: ignore


def has_rows(value: Any) -> bool:
    """Whether there is a RaggedTensor, or the spec of one, in a structure."""
    return any(isinstance(leaf, RaggedTensor | RaggedTensorSpec) for leaf in _leaves(value)[0])


def map_rows(fn: Callable[[Any], Any], elems: Any, signature: Any) -> Any:
    """What `fn` returns for each row, as RaggedTensors where the signature, or that of the arguments, says so."""
    leaves, structure = _leaves(elems)
    given = [leaf if isinstance(leaf, RaggedTensor) else as_tensor(leaf, name="map_fn: elems") for leaf in leaves]
    count = _count(given)
    specs, found = (
        ([_spec_of_row(leaf) for leaf in given], structure) if signature is None else _of_signature(signature)
    )
    call = convert_inside(fn)

    def mapped(index: Any) -> list[Any]:
        result, own = _leaves(call(optree.tree_unflatten(structure, [leaf[index] for leaf in given])))
        if own != found:
            raise InvalidArgumentError(f"map_fn: fn: expected a result of structure {found}, got {own}")
        return [_fitted(leaf, spec) for leaf, spec in zip(result, specs, strict=True)]

    if current_tracer() is None or isinstance(count, int):
        rows = [mapped(index) for index in range(int(count))]  # pyright: ignore[reportArgumentType]
        columns = list(zip(*rows, strict=True)) or [() for _ in specs]
        results = [_collected(list(column), spec) for column, spec in zip(columns, specs, strict=True)]
    else:
        results = _looped(mapped, count, specs, fn)
    return optree.tree_unflatten(found, results)


def _count(given: list[Any]) -> Size:
    """How many rows all have."""
    counts: list[Size] = [leaf._count if isinstance(leaf, RaggedTensor) else size_along(leaf, 0) for leaf in given]
    first = next((count for count in counts if isinstance(count, int)), counts[0])
    for other in counts:
        if other is not first:
            sizes = int64_of(first), int64_of(other)
            check(equal(*sizes), "map_fn: elems: expected one size of first axes, got {0} and {1}", *sizes)
    return first


def _spec_of_row(leaf: Any) -> RaggedTensorSpec | TensorSpec:
    if isinstance(leaf, Tensor):
        return TensorSpec(leaf.shape[1:], leaf.dtype)
    return RaggedTensorSpec(leaf.shape[1:], leaf.dtype, leaf.ragged_rank - 1, leaf.row_splits.dtype)


def _of_signature(signature: Any) -> tuple[list[Any], optree.PyTreeSpec]:
    leaves, structure = optree.tree_flatten(signature, none_is_leaf=True)
    known = RaggedTensorSpec | TensorSpec
    where = "map_fn: fn_output_signature"
    return [
        leaf if isinstance(leaf, known) else TensorSpec(None, dtype_named(leaf, where)) for leaf in leaves
    ], structure


def _fitted(value: Any, spec: Any) -> Any:
    """A result as its spec says. Raises InvalidArgumentError for another dtype or kind."""
    ragged = isinstance(value, RaggedTensor)
    found: Any = value if ragged else as_tensor(value, None if isinstance(value, Tensor) else spec.dtype, "map_fn: fn")
    if found.dtype != spec.dtype:
        raise InvalidArgumentError(
            f"map_fn: fn: expected a result of dtype {spec.dtype.name}, got {found.dtype.name}; fn_output_signature "
            "says what fn returns"
        )
    if isinstance(spec, TensorSpec):
        if ragged:
            raise InvalidArgumentError("map_fn: fn: expected a tensor, got a RaggedTensor; see fn_output_signature")
        return found
    rank = found._rank if isinstance(found, RaggedTensor) else found.ndim
    if rank != spec.shape.rank or rank < 1:
        text = f"expected a result of shape {spec.shape}, got {found.shape}; fn_output_signature says what fn returns"
        raise InvalidArgumentError(f"map_fn: fn: {text}")
    if not ragged and spec.ragged_rank:
        dense: Any = found
        return RaggedTensor.from_tensor(dense, ragged_rank=spec.ragged_rank, row_splits_dtype=spec.row_splits_dtype)
    return found


def _collected(column: list[Any], spec: Any) -> Any:
    """The results for all rows as one."""
    if isinstance(spec, TensorSpec):
        if not column:
            shape = [] if spec.sizes is None else [0 if size is None else size for size in spec.sizes]
            return Tensor(np.zeros([0, *shape], spec.dtype))
        return stack(column)
    empty = _empty(spec)
    lengths = [_length(each, spec.row_splits_dtype) for each in column]
    values = concat([empty, *column], 0) if column else empty
    splits = [as_tensor(np.zeros([], spec.row_splits_dtype))]
    for length in lengths:
        splits.append(splits[-1] + length)
    return RaggedTensor._of(values, stack(splits))


def _empty(spec: RaggedTensorSpec) -> Any:
    """No rows of results."""
    sizes = [0 if size is None else size for size in spec.shape[spec.ragged_rank + 1 :]]
    found: Any = Tensor(np.zeros([0, *sizes], spec.dtype))
    for _ in range(spec.ragged_rank):
        found = RaggedTensor._of(found, Tensor(np.zeros([1], spec.row_splits_dtype)))
    return found


def _length(value: Any, dtype: Any) -> Tensor:
    count = value._count if isinstance(value, RaggedTensor) else size_along(value, 0)
    return cast(int64_of(count), dtype)


def _looped(mapped: Callable[[Any], list[Any]], count: Any, specs: list[Any], fn: Callable[[Any], Any]) -> list[Any]:
    """The same in a loop, for a number of rows that is known when it runs."""
    start: list[Any] = []
    for spec in specs:
        if isinstance(spec, TensorSpec):
            start.append(TensorArray(spec.dtype, size=cast(count, INT32)))
        else:
            start += [_empty(spec), Tensor(np.zeros([1], spec.row_splits_dtype))]

    def body(index: Any, *state: Any) -> list[Any]:
        old, new = list(state), []
        for value, spec in zip(mapped(index), specs, strict=True):
            if isinstance(spec, TensorSpec):
                new.append(old.pop(0).write(index, value))
            else:
                values, splits = old.pop(0), old.pop(0)
                end = splits[-1:] + _length(value, spec.row_splits_dtype)
                new += [concat([values, value], 0), concat([splits, end], 0)]
        return new

    state = for_range(0, cast(count, INT32), 1, body, start, fn)
    found = []
    for spec in specs:
        if isinstance(spec, TensorSpec):
            found.append(state.pop(0).stack())
        else:
            found.append(RaggedTensor._of(state.pop(0), state.pop(0)))
    return found
