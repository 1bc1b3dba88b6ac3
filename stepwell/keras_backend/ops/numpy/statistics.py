"""Quantiles, counts of values, and correlations."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common import dtypes
from keras.src.backend.config import floatx

import stepwell as sw

from ..core import convert_to_tensor, shape
from .operands import as_floats, axes_of, common_dtype, dtype_name, rank, together
from .shapes import expand_dims, moveaxis


def median(x: Any, axis: Any = None, keepdims: bool = False) -> sw.Tensor:
    """The elements in the middle of the order along axes."""
    return quantile(x, 0.5, axis=axis, keepdims=keepdims)


def percentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> sw.Tensor:
    """The elements at a percentage of the order along axes."""
    return quantile(x, convert_to_tensor(q, floatx()) / 100, axis, method, keepdims)


def quantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> sw.Tensor:
    """The elements at a part of the order along axes, NaN where one is NaN."""
    flat, axes = _last_axis(x, axis)
    count = sw.cast(shape(flat)[-1], "float64")
    result = _at(sw.sort(flat, axis=-1), convert_to_tensor(q, "float64"), count, method)
    has_nan = sw.expand_dims(sw.reduce_any(sw.math.is_nan(flat), axis=-1), -1)
    result = sw.where(has_nan, sw.constant(float("nan"), flat.dtype), result)
    return _arranged(result, q, axes, keepdims)


def nanmedian(x: Any, axis: Any = None, keepdims: bool = False) -> sw.Tensor:
    """The elements in the middle of the order along axes, without those that are NaN."""
    return nanquantile(x, 0.5, axis=axis, keepdims=keepdims)


def nanpercentile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> sw.Tensor:
    """The elements at a percentage of the order along axes, without those that are NaN."""
    return nanquantile(x, convert_to_tensor(q, floatx()) / 100, axis, method, keepdims)


def nanquantile(x: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False) -> sw.Tensor:
    """The elements at a part of the order along axes, without those that are NaN."""
    flat, axes = _last_axis(x, axis)
    is_nan = sw.math.is_nan(flat)
    count = sw.reduce_sum(sw.cast(sw.logical_not(is_nan), "float64"), axis=-1, keepdims=True)
    ordered = sw.sort(sw.where(is_nan, sw.constant(float("inf"), flat.dtype), flat), axis=-1)
    result = _at(ordered, convert_to_tensor(q, "float64"), count, method)
    result = sw.where(sw.equal(count, 0), sw.constant(float("nan"), flat.dtype), result)
    return _arranged(result, q, axes, keepdims)


def _last_axis(x: Any, axis: Any) -> tuple[sw.Tensor, list[int]]:
    """`x` as floats with the axes made one at the end, and which ones they were."""
    x = as_floats(x)
    axes = axes_of(x, axis)
    x = moveaxis(x, axes, list(range(rank(x) - len(axes), rank(x))))
    return sw.reshape(x, [*shape(x)[: rank(x) - len(axes)], -1]), axes


def _at(ordered: sw.Tensor, q: sw.Tensor, count: sw.Tensor, method: str) -> sw.Tensor:
    """What is at the parts `q` of the first `count` elements of the last axis, one part after the other."""
    place = sw.reshape(q, [-1]) * sw.maximum(count - 1, 0)
    below, above = sw.floor(place), sw.math.ceil(place)
    if method == "lower":
        return _elements(ordered, below)
    if method == "higher":
        return _elements(ordered, above)
    if method == "nearest":
        return _elements(ordered, sw.round(place))
    low, high = _elements(ordered, below), _elements(ordered, above)
    if method == "midpoint":
        return (low + high) / 2
    if method != "linear":
        raise ValueError(f"quantile: method: expected linear, lower, higher, midpoint or nearest, got {method!r}")
    part = sw.cast(place - below, ordered.dtype)
    return sw.where(sw.equal(low, high), low, low * (1 - part) + high * part)


def _elements(ordered: sw.Tensor, places: sw.Tensor) -> sw.Tensor:
    """The elements of the last axis at places, which may be others in each row."""
    if rank(places) == 1:
        return sw.gather(ordered, sw.cast(places, "int32"), axis=-1)
    return sw.gather(ordered, sw.cast(places, "int32"), batch_dims=rank(ordered) - 1)


def _arranged(result: sw.Tensor, q: Any, axes: list[int], keepdims: bool) -> sw.Tensor:
    """A result with the shape of `q` in front, and axes of size 1 in place of others if wanted."""
    q = convert_to_tensor(q)
    result = moveaxis(result, -1, 0)
    result = sw.reshape(result, [*shape(q), *shape(result)[1:]])
    return expand_dims(result, [axis + rank(q) for axis in axes]) if keepdims and axes else result


def bincount(x: Any, weights: Any = None, minlength: Any = 0, sparse: bool = False) -> sw.Tensor:
    """How often each integer occurs along the last axis, or the sums of the weights of where it does."""
    if sparse:
        raise ValueError("bincount: sparse=True: the backend has dense tensors only")
    x = convert_to_tensor(x)
    numbers = convert_to_tensor(x, None if dtype_name(x) in ("int32", "int64") else "int32")
    if weights is None:
        return sw.math.bincount(numbers, minlength=minlength, axis=-1)
    weights = convert_to_tensor(weights)
    dtype = common_dtype([x, weights])
    added = dtype_name(weights)
    if added not in ("int32", "int64", "float32", "float64"):
        added = "int32" if "int" in added or added == "bool" else "float32"
    counts = sw.math.bincount(numbers, weights=sw.cast(weights, added), minlength=minlength, axis=-1)
    return convert_to_tensor(counts, dtype)


def histogram(x: Any, bins: int = 10, range: Any = None) -> tuple[sw.Tensor, sw.Tensor]:
    """How many elements are in each of equal bins, and the bins' boundaries."""
    x = sw.reshape(convert_to_tensor(x), [-1])
    low, high = (sw.reduce_min(x), sw.reduce_max(x)) if range is None else range
    wide = dtypes.result_type(x.dtype, float)
    values = sw.cast(x, wide)
    edges = sw.linspace(convert_to_tensor(low, wide), convert_to_tensor(high, wide), bins + 1)
    numbers = sw.searchsorted(edges[1:-1], values, side="right")
    inside = sw.greater_equal(values, edges[0]) & sw.less_equal(values, edges[-1])
    counts = sw.scatter_nd(sw.expand_dims(numbers, 1), sw.cast(inside, "int32"), [bins])
    return sw.cast(counts, x.dtype), sw.cast(edges, x.dtype)


