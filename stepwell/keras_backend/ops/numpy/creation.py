"""Tensors from sizes and numbers."""

from __future__ import annotations

import math
from typing import Any

from keras.src.backend import standardize_dtype
from keras.src.backend.common import dtypes
from keras.src.backend.config import floatx

import stepwell as sw

from ..core import convert_to_tensor
from ..core import shape as shape_of
from .operands import common_dtype, operand, rank
from .shapes import moveaxis


def array(x: Any, dtype: Any = None) -> sw.Tensor:
    """`x` as a tensor."""
    return convert_to_tensor(x, dtype)


def copy(x: Any) -> sw.Tensor:
    """A tensor with the same elements."""
    return sw.identity(convert_to_tensor(x))


def zeros(shape: Any, dtype: Any = None) -> sw.Tensor:
    """Zeros."""
    return sw.zeros(shape, dtype or floatx())


def ones(shape: Any, dtype: Any = None) -> sw.Tensor:
    """Ones."""
    return sw.ones(shape, dtype or floatx())


def empty(shape: Any, dtype: Any = None) -> sw.Tensor:
    """Zeros, as tensors always have elements."""
    return zeros(shape, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None) -> sw.Tensor:
    """Copies of a value."""
    return sw.broadcast_to(convert_to_tensor(fill_value, dtype or floatx()), shape)


def zeros_like(x: Any, dtype: Any = None) -> sw.Tensor:
    """Zeros of the shape of `x`."""
    return sw.zeros_like(convert_to_tensor(x), dtype)


def ones_like(x: Any, dtype: Any = None) -> sw.Tensor:
    """Ones of the shape of `x`."""
    return sw.ones_like(convert_to_tensor(x), dtype)


def empty_like(x: Any, dtype: Any = None) -> sw.Tensor:
    """Zeros of the shape of `x`."""
    return zeros_like(x, dtype)


def full_like(x: Any, fill_value: Any, dtype: Any = None) -> sw.Tensor:
    """Copies of a value, of the shape of `x`."""
    x = convert_to_tensor(x)
    return sw.broadcast_to(convert_to_tensor(fill_value, dtype or x.dtype), shape_of(x))


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> sw.Tensor:
    """The numbers from `start` to below `stop`, `step` apart."""
    if dtype is None:
        dtype = common_dtype(operand(x) for x in (start, stop, step) if x is not None)
    dtype = standardize_dtype(dtype)
    if stop is None:
        start, stop = 0, start
    wide = dtype if dtype in ("int32", "int64", "float32", "float64") else "float32"
    first, end, step = (convert_to_tensor(x, wide) for x in (start, stop, 1 if step is None else step))
    return convert_to_tensor(sw.range(first, end, step), dtype)


def linspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers from `start` to `stop`, with it or without; with `retstep` also how far apart they are."""
    if isinstance(num, int) and num < 0:
        raise ValueError(f"`num` must be a non-negative integer. Received: num={num}")
    start, stop = operand(start), operand(stop)
    wanted = common_dtype([start, stop], float) if dtype is None else standardize_dtype(dtype)
    wide = dtypes.result_type(wanted, "float32")
    start, stop = (convert_to_tensor(convert_to_tensor(x, wanted), wide) for x in (start, stop))
    intervals = sw.cast(num - 1 if endpoint else num, wide)
    ends = rank(start) if rank(start) > rank(stop) else rank(stop)
    at = sw.reshape(sw.cast(sw.range(num), wide) / sw.maximum(intervals, 1), [num] + [1] * ends)
    result = start * (1 - at) + stop * at
    result = moveaxis(result, 0, axis)
    result = convert_to_tensor(sw.floor(result) if "int" in wanted else result, wanted)
    if not retstep:
        return result
    return result, sw.where(sw.greater(intervals, 0), (stop - start) / intervals, sw.constant(math.nan, wide))


def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10, dtype: Any = None, axis: int = 0
) -> sw.Tensor:
    """`base` to the power of `num` numbers from `start` to `stop`."""
    exponents = linspace(start, stop, num, endpoint, dtype=dtype, axis=axis)
    return sw.pow(convert_to_tensor(base, exponents.dtype), exponents)


def geomspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> sw.Tensor:
    """`num` numbers from `start` to `stop` with a constant quotient."""
    start, stop = (convert_to_tensor(x, dtype or floatx()) for x in (start, stop))
    low, high = sw.math.log(sw.abs(start)), sw.math.log(sw.abs(stop))
    return sw.exp(linspace(low, high, num, endpoint, dtype=dtype, axis=axis)) * sw.sign(start)


def eye(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> sw.Tensor:
    """Ones on a diagonal, zeros elsewhere."""
    rows, columns = _grid(N, M)
    return sw.cast(sw.equal(columns, rows + k), dtype or floatx())


def identity(n: Any, dtype: Any = None) -> sw.Tensor:
    """Ones on the main diagonal of a square, zeros elsewhere."""
    return eye(n, dtype=dtype)


def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> sw.Tensor:
    """Ones on a diagonal and below, zeros above."""
    rows, columns = _grid(N, M)
    return sw.cast(sw.less_equal(columns, rows + k), dtype or floatx())


def _grid(N: Any, M: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """The numbers of rows in a column, and of columns."""
    return sw.expand_dims(sw.range(N), 1), sw.range(N if M is None else M)


def vander(x: Any, N: Any = None, increasing: bool = False) -> sw.Tensor:
    """The powers of the elements in rows, the highest first."""
    x = convert_to_tensor(x)
    count = shape_of(x)[0] if N is None else N
    powers = sw.range(count) if increasing else sw.range(count - 1, -1, -1)
    wide = dtypes.result_type(x.dtype, "float32")
    return sw.cast(sw.pow(sw.expand_dims(sw.cast(x, wide), -1), sw.cast(powers, wide)), x.dtype)


def meshgrid(*x: Any, indexing: str = "xy") -> list[sw.Tensor]:
    """The coordinates of all points of a grid."""
    return sw.meshgrid(*(convert_to_tensor(each) for each in x), indexing=indexing)
