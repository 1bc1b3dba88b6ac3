"""Public functions of tensors of which only some elements are stored."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT32, INT64, STRING, DTypeLike
from .....dialects.public import public
from ...values.dispatch import as_tensor, as_tensors
from ...values.tensor import Axis, ShapeLike, Tensor, TensorLike
from ..arguments import check, flag_of, int64_of, shown, size_along, size_of, sizes_of
from ..complex import conj
from ..index import gather, gather_nd
from ..index import range as counting
from ..linalg import matrix_transpose
from ..logic import equal, greater_equal, less, logical_and, logical_or, not_equal
from ..masks import boolean_mask, nonzero
from ..math import minimum, multiply
from ..movement import concat, stack
from ..reduce import reduce_all
from ..reduce import reduce_sum as total
from ..scatter import scatter_nd, tensor_scatter_nd_update
from ..shape import expand_dims as with_axis
from ..shape import fill, ones, reshape, shape
from ..sort import argsort
from .tensor import SparseTensor


def _sparse(function: str, value: object, argument: str = "sp_input") -> SparseTensor:
    if not isinstance(value, SparseTensor):
        raise InvalidTypeError(f"sparse.{function}: {argument}: expected a SparseTensor, got {shown(value)}")
    return value


def _rank(function: str, x: SparseTensor) -> int:
    if x.rank is None:
        raise InvalidArgumentError(f"sparse.{function}: sp_input: expected a known number of axes")
    return x.rank


@public("sparse")
def to_dense(
    sp_input: SparseTensor,
    default_value: TensorLike | None = None,
    validate_indices: bool = True,
    name: str | None = None,
) -> Tensor:
    """The tensor that a SparseTensor represents.

    Args:
        sp_input: its elements.
        default_value: what all others are; 0, False or an empty string if not given.
        validate_indices: whether it is an error if the indices are not in row-major order, or some are equal.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> x = sw.SparseTensor([[0], [2]], [5, 6], [4])
        >>> sw.sparse.to_dense(x, default_value=-1).numpy().tolist()
        [5, -1, 6, -1]
    """
    x = _sparse("to_dense", sp_input)
    _check_bounds("to_dense", x)
    if flag_of("sparse.to_dense", validate_indices, "validate_indices"):
        _check_order("to_dense", x)
    given = default_value if default_value is not None else "" if x.dtype == STRING else np.zeros((), x.dtype)
    rest = as_tensor(given, x.dtype, "sparse.to_dense: default_value")
    if rest.ndim:
        raise InvalidArgumentError(f"sparse.to_dense: default_value: expected a scalar, got shape {rest.shape}")
    return tensor_scatter_nd_update(fill(x.dense_shape, rest), x.indices, x.values)


def _check_bounds(function: str, x: SparseTensor) -> None:
    limits = with_axis(x.dense_shape, 0)
    inside = reduce_all(logical_and(greater_equal(x.indices, np.int64(0)), less(x.indices, limits)))
    check(
        inside, f"sparse.{function}: sp_input: expected indices within shape {{0}}, got {{1}}", x.dense_shape, x.indices
    )


def _check_order(function: str, x: SparseTensor) -> None:
    """Check that each row of indices is behind the one before it."""
    before, after = x.indices[:-1], x.indices[1:]
    ascends, same = (fill([size_along(before, 0)], np.array(flag)) for flag in (False, True))
    for axis in range(_rank(function, x)):
        low, high = before[:, axis], after[:, axis]
        ascends = logical_or(ascends, logical_and(same, less(low, high)))
        same = logical_and(same, equal(low, high))
    text = f"sparse.{function}: sp_input: expected indices in order, as sw.sparse.reorder has them, got {{0}}"
    check(reduce_all(ascends), text, x.indices)


@public("sparse")
def from_dense(tensor: TensorLike, name: str | None = None) -> SparseTensor:
    """A SparseTensor of the elements that are not 0, False or empty strings.

    Example:
        >>> import stepwell as sw
        >>> x = sw.sparse.from_dense([[0, 7], [8, 0]])
        >>> x.indices.numpy().tolist(), x.values.numpy().tolist()
        ([[0, 1], [1, 0]], [7, 8])
    """
    x = as_tensor(tensor, name="sparse.from_dense: tensor")
    places = nonzero(not_equal(x, "") if x.dtype == STRING else x)
    return SparseTensor(places, gather_nd(x, places), shape(x, INT64))


@public("sparse")
def reorder(sp_input: SparseTensor, name: str | None = None) -> SparseTensor:
    """The same tensor with its elements stored in row-major order.

    Example:
        >>> import stepwell as sw
        >>> x = sw.sparse.reorder(sw.SparseTensor([[1, 0], [0, 1]], [5, 6], [2, 2]))
        >>> x.values.numpy().tolist()
        [6, 5]
    """
    x = _sparse("reorder", sp_input)
    order = counting(int64_of(size_along(x.values, 0)))
    for axis in reversed(range(_rank("reorder", x))):
        order = gather(order, argsort(gather(x.indices[:, axis], order)))
    return SparseTensor(gather(x.indices, order), gather(x.values, order), x.dense_shape)


@public("sparse")
def eye(
    num_rows: int | Tensor, num_columns: int | Tensor | None = None, dtype: DTypeLike = FLOAT32, name: str | None = None
) -> SparseTensor:
    """A matrix with ones on its diagonal.

    Example:
        >>> import stepwell as sw
        >>> sw.sparse.to_dense(sw.sparse.eye(2, 3)).numpy().tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    rows = size_of("sparse.eye", num_rows, "num_rows")
    columns = rows if num_columns is None else size_of("sparse.eye", num_columns, "num_columns")
    both = stack([int64_of(rows), int64_of(columns)])
    least = minimum(int64_of(rows), int64_of(columns))
    places = counting(least)
    return SparseTensor(stack([places, places], 1), ones(reshape(least, [1]), dtype), both)


