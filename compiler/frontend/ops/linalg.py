"""Public functions of matrices that are composed of others."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import FLOAT32, DTypeLike
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors
from ..values.tensor import Axis, ShapeLike, Tensor, TensorLike
from .arguments import axes_of, axis_of, product, size_along, size_of, sizes_of
from .index import one_hot
from .index import range as counting
from .linear import matmul
from .math import abs, divide, pow
from .reduce import reduce_max, reduce_min, reduce_sum
from .select import cast
from .shape import broadcast_to, expand_dims, reshape, squeeze, transpose
from .statistics import reduce_euclidean_norm


@public("linalg", top=True)
def eye(
    num_rows: TensorLike,
    num_columns: TensorLike | None = None,
    batch_shape: ShapeLike | None = None,
    dtype: DTypeLike = FLOAT32,
    name: str | None = None,
) -> Tensor:
    """A matrix with ones on its diagonal and zeros elsewhere; `batch_shape` many of them.

    Example:
        >>> import stepwell as sw
        >>> sw.eye(2).numpy().tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    rows = size_of("eye", num_rows, "num_rows")
    columns = rows if num_columns is None else size_of("eye", num_columns, "num_columns")
    if any(isinstance(size, int) and size < 0 for size in (rows, columns)):
        raise InvalidArgumentError(f"eye: expected sizes of 0 or more, got {rows} and {columns}")
    matrix = one_hot(counting(rows), columns, dtype=dtype)
    if batch_shape is None:
        return matrix
    return broadcast_to(matrix, [*sizes_of("eye", batch_shape, "batch_shape"), rows, columns])


@public("linalg")
def matrix_transpose(a: TensorLike, name: str = "matrix_transpose", conjugate: bool = False) -> Tensor:
    """`a` with its last two axes exchanged; `conjugate` negates imaginary parts.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.matrix_transpose([[[1, 2], [3, 4]]]).numpy().tolist()
        [[[1, 3], [2, 4]]]
    """
    x = as_tensor(a, name="matrix_transpose: a")
    if x.ndim < 2:
        raise InvalidArgumentError(f"matrix_transpose: a: expected 2 axes or more, got shape {x.shape}")
    return transpose(x, [*range(x.ndim - 2), x.ndim - 1, x.ndim - 2], conjugate)


