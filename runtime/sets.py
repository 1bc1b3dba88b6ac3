"""Sets of the elements along the last axis of tensors; computed by Python, in functions too."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ..compiler.frontend.gradients.host_functions import numpy_function
from ..compiler.frontend.ops.sparse.tensor import SparseTensor
from ..compiler.frontend.tracing.signature import TensorSpec
from ..compiler.frontend.values.dispatch import as_tensor
from ..compiler.frontend.values.tensor import Tensor, TensorLike
from ..dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ..dialects.dtypes import INT64, STRING, DType
from ..dialects.public import public

Set = set[Any]
Combine = Callable[[Set, Set], Set]
Elements = TensorLike | SparseTensor
"""A tensor of at least two axes, or the elements of one that are given."""


@public("sets")
def union(a: Elements, b: Elements, validate_indices: bool = True) -> SparseTensor:
    """The elements along the last axis that are in `a` or in `b`, in ascending order, each once.

    Args:
        a: integers or strings of at least two axes, or a SparseTensor of them.
        b: of the same dtype, and the same sizes but that of the last axis.
        validate_indices: whether indices of SparseTensors have to be in order.

    Raises InvalidTypeError for other dtypes, InvalidArgumentError for shapes that do not fit.

    Example:
        >>> import stepwell as sw
        >>> sw.sparse.to_dense(sw.sets.union([[1, 2, 2], [7, 8, 9]], [[2, 5], [7, 7]])).numpy().tolist()
        [[1, 2, 5], [7, 8, 9]]
    """
    return _combined("sets.union", a, b, Set.union, validate_indices)


@public("sets")
def intersection(a: Elements, b: Elements, validate_indices: bool = True) -> SparseTensor:
    """The elements along the last axis that are in `a` and in `b`, as `union` returns them.

    Example:
        >>> import stepwell as sw
        >>> sw.sets.intersection([[1, 2, 2], [7, 8, 9]], [[2, 5], [7, 7]]).values.numpy().tolist()
        [2, 7]
    """
    return _combined("sets.intersection", a, b, Set.intersection, validate_indices)


@public("sets")
def difference(a: Elements, b: Elements, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """The elements along the last axis that are in `a` and not in `b`, as `union` returns them.

    With `aminusb=False` those that are in `b` and not in `a`.

    Example:
        >>> import stepwell as sw
        >>> sw.sets.difference([[1, 2, 2], [7, 8, 9]], [[2, 5], [7, 7]]).values.numpy().tolist()
        [1, 8, 9]
    """
    first, second = (a, b) if aminusb else (b, a)
    return _combined("sets.difference", first, second, Set.difference, validate_indices)


@public("sets")
def size(a: SparseTensor, validate_indices: bool = True) -> Tensor:
    """How many elements are along the last axis of a SparseTensor, each counted once: int32.

    Example:
        >>> import stepwell as sw
        >>> sw.sets.size(sw.sets.union([[1, 2, 2], [7, 8, 9]], [[2, 5], [7, 7]])).numpy().tolist()
        [3, 3]
    """
    if not isinstance(a, SparseTensor):
        raise InvalidTypeError(f"sets.size: a: expected a SparseTensor, got {a!r}")
    _check_dtype("sets.size", a.dtype)

    def counts(*parts: np.ndarray) -> np.ndarray:
        given = _sets("sets.size", parts, validate_indices)
        found = [len(elements) for elements in given.values()]
        return np.reshape(np.array(found, np.int32), tuple(parts[2][:-1]))

    return numpy_function(counts, _parts(a), TensorSpec(None, np.int32), name="sets.size")


def _combined(what: str, a: Elements, b: Elements, combine: Combine, validate: bool) -> SparseTensor:
    first, second = (x if isinstance(x, SparseTensor) else as_tensor(x, name=what) for x in (a, b))
    if first.dtype != second.dtype:
        raise InvalidTypeError(f"{what}: expected a and b of one dtype, got {first.dtype.name} and {second.dtype.name}")
    _check_dtype(what, first.dtype)
    count = len(_parts(first))

    def combined(*parts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found, others = _sets(what, parts[:count], validate), _sets(what, parts[count:], validate)
        if _outer(parts[:count]) != _outer(parts[count:]):
            raise InvalidArgumentError(
                f"{what}: expected a and b of the same sizes but the last, got {_outer(parts[:count])} and "
                f"{_outer(parts[count:])} before it"
            )
        results = {place: sorted(combine(elements, others[place])) for place, elements in found.items()}
        return _sparse(results, _outer(parts[:count]), parts[min(1, count - 1)].dtype)

    rank = first.shape.rank
    specs = [TensorSpec([None, rank], INT64), TensorSpec([None], first.dtype), TensorSpec([rank], INT64)]
    indices, values, shape = numpy_function(combined, [*_parts(first), *_parts(second)], specs, name=what)
    return SparseTensor(indices, values, shape)


def _parts(x: Tensor | SparseTensor) -> list[Tensor]:
    return [x.indices, x.values, x.dense_shape] if isinstance(x, SparseTensor) else [x]


def _check_dtype(what: str, dtype: DType) -> None:
    if not (dtype == STRING or (dtype.is_integer and dtype.name not in ("uint32", "uint64"))):
        raise InvalidTypeError(f"{what}: expected integers of up to 64 bits or strings, got {dtype.name}")


def _outer(parts: tuple[np.ndarray, ...]) -> tuple[int, ...]:
    """The sizes of all axes but the last."""
    sizes = parts[2].tolist() if len(parts) == 3 else parts[0].shape
    return tuple(sizes[:-1])


def _sets(what: str, parts: tuple[np.ndarray, ...], validate: bool) -> dict[tuple[int, ...], Set]:
    """The sets of a tensor, by their indices."""
    rank = len(parts[2]) if len(parts) == 3 else parts[0].ndim
    if rank < 2:
        raise InvalidArgumentError(f"{what}: expected at least two axes, got {rank}")
    found: dict[tuple[int, ...], Set] = {place: set() for place in np.ndindex(_outer(parts))}
    if len(parts) == 1:
        for place in found:
            found[place].update(parts[0][place].tolist())
        return found
    places = [tuple(row) for row in parts[0].tolist()]
    if validate and any(before >= after for before, after in pairwise(places)):
        raise InvalidArgumentError(f"{what}: expected indices of a SparseTensor in order, and each once, got {places}")
    for place, value in zip(places, parts[1].tolist(), strict=True):
        if place[:-1] not in found:
            raise InvalidArgumentError(f"{what}: expected indices inside of {tuple(parts[2].tolist())}, got {place}")
        found[place[:-1]].add(value)
    return found


def _sparse(
    sets: dict[tuple[int, ...], list[Any]], outer: tuple[int, ...], dtype: np.dtype[Any]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The indices, values and shape of a SparseTensor."""
    places = [(*place, index) for place, elements in sets.items() for index in range(len(elements))]
    values = [value for elements in sets.values() for value in elements]
    longest = max(map(len, sets.values()), default=0)
    indices = np.array(places, np.int64).reshape(len(places), len(outer) + 1)
    return indices, np.array(values, dtype), np.array([*outer, longest], np.int64)
