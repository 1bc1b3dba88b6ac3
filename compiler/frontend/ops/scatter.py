"""Public functions that write at computed places."""

from __future__ import annotations

from ....dialects.dtypes import BOOL, UINT8
from ....dialects.hl.scatter import ScatterAddOp, ScatterOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import ShapeLike, Tensor, TensorLike
from .arguments import indices_tensor
from .index import place_size
from .math import negative
from .select import cast
from .shape import zeros


def scatter_add(operand: TensorLike, indices: TensorLike, updates: TensorLike) -> Tensor:
    """`operand` with `updates` added at the indices in the last axis of `indices`; repeated ones add up.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.scatter import scatter_add
        >>> scatter_add([0, 0], [[1], [1]], [3, 4]).numpy().tolist()
        [0, 7]
    """
    return _scatter("scatter_add", operand, indices, updates, "add")


def scatter(operand: TensorLike, indices: TensorLike, updates: TensorLike, mode: str) -> Tensor:
    """`operand` with `updates` combined with the elements at the indices in the last axis of `indices`.

    Args:
        operand: what the updates are written to.
        indices: one place in each row.
        updates: the elements, or parts, for these places.
        mode: `"none"`, which replaces; `"mul"`, `"min"` or `"max"`.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.scatter import scatter
        >>> scatter([1, 2], [[1], [1]], [3, 4], "mul").numpy().tolist()
        [1, 24]
    """
    return _scatter("scatter", operand, indices, updates, mode)


def _scatter(function: str, operand: TensorLike, indices: TensorLike, updates: TensorLike, mode: str) -> Tensor:
    x, places = as_tensor(operand, name=f"{function}: tensor"), indices_tensor(function, indices)
    written = as_tensor(updates, x.dtype, f"{function}: updates")
    count = place_size(function, places)
    if mode == "add":
        return apply(ScatterAddOp, x, places, written, count=count)
    return apply(ScatterOp, x, places, written, count=count, mode=mode)


@public(top=True)
def tensor_scatter_nd_add(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """`tensor` with `updates` added at the indices in the last axis of `indices`; repeated ones add up.

    Example:
        >>> import stepwell as sw
        >>> sw.tensor_scatter_nd_add([1, 1], [[0]], [5]).numpy().tolist()
        [6, 1]
    """
    return _scatter("tensor_scatter_nd_add", tensor, indices, updates, "add")


@public(top=True)
def tensor_scatter_nd_sub(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """`tensor` with `updates` subtracted at the indices in the last axis of `indices`; repeated ones add up.

    Example:
        >>> import stepwell as sw
        >>> sw.tensor_scatter_nd_sub([1, 1], [[0]], [5]).numpy().tolist()
        [-4, 1]
    """
    x = as_tensor(tensor, name="tensor_scatter_nd_sub: tensor")
    less = negative(as_tensor(updates, x.dtype, "tensor_scatter_nd_sub: updates"))
    return _scatter("tensor_scatter_nd_sub", x, indices, less, "add")


@public(top=True)
def tensor_scatter_nd_update(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """`tensor` with `updates` in place of the elements at the indices in the last axis of `indices`.

    Args:
        tensor: what the updates are written to; it is not changed.
        indices: rows, each of which names an element, or a part, of `tensor`. One out of range is an error.
        updates: the new elements, or parts; of several with one index the last one stays.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [9, 8]).numpy().tolist()
        [9, 2, 8]
        >>> sw.tensor_scatter_nd_update([[1, 2], [3, 4]], [[1]], [[7, 8]]).numpy().tolist()
        [[1, 2], [7, 8]]
    """
    return _scatter("tensor_scatter_nd_update", tensor, indices, updates, "none")


@public(top=True)
def tensor_scatter_nd_min(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """`tensor` with the lesser one of each update and the element at its index.

    Example:
        >>> import stepwell as sw
        >>> sw.tensor_scatter_nd_min([1, 2, 3], [[0], [2]], [9, -8]).numpy().tolist()
        [1, 2, -8]
    """
    return _scatter("tensor_scatter_nd_min", tensor, indices, updates, "min")


@public(top=True)
def tensor_scatter_nd_max(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """`tensor` with the greater one of each update and the element at its index.

    Example:
        >>> import stepwell as sw
        >>> sw.tensor_scatter_nd_max([1, 2, 3], [[0], [2]], [9, -8]).numpy().tolist()
        [9, 2, 3]
    """
    return _scatter("tensor_scatter_nd_max", tensor, indices, updates, "max")


@public(top=True)
def scatter_nd(indices: TensorLike, updates: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """Zeros of `shape` with `updates` added at the indices in the last axis of `indices`.

    Of several strings at one index the last one stays.

    Example:
        >>> import stepwell as sw
        >>> sw.scatter_nd([[1], [1]], [2, 3], [3]).numpy().tolist()
        [0, 5, 0]
    """
    added = as_tensor(updates, name="scatter_nd: updates")
    if added.dtype.is_bool:
        return cast(_scatter("scatter_nd", zeros(shape, UINT8), indices, cast(added, UINT8), "max"), BOOL)
    mode = "none" if added.dtype.is_string else "add"
    return _scatter("scatter_nd", zeros(shape, added.dtype), indices, added, mode)
