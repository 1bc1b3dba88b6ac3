"""Operands as tensors of the dtypes that Keras promises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from keras.src.backend import standardize_dtype
from keras.src.backend.common import dtypes, is_int_dtype
from keras.src.backend.common.backend_utils import canonicalize_axis

import stepwell as sw

from ..core import convert_to_tensor


def dtype_name(x: Any) -> str:
    """The name of a tensor's dtype."""
    return standardize_dtype(x.dtype)


def operand(x: Any) -> Any:
    """`x` as a tensor; a Python number stays one, as it takes the dtype of what it meets."""
    return x if isinstance(x, int | float) and not hasattr(x, "dtype") else convert_to_tensor(x)


def common_dtype(xs: Iterable[Any], *more: Any) -> str:
    """The dtype of all operands, and of `more`, together."""
    return dtypes.result_type(*(getattr(x, "dtype", type(x)) for x in xs), *more)


def together(x1: Any, x2: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both as tensors of their common dtype."""
    return _of_common_dtype(x1, x2)


def floats_together(x1: Any, x2: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both as tensors of their common dtype, which is one of floats or of complex numbers."""
    return _of_common_dtype(x1, x2, float)


def numbers_together(x1: Any, x2: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both as tensors of their common dtype, int32 in place of bool."""
    x1, x2 = _of_common_dtype(x1, x2)
    return numbers(x1), numbers(x2)


def _of_common_dtype(x1: Any, x2: Any, *more: Any) -> tuple[sw.Tensor, sw.Tensor]:
    """Both as tensors of their common dtype, and that of `more`."""
    x1, x2 = operand(x1), operand(x2)
    dtype = common_dtype([x1, x2], *more)
    return convert_to_tensor(x1, dtype), convert_to_tensor(x2, dtype)


def as_floats(x: Any) -> sw.Tensor:
    """`x` with integers and booleans made floats."""
    x = convert_to_tensor(x)
    return convert_to_tensor(x, dtypes.result_type(x.dtype, float))


def floating(x: Any) -> sw.Tensor:
    """`x` with integers and booleans made floats, and other elements as they are."""
    x = convert_to_tensor(x)
    return as_floats(x) if is_exact(x) else x


def numbers(x: Any) -> sw.Tensor:
    """`x` with booleans made int32."""
    x = convert_to_tensor(x)
    return sw.cast(x, "int32") if dtype_name(x) == "bool" else x


def summands(x: Any) -> sw.Tensor:
    """`x` with integers of less than 32 bits made such of 32: sums and products have these dtypes."""
    x = convert_to_tensor(x)
    wider = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32"}
    return convert_to_tensor(x, wider.get(dtype_name(x)))


def is_exact(x: sw.Tensor) -> bool:
    """Whether the elements are integers or booleans."""
    dtype = dtype_name(x)
    return dtype == "bool" or is_int_dtype(dtype)


def is_complex(x: sw.Tensor) -> bool:
    """Whether the elements are complex numbers."""
    return dtype_name(x) in dtypes.COMPLEX_TYPES


def rank(x: sw.Tensor) -> int:
    """The number of axes."""
    return len(x.shape)


def axes_of(x: sw.Tensor, axis: Any) -> list[int]:
    """`axis`, which may be None, a number or several, as numbers of axes from 0 in ascending order."""
    if axis is None:
        return list(range(rank(x)))
    given = axis if isinstance(axis, tuple | list) else [axis]
    return sorted(canonicalize_axis(each, rank(x)) for each in given)


def flat_or(x: sw.Tensor, axis: int | None) -> tuple[sw.Tensor, int]:
    """`x` and an axis from 0; without an axis the elements one after the other, and 0."""
    if axis is None:
        return sw.reshape(x, [-1]), 0
    return x, canonicalize_axis(axis, rank(x))