@public("sparse")
def map_values(op: Callable[..., TensorLike], *args: object, **kwargs: object) -> SparseTensor:
    """A SparseTensor of what `op` returns of the elements of SparseTensors, and of other arguments.

    The SparseTensors have the same indices, which is not checked.

    Example:
        >>> import stepwell as sw
        >>> x = sw.SparseTensor([[0], [2]], [5, 6], [4])
        >>> sw.sparse.map_values(sw.add, x, 10).values.numpy().tolist()
        [15, 16]
    """
    given = [value for value in (*args, *kwargs.values()) if isinstance(value, SparseTensor)]
    if not given:
        raise InvalidArgumentError("sparse.map_values: args: expected a SparseTensor among them, got none")
    plain = [value.values if isinstance(value, SparseTensor) else value for value in args]
    named = {key: value.values if isinstance(value, SparseTensor) else value for key, value in kwargs.items()}
    return given[0].with_values(op(*plain, **named))


@public("sparse")
def reduce_sum(
    sp_input: SparseTensor,
    axis: Axis = None,
    keepdims: bool | None = None,
    output_is_sparse: bool = False,
    name: str | None = None,
) -> Tensor | SparseTensor:
    """The sum of the elements along one axis, or several, or all; a tensor, or with `output_is_sparse` a SparseTensor.

    Example:
        >>> import stepwell as sw
        >>> x = sw.SparseTensor([[0, 1], [1, 0], [1, 1]], [5, 6, 7], [2, 3])
        >>> sw.sparse.reduce_sum(x, 1).numpy().tolist()
        [5, 13]
    """
    x = _sparse("reduce_sum", sp_input)
    _check_bounds("reduce_sum", x)
    found = total(scatter_nd(x.indices, x.values, x.dense_shape), axis, bool(keepdims))
    return from_dense(found) if flag_of("sparse.reduce_sum", output_is_sparse, "output_is_sparse") else found


