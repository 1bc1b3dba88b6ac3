"""Products of vectors, matrices and more."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common import dtypes

import stepwell as sw

from ..core import convert_to_tensor, shape
from .operands import dtype_name, rank
from .shapes import moveaxis


def _factors(*xs: Any, widen: bool = False) -> tuple[list[sw.Tensor], str]:
    """Factors in the dtype in which products are added up, and the dtype of the result.

    Sums of products of int8 are int32 if `widen`.
    """
    tensors = [convert_to_tensor(x) for x in xs]
    names = {dtype_name(x) for x in tensors}
    result = "int32" if widen and names == {"int8"} else dtypes.result_type(*names)
    added = "int32" if result == "bool" else result
    return [convert_to_tensor(x, added) for x in tensors], result


def matmul(x1: Any, x2: Any) -> sw.Tensor:
    """The products of matrices in the last two axes; a vector is a row at the left, a column at the right."""
    (x1, x2), dtype = _factors(x1, x2, widen=rank(convert_to_tensor(x1)) != 1 and rank(convert_to_tensor(x2)) != 1)
    if rank(x2) == 1:
        result = sw.tensordot(x1, x2, 1)
    elif rank(x1) == 1:
        result = sw.tensordot(x1, x2, [[0], [-2]])
    elif rank(x1) > 2 and rank(x2) == 2:
        result = sw.tensordot(x1, x2, 1)
    else:
        result = sw.matmul(x1, x2)
    return convert_to_tensor(result, dtype)


def dot(x1: Any, x2: Any) -> sw.Tensor:
    """The sums of products along the last axis of `x1` and the last but one of `x2`."""
    (x1, x2), dtype = _factors(x1, x2)
    if rank(x1) == 0 or rank(x2) == 0:
        result = x1 * x2
    else:
        result = sw.tensordot(x1, x2, [[rank(x1) - 1], [max(rank(x2) - 2, 0)]])
    return convert_to_tensor(result, dtype)


def inner(x1: Any, x2: Any) -> sw.Tensor:
    """The sums of products along the last axes."""
    (x1, x2), dtype = _factors(x1, x2)
    if rank(x1) == 0 or rank(x2) == 0:
        result = x1 * x2
    else:
        result = sw.tensordot(x1, x2, [[rank(x1) - 1], [rank(x2) - 1]])
    return convert_to_tensor(result, dtype)


def vdot(x1: Any, x2: Any) -> sw.Tensor:
    """The sum of products of all elements."""
    return dot(*(sw.reshape(convert_to_tensor(x), [-1]) for x in (x1, x2)))


def outer(x1: Any, x2: Any) -> sw.Tensor:
    """The products of each element with each."""
    (x1, x2), dtype = _factors(x1, x2)
    return convert_to_tensor(sw.reshape(x1, [-1, 1]) * sw.reshape(x2, [-1]), dtype)


def tensordot(x1: Any, x2: Any, axes: Any = 2) -> sw.Tensor:
    """The sums of products along several axes."""
    (x1, x2), dtype = _factors(x1, x2)
    return convert_to_tensor(sw.tensordot(x1, x2, axes), dtype)


def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> sw.Tensor:
    """The sums of products that subscripts name."""
    factors, dtype = _factors(*operands, widen=True)
    return convert_to_tensor(sw.einsum(subscripts, *factors, **kwargs), dtype)


def kron(x1: Any, x2: Any) -> sw.Tensor:
    """The products of each element of `x1` with a copy of `x2`, side by side."""
    (x1, x2), dtype = _factors(x1, x2)
    axes = max(rank(x1), rank(x2))
    sizes1, sizes2 = ([1] * (axes - rank(x)) + list(shape(x)) for x in (x1, x2))
    blocks = sw.reshape(x1, [part for size in sizes1 for part in (size, 1)])
    copies = sw.reshape(x2, [part for size in sizes2 for part in (1, size)])
    product = sw.reshape(blocks * copies, [one * other for one, other in zip(sizes1, sizes2, strict=True)])
    return convert_to_tensor(product, dtype)


def cross(x1: Any, x2: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> sw.Tensor:
    """The vectors at right angles to two vectors of 3 elements; of 2 elements the third is 0."""
    if axis is not None:
        axisa = axisb = axisc = axis
    (x1, x2), dtype = _factors(x1, x2)
    a, b = _coordinates(moveaxis(x1, axisa, -1)), _coordinates(moveaxis(x2, axisb, -1))
    third = a[0] * b[1] - a[1] * b[0]
    if len(a) == len(b) == 2:
        return convert_to_tensor(third, dtype)
    a3, b3 = (x[2] if len(x) == 3 else sw.zeros([], third.dtype) for x in (a, b))
    first, second = a[1] * b3 - a3 * b[1], a3 * b[0] - a[0] * b3
    return convert_to_tensor(moveaxis(sw.stack([first, second, third], -1), -1, axisc), dtype)


def _coordinates(x: sw.Tensor) -> list[sw.Tensor]:
    """The elements along the last axis: 3, the last 0 if there are 2, where the size is known at run time only."""
    size = x.shape[-1]
    if size is None:
        x, size = sw.pad(x, [[0, 0]] * (rank(x) - 1) + [[0, 1]]), 3
    if size not in (2, 3):
        raise ValueError(f"cross: expected vectors of 2 or 3 elements, got shape {x.shape}")
    return [x[..., i] for i in range(size)]


def slogdet(x: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """The signs of determinants, and the logarithms of their absolute values."""
    sign, log = sw.linalg.slogdet(convert_to_tensor(x))
    return sign, log
