"""Public functions that take a tensor apart by numbers, and put parts together by numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT64
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors
from ..values.tensor import Tensor, TensorLike
from .arguments import check, indices_tensor, int64_of, size_along, size_from
from .logic import equal, greater_equal, less, logical_and
from .masks import boolean_mask
from .math import add
from .movement import concat
from .reduce import reduce_all, reduce_max
from .scatter import scatter
from .select import cast
from .shape import expand_dims, reshape, zeros


@public(top=True)
def dynamic_partition(
    data: TensorLike, partitions: TensorLike, num_partitions: int, name: str | None = None
) -> list[Tensor]:
    """The parts of `data`, in lists: `partitions` says in which one each part is.

    Args:
        data: what is taken apart.
        partitions: for each part along the first axes of `data` a number from 0.
        num_partitions: how many lists there are.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> [part.numpy().tolist() for part in sw.dynamic_partition([1, 2, 3, 4], [0, 1, 0, 2], 3)]
        [[1, 3], [2], [4]]
    """
    x, numbers = as_tensor(data), indices_tensor("dynamic_partition", partitions, "partitions")
    count = int(num_partitions)
    known = cast(numbers, INT64)
    inside = reduce_all(logical_and(greater_equal(known, int64_of(0)), less(known, int64_of(count))))
    check(inside, f"dynamic_partition: partitions: expected numbers from 0 to {count - 1}")
    if not numbers.ndim:
        x, known = expand_dims(x, 0), expand_dims(known, 0)
    return [boolean_mask(x, equal(known, int64_of(number))) for number in range(count)]


@public(top=True)
def dynamic_stitch(indices: Sequence[TensorLike], data: Sequence[TensorLike], name: str | None = None) -> Tensor:
    """The parts of several tensors as one tensor: `indices` says which index each part gets.

    Args:
        indices: for each tensor of `data` the indices of its parts. Of parts with one index the last stays, and an
            index that none has is 0.
        data: tensors whose first axes are those of the indices.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.dynamic_stitch([[0, 3], [1, 2]], [[10, 13], [11, 12]]).numpy().tolist()
        [10, 11, 12, 13]
    """
    if len(indices) != len(data) or not len(indices):
        text = f"expected as many tensors as indices, got {len(data)} and {len(indices)}"
        raise InvalidArgumentError(f"dynamic_stitch: {text}")
    places = [cast(indices_tensor("dynamic_stitch", each), INT64) for each in indices]
    parts = as_tensors("dynamic_stitch", *data)
    rest = parts[0].ndim - places[0].ndim
    for at, part in zip(places, parts):
        if part.ndim - at.ndim != rest or rest < 0:
            text = f"shapes {at.shape} and {part.shape}"
            raise InvalidArgumentError(f"dynamic_stitch: expected data that begin as their indices, got {text}")
    sizes = [size_along(parts[0], axis) for axis in range(places[0].ndim, parts[0].ndim)]
    where = concat([reshape(at, [-1]) for at in places], 0)
    last = reduce_max(concat([where, int64_of(-1)[None]], 0))
    count = add(last, int64_of(1))
    start = zeros([size_from(count), *sizes], parts[0].dtype)
    return scatter(start, expand_dims(where, 1), concat([reshape(part, [-1, *sizes]) for part in parts], 0), "none")
