"""Public functions that return grids of numbers."""

from __future__ import annotations

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors
from ..values.tensor import Tensor, TensorLike
from .arguments import Size, axis_of, int64_of, minus, size_along, size_of
from .index import range as counting
from .math import add, divide, maximum, multiply, subtract
from .movement import concat
from .select import cast
from .shape import broadcast_to, expand_dims, reshape
from .slicing import bounded


@public(top=True)
def linspace(start: TensorLike, stop: TensorLike, num: TensorLike, name: str | None = None, axis: int = 0) -> Tensor:
    """`num` numbers at equal distances from `start` to `stop`, both included.

    Args:
        start: the first number, or a tensor of first numbers; integers become floats of 64 bits, narrow ones of 32.
        stop: the last one, which is returned as it is.
        num: how many numbers; of one there is only `start`.
        name: not used.
        axis: the axis of the result along which the numbers lie.

    Example:
        >>> import stepwell as sw
        >>> sw.linspace(0.0, 1.0, 5).numpy().tolist()
        [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    first, last = as_tensors("linspace", start, stop)
    first, last = (cast(x, x.dtype.divides_in) for x in (first, last))
    count = size_of("linspace", num, "num")
    if isinstance(count, int) and count < 0:
        raise InvalidArgumentError(f"linspace: num: expected 0 or more, got {count}")
    if first.shape != last.shape or None in first.shape:
        first, last = _broadcast(first, last)
    along = axis_of("linspace", axis, first.ndim + 1)
    steps = cast(maximum(int64_of(minus(count, 1)), int64_of(1)), first.dtype)
    delta = expand_dims(divide(subtract(last, first), steps), along)
    inner = cast(counting(int64_of(1), maximum(int64_of(minus(count, 1)), int64_of(1)), int64_of(1)), first.dtype)
    inner = reshape(inner, [-1, *[1] * (first.ndim - along)])
    between = add(expand_dims(first, along), multiply(delta, inner))
    whole = concat([expand_dims(first, along), between, expand_dims(last, along)], along)
    end: list[Size | None] = [None] * whole.ndim
    end[along] = count
    return bounded(whole, [None] * whole.ndim, end)


def _broadcast(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both in the shape that they broadcast to."""
    zeros = subtract(a - a, b - b)
    sizes = [size_along(zeros, axis) for axis in range(zeros.ndim)]
    return broadcast_to(a, sizes), broadcast_to(b, sizes)


@public(top=True)
def meshgrid(*args: TensorLike, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """For each vector a tensor with an axis for each of the vectors, along one of which it is repeated.

    Args:
        args: vectors of one dtype; other tensors are taken as the vectors of their elements.
        indexing: `"xy"`, with the second vector along the first axis and the first along the second, or `"ij"`, with
            the axes in the order of the vectors.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> [grid.numpy().tolist() for grid in sw.meshgrid([1, 2], [3, 4])]
        [[[1, 2], [1, 2]], [[3, 3], [4, 4]]]
        >>> [grid.numpy().tolist() for grid in sw.meshgrid([1, 2], [3, 4], indexing="ij")]
        [[[1, 1], [2, 2]], [[3, 4], [3, 4]]]
    """
    if indexing not in ("xy", "ij"):
        raise InvalidArgumentError(f"meshgrid: indexing: expected xy or ij, got {indexing!r}")
    vectors = [reshape(as_tensor(value, name="meshgrid: args"), [-1]) for value in args]
    if len({vector.dtype for vector in vectors}) > 1:
        names = " and ".join(vector.dtype.name for vector in vectors)
        raise InvalidArgumentError(f"meshgrid: args: expected one dtype, got {names}")
    axes = list(range(len(vectors)))
    if indexing == "xy":
        axes[:2] = axes[1::-1]
    sizes = [size_along(vectors[axis], 0) for axis in axes]
    grids = []
    for number, vector in enumerate(vectors):
        place = axes.index(number)
        grids.append(broadcast_to(reshape(vector, [-1, *[1] * (len(vectors) - place - 1)]), sizes))
    return grids