def corrcoef(x: Any) -> sw.Tensor:
    """The correlation coefficients of rows."""
    x = as_floats(x)
    if rank(x) == 0:
        return sw.constant(float("nan"), x.dtype)
    rows = x if rank(x) > 1 else sw.expand_dims(x, 0)
    centered = rows - sw.reduce_mean(rows, axis=-1, keepdims=True)
    products = sw.matmul(centered, centered, adjoint_b=True)
    sizes = sw.sqrt(sw.math.real(sw.linalg.diag_part(products)))
    result = products / sw.cast(sw.expand_dims(sizes, -1) * sw.expand_dims(sizes, -2), products.dtype)
    if dtype_name(x) not in dtypes.COMPLEX_TYPES:
        result = sw.clip_by_value(result, -1.0, 1.0)
    return result if rank(x) > 1 else sw.squeeze(result)


def correlate(x1: Any, x2: Any, mode: str = "valid") -> sw.Tensor:
    """The sums of products of one vector with the other moved along it."""
    if mode not in ("full", "same", "valid"):
        raise ValueError(f"Invalid mode: '{mode}'. Mode must be one of: 'full', 'same', 'valid'.")
    x1, x2 = together(x1, x2)
    dtype = "float64" if dtype_name(x1) == "int64" else dtypes.result_type(x1.dtype, float)
    x1, x2 = sw.cast(x1, dtype), sw.cast(x2, dtype)
    n, m = shape(x1)[0], shape(x2)[0]
    padded = sw.pad(x1, [[m - 1, m - 1]])
    full = sw.nn.conv1d(sw.reshape(padded, [1, -1, 1]), sw.reshape(x2, [-1, 1, 1]), stride=1, padding="VALID")[0, :, 0]
    if mode == "full":
        return full
    shorter, longer = sw.minimum(n, m), sw.maximum(n, m)
    if mode == "valid":
        return full[shorter - 1 : longer]
    start = sw.where(sw.greater(m, n), shorter // 2, (shorter - 1) // 2)
    return full[start : start + longer]