@public("sparse")
def transpose(sp_input: SparseTensor, perm: ShapeLike | None = None, name: str | None = None) -> SparseTensor:
    """A SparseTensor with its axes in the order `perm`; without it, in reverse order.

    Example:
        >>> import stepwell as sw
        >>> sw.sparse.transpose(sw.SparseTensor([[0, 1], [1, 0]], [5, 6], [2, 3])).indices.numpy().tolist()
        [[0, 1], [1, 0]]
    """
    x = _sparse("transpose", sp_input)
    rank = _rank("transpose", x)
    order = list(reversed(range(rank))) if perm is None else sizes_of("sparse.transpose", perm, "perm")
    if any(isinstance(axis, Tensor) for axis in order) or sorted(order) != list(range(rank)):  # pyright: ignore
        raise InvalidArgumentError(f"sparse.transpose: perm: expected an order of {rank} axes, got {perm!r}")
    return reorder(SparseTensor(gather(x.indices, order, axis=1), x.values, gather(x.dense_shape, order)))


@public("sparse")
def retain(sp_input: SparseTensor, to_retain: TensorLike) -> SparseTensor:
    """A SparseTensor of the elements for which `to_retain` holds.

    Example:
        >>> import stepwell as sw
        >>> x = sw.SparseTensor([[0], [2]], [5, 6], [4])
        >>> sw.sparse.retain(x, x.values > 5).indices.numpy().tolist()
        [[2]]
    """
    x = _sparse("retain", sp_input)
    return SparseTensor(boolean_mask(x.indices, to_retain), boolean_mask(x.values, to_retain), x.dense_shape)


@public("sparse")
def sparse_dense_matmul(
    sp_a: SparseTensor, b: TensorLike, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None
) -> Tensor:
    """The product of a sparse matrix and a matrix.

    Args:
        sp_a: the first matrix.
        b: the second one.
        adjoint_a: whether `sp_a` is transposed, and conjugated, first.
        adjoint_b: whether `b` is.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> x = sw.SparseTensor([[0, 1], [1, 0]], [2.0, 3.0], [2, 2])
        >>> sw.sparse.sparse_dense_matmul(x, [[1.0], [10.0]]).numpy().tolist()
        [[20.0], [3.0]]
    """
    x = _sparse("sparse_dense_matmul", sp_a, "sp_a")
    values, y = as_tensors("sparse.sparse_dense_matmul", x.values, b)
    if _rank("sparse_dense_matmul", x) != 2 or y.ndim != 2:
        text = f"expected two matrices, got shapes {x.shape} and {y.shape}"
        raise InvalidArgumentError(f"sparse.sparse_dense_matmul: sp_a and b: {text}")
    _check_bounds("sparse_dense_matmul", x)
    turned = flag_of("sparse.sparse_dense_matmul", adjoint_a, "adjoint_a")
    if flag_of("sparse.sparse_dense_matmul", adjoint_b, "adjoint_b"):
        y = matrix_transpose(y, conjugate=True)
    row, inner = (1, 0) if turned else (0, 1)
    sizes, rows = x.dense_shape, int64_of(size_along(y, 0))
    text = "sparse.sparse_dense_matmul: b: expected {0} rows, got {1}"
    check(equal(sizes[inner], rows), text, sizes[inner], rows)
    products = multiply(with_axis(conj(values) if turned else values, 1), gather(y, x.indices[:, inner]))
    return scatter_nd(x.indices[:, row : row + 1], products, stack([sizes[row], int64_of(size_along(y, 1))]))


@public("sparse")
def expand_dims(sp_input: SparseTensor, axis: int | None = None, name: str | None = None) -> SparseTensor:
    """The same elements with another axis, of size 1.

    Args:
        sp_input: the elements.
        axis: the position of the new axis, from the end if it is negative; the last one if None.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.sparse.expand_dims(sw.sparse.from_dense([0, 5]), 0).indices.numpy().tolist()
        [[0, 1]]
    """
    x = _sparse("expand_dims", sp_input)
    rank = _rank("expand_dims", x)
    where = rank if axis is None else axis + rank + 1 if axis < 0 else axis
    if not 0 <= where <= rank:
        raise InvalidArgumentError(f"sparse.expand_dims: axis: expected {-rank - 1} to {rank}, got {axis}")
    nothing = multiply(x.indices[:, :1], int64_of(0))
    indices = concat([x.indices[:, :where], nothing, x.indices[:, where:]], 1)
    sizes = concat([x.dense_shape[:where], int64_of(1)[None], x.dense_shape[where:]], 0)
    return SparseTensor(indices, x.values, sizes)
