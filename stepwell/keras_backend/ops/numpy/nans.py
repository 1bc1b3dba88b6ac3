"""Reductions that leave out NaN."""

from __future__ import annotations

from typing import Any

import ml_dtypes

import stepwell as sw

from ..core import convert_to_tensor
from .logic import isnan
from .operands import as_floats, dtype_name, is_complex, is_exact
from .reductions import Axis, argmax, argmin, cumprod, cumsum, max, min, prod, sum


def _filled(x: sw.Tensor, value: float) -> sw.Tensor:
    """`x` with a value in place of NaN."""
    return x if is_exact(x) else sw.where(isnan(x), sw.constant(value, x.dtype), x)


def _only_nan(x: sw.Tensor, axis: Axis, keepdims: bool) -> sw.Tensor:
    """Whether all elements along axes are NaN."""
    return sw.reduce_all(isnan(x), axis=axis, keepdims=keepdims)


def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The sums of the elements along axes that are not NaN."""
    return sum(_filled(convert_to_tensor(x), 0), axis, keepdims)


def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The products of the elements along axes that are not NaN."""
    return prod(_filled(convert_to_tensor(x), 1), axis, keepdims)


def nancumsum(x: Any, axis: int | None = None, dtype: Any = None) -> sw.Tensor:
    """The sums of the elements up to each along an axis, without those that are NaN."""
    return cumsum(_filled(convert_to_tensor(x), 0), axis, dtype)


def nancumprod(x: Any, axis: int | None = None, dtype: Any = None) -> sw.Tensor:
    """The products of the elements up to each along an axis, without those that are NaN."""
    return cumprod(_filled(convert_to_tensor(x), 1), axis, dtype)


def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The largest elements along axes that are not NaN; NaN where there is none."""
    x = convert_to_tensor(x)
    if is_exact(x):
        return max(x, axis, keepdims)
    result = sw.reduce_max(_filled(x, float("-inf")), axis=axis, keepdims=keepdims)
    return sw.where(_only_nan(x, axis, keepdims), sw.constant(float("nan"), x.dtype), result)


def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The smallest elements along axes that are not NaN; NaN where there is none."""
    x = convert_to_tensor(x)
    if is_exact(x):
        return min(x, axis, keepdims)
    result = sw.reduce_min(_filled(x, float("inf")), axis=axis, keepdims=keepdims)
    return sw.where(_only_nan(x, axis, keepdims), sw.constant(float("nan"), x.dtype), result)


def nanargmax(x: Any, axis: int | None = None, keepdims: bool = False) -> sw.Tensor:
    """The indices of the largest elements along an axis that are not NaN; -1 where there is none."""
    x = convert_to_tensor(x)
    return sw.where(_only_nan(x, axis, keepdims), -1, argmax(_filled(x, float("-inf")), axis, keepdims))


def nanargmin(x: Any, axis: int | None = None, keepdims: bool = False) -> sw.Tensor:
    """The indices of the smallest elements along an axis that are not NaN; -1 where there is none."""
    x = convert_to_tensor(x)
    return sw.where(_only_nan(x, axis, keepdims), -1, argmin(_filled(x, float("inf")), axis, keepdims))


def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The means of the elements along axes that are not NaN."""
    x = as_floats(x)
    if axis in ((), []):
        return x
    return sw.reduce_sum(_filled(x, 0), axis=axis, keepdims=keepdims) / _counts(x, axis, keepdims)


def nanvar(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The variances of the elements along axes that are not NaN."""
    x = as_floats(x)
    away = _filled(x - nanmean(x, axis, keepdims=True), 0)
    squares = sw.math.real(away * sw.math.conj(away)) if is_complex(x) else sw.square(away)
    counts = sw.cast(_counts(x, axis, keepdims), squares.dtype)
    return sw.reduce_sum(squares, axis=axis, keepdims=keepdims) / counts


def nanstd(x: Any, axis: Axis = None, keepdims: bool = False) -> sw.Tensor:
    """The standard deviations of the elements along axes that are not NaN."""
    return sw.sqrt(nanvar(x, axis, keepdims))


def _counts(x: sw.Tensor, axis: Axis, keepdims: bool) -> sw.Tensor:
    """How many elements along axes are not NaN."""
    return sw.reduce_sum(sw.cast(sw.logical_not(isnan(x)), x.dtype), axis=axis, keepdims=keepdims)


def nan_to_num(x: Any, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> sw.Tensor:
    """`x` with numbers in place of NaN and infinities, for these the extreme finite ones if none are given."""
    x = convert_to_tensor(x)
    if is_exact(x):
        return x
    limits = ml_dtypes.finfo(dtype_name(x))
    high = sw.constant(float(limits.max) if posinf is None else posinf, x.dtype)
    low = sw.constant(float(limits.min) if neginf is None else neginf, x.dtype)
    finite = sw.where(sw.math.is_inf(x), sw.where(sw.less(x, 0), low, high), x)
    return sw.where(isnan(x), sw.constant(nan, x.dtype), finite)