@public("linalg")
def matvec(
    a: TensorLike,
    b: TensorLike,
    transpose_a: bool = False,
    adjoint_a: bool = False,
    a_is_sparse: bool = False,
    b_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor:
    """The products of the matrices in the last two axes of `a` with the vectors in the last axis of `b`.

    Example:
        >>> import stepwell as sw
        >>> sw.linalg.matvec([[1, 2], [3, 4]], [1, 10]).numpy().tolist()
        [21, 43]
    """
    x, y = as_tensors("matvec", a, b)
    return squeeze(matmul(x, expand_dims(y, -1), transpose_a=transpose_a, adjoint_a=adjoint_a), -1)


@public("linalg", top=True)
def tensordot(
    a: TensorLike,
    b: TensorLike,
    axes: int | Sequence[int | Sequence[int]] | np.ndarray | Tensor,
    name: str | None = None,
) -> Tensor:
    """The sums of products over axes of `a` and `b` that go together.

    Args:
        a: a tensor.
        b: another one of the same dtype.
        axes: a number: so many last axes of `a` and first ones of `b`; or the axes of `a` and those of `b`.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> int(sw.tensordot([[1, 2], [3, 4]], [[1, 0], [0, 1]], 2))
        5
    """
    x, y = as_tensors("tensordot", a, b)
    own, other = _dot_axes(x, y, axes)
    kept_x = [axis for axis in range(x.ndim) if axis not in own]
    kept_y = [axis for axis in range(y.ndim) if axis not in other]
    count = product([size_along(x, axis) for axis in own])
    sizes = [size_along(x, axis) for axis in kept_x], [size_along(y, axis) for axis in kept_y]
    left = reshape(transpose(x, [*kept_x, *own]), [product(sizes[0]), count])
    right = reshape(transpose(y, [*other, *kept_y]), [count, product(sizes[1])])
    return reshape(matmul(left, right), [*sizes[0], *sizes[1]])


def _dot_axes(
    x: Tensor, y: Tensor, axes: int | Sequence[int | Sequence[int]] | np.ndarray | Tensor
) -> tuple[list[int], list[int]]:
    """The axes that `tensordot` sums over, in pairs."""
    if isinstance(axes, int | np.integer):
        count = int(axes)
        if not 0 <= count <= min(x.ndim, y.ndim):
            raise InvalidArgumentError(f"tensordot: axes: expected up to {min(x.ndim, y.ndim)}, got {count}")
        own, other = list(range(x.ndim - count, x.ndim)), list(range(count))
    else:
        pair = [np.atleast_1d(np.asarray(part)).tolist() for part in axes]
        if len(pair) != 2 or len(pair[0]) != len(pair[1]):
            raise InvalidArgumentError(f"tensordot: axes: expected as many axes of a as of b, got {axes!r}")
        own = [axis_of("tensordot", axis, x.ndim, "axes") for axis in pair[0]]
        other = [axis_of("tensordot", axis, y.ndim, "axes") for axis in pair[1]]
    for p, q in zip(own, other):
        if x.shape[p] != y.shape[q] and None not in (x.shape[p], y.shape[q]):
            raise InvalidArgumentError(f"tensordot: axis {p} of shape {x.shape} does not go with axis {q} of {y.shape}")
    return own, other


@public("linalg", top=True)
def norm(
    tensor: TensorLike,
    ord: str | int | float = "euclidean",
    axis: Axis = None,
    keepdims: bool = False,
    name: str | None = None,
) -> Tensor:
    """The length of vectors.

    Args:
        tensor: floats or complex numbers; of these, Euclidean lengths are complex numbers.
        ord: `"euclidean"`, a positive number, or an infinity for the greatest (least, if negative) absolute value.
        axis: the axis the vectors lie along; all axes if None. Two axes are allowed for `"euclidean"`.
        keepdims: whether the axes stay, with size 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> float(sw.norm([3.0, 4.0])), float(sw.norm([3.0, -4.0], ord=1))
        (5.0, 7.0)
    """
    x = as_tensor(tensor, name="norm: tensor")
    if isinstance(axis, list | tuple) and len(axes_of("norm", axis, x.ndim)) > 1 and ord not in ("euclidean", "fro"):
        raise InvalidArgumentError(f"norm: axis: expected one axis for ord {ord!r}, got {axis!r}")
    if ord in ("euclidean", "fro", 2):
        return reduce_euclidean_norm(x, axis, keepdims)
    if not isinstance(ord, int | float) or ord == 0 or math.isnan(ord):
        raise InvalidArgumentError(f"norm: ord: expected 'euclidean' or a number other than 0, got {ord!r}")
    if math.isinf(ord):
        return (reduce_max if ord > 0 else reduce_min)(abs(x), axis, keepdims)
    if ord < 0:
        raise InvalidArgumentError(f"norm: ord: expected a positive number, got {ord!r}")
    size = abs(x)
    total = reduce_sum(pow(size, cast(float(ord), size.dtype)), axis, keepdims)
    return total if ord == 1 else pow(total, cast(1.0 / ord, size.dtype))


@public("linalg")
def normalize(
    tensor: TensorLike, ord: str | int | float = "euclidean", axis: Axis = None, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """`tensor` divided by the lengths that `norm` returns, and these, with axes of size 1.

    Example:
        >>> import stepwell as sw
        >>> x, length = sw.linalg.normalize([3.0, 4.0])
        >>> x.numpy().round(3).tolist(), length.numpy().tolist()
        ([0.6000000238418579, 0.800000011920929], [5.0])
    """
    x = as_tensor(tensor, name="normalize: tensor")
    length = cast(norm(x, ord, axis, True), x.dtype)
    return divide(x, length), length
