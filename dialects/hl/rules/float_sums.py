"""Sums of floats on numpy whose error grows with the logarithm of their length, along whatever axes.

numpy's own sums are pairwise along an axis of neighbouring elements, and one after the other along any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...dtypes import dtype_of

FEW_TERMS = 128
"""numpy's own sums are good up to so many terms."""

FANOUT = 8
"""How many terms are added one after the other; then as many of their sums, and so on."""

DEPTH = 1024
"""How many products of a matrix product are left to BLAS."""


def float_sum(x: np.ndarray, axes: Sequence[int], keepdims: bool = False) -> np.ndarray:
    """`np.sum(x, axes)` in the dtype of `x`, of floats with an error that grows as that of pairwise summation.

    Example:
        >>> tenths = np.full((1_000_000, 2), 0.1, np.float32)
        >>> [round(float(sums[0])) for sums in (tenths.sum(0), float_sum(tenths, (0,)))]
        [100958, 100000]
    """
    terms = np.prod([x.shape[axis] for axis in axes], dtype=np.int64)
    if not dtype_of(x).is_floating or terms <= FEW_TERMS:
        return np.sum(x, tuple(axes), dtype=x.dtype, keepdims=keepdims)
    for axis in sorted(axes, reverse=True):
        x = _along(x, axis)
    return np.expand_dims(x, tuple(axes)) if keepdims else x


def _along(x: np.ndarray, axis: int) -> np.ndarray:
    if axis == x.ndim - 1 and x.flags.c_contiguous:
        return np.sum(x, axis, dtype=x.dtype)
    while (size := x.shape[axis]) > FANOUT:
        whole = size // FANOUT * FANOUT
        at = (slice(None),) * axis
        groups = x[(*at, slice(whole))].reshape(*x.shape[:axis], -1, FANOUT, *x.shape[axis + 1 :])
        x = np.concatenate([np.sum(groups, axis + 1, dtype=x.dtype), x[(*at, slice(whole, None))]], axis)
    return np.sum(x, axis, dtype=x.dtype)


def float_matmul(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`np.matmul(x, y)`, of floats by blocks of products, whose sums are added with what rounding takes (Neumaier)."""
    size = x.shape[-1]
    if not dtype_of(x).is_floating or size <= 2 * DEPTH:
        return np.matmul(x, y)
    total = np.matmul(x[..., :DEPTH], y[..., :DEPTH, :])
    error = np.zeros_like(total)
    for start in range(DEPTH, size, DEPTH):
        item = np.matmul(x[..., start : start + DEPTH], y[..., start : start + DEPTH, :])
        result = total + item
        taken = result - total
        error += (total - (result - taken)) + (item - taken)
        total = result
    return np.where(np.isfinite(error) & (error != 0), total + error, total)


__all__ = ["float_matmul", "float_sum"]
