"""Attention: means of values, by how alike queries and keys are."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.public import public
from ...values.dispatch import as_tensor, scalar_like
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, int64_of, size_along
from ..index import range as counting
from ..linear import matmul
from ..logic import greater_equal, logical_and
from ..math import add, divide, multiply, rsqrt, tanh
from ..select import cast, where
from ..shape import expand_dims, reshape, transpose
from .activations import softmax


@public("nn")
def dot_product_attention(
    query: TensorLike,
    key: TensorLike,
    value: TensorLike,
    bias: TensorLike | None = None,
    mask: TensorLike | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    attn_logits_soft_cap: float | None = None,
    name: str | None = None,
) -> Tensor:
    """For each query the mean of the values, weighted by the softmax of the products with their keys.

    Args:
        query: `[examples, queries, heads, size]`, of floats.
        key, value: `[examples, keys, heads, size]`; as many heads, or a number of them that divides that of the
            queries: then several heads of queries look at one.
        bias: what is added to the products, `[examples, heads, queries, keys]`, or what broadcasts to it.
        mask: which keys a query may look at, booleans of such a shape.
        scale: what the products are multiplied by; by default 1 divided by the square root of the size.
        is_causal: whether a query looks at the keys up to its own index only.
        attn_logits_soft_cap: how large products become at most, by a tanh.
        name: accepted, and unused.

    Example:
        >>> import stepwell as sw
        >>> x = sw.reshape([1.0, 3.0], [1, 2, 1, 1])
        >>> sw.nn.dot_product_attention(sw.zeros([1, 1, 1, 1]), x, x).numpy().item()
        2.0
    """
    del name
    named = {"query": query, "key": key, "value": value}
    q, k, v = (as_tensor(x, name=f"dot_product_attention: {what}") for what, x in named.items())
    for what, x in zip(named, (q, k, v)):
        if x.ndim != 4:
            raise InvalidArgumentError(f"dot_product_attention: {what}: expected 4 axes, got shape {x.shape}")
    if not q.dtype.is_floating:
        raise InvalidTypeError(f"dot_product_attention: query: expected floats, got dtype {q.dtype.name}")
    groups = _groups(q, k, v)
    # Heads before queries; those that look at one head of keys along an axis of their own.
    sizes = [size_along(q, axis) for axis in (0, 1, 2, 3)]
    heads = size_along(k, 2)
    by_head = reshape(transpose(q, [0, 2, 1, 3]), [sizes[0], heads, groups, sizes[1], sizes[3]])
    keys, values = (expand_dims(transpose(x, [0, 2, 1, 3]), 2) for x in (k, v))
    factor = scalar_like(scale, q) if scale is not None else _default_scale(q)
    logits = multiply(matmul(by_head, keys, transpose_b=True), factor)
    logits = reshape(logits, [sizes[0], sizes[2], sizes[1], size_along(k, 1)])
    if attn_logits_soft_cap is not None:
        cap = scalar_like(attn_logits_soft_cap, q)
        logits = multiply(cap, tanh(divide(logits, cap)))
    if bias is not None:
        logits = add(logits, as_tensor(bias, q.dtype, "dot_product_attention: bias"))
    logits = _masked(logits, mask, is_causal)
    weights = reshape(softmax(logits), [sizes[0], heads, groups, sizes[1], size_along(k, 1)])
    found = reshape(matmul(weights, values), [sizes[0], sizes[2], sizes[1], size_along(v, 3)])
    return transpose(found, [0, 2, 1, 3])


def _masked(logits: Tensor, mask: TensorLike | None, is_causal: bool) -> Tensor:
    """The products, those with keys that a query may not look at very small."""
    seen = None if mask is None else as_tensor(mask, name="dot_product_attention: mask")
    if is_causal:
        rows, columns = (counting(int64_of(size_along(logits, axis))) for axis in (2, 3))
        before = greater_equal(expand_dims(rows, 1), columns)
        seen = before if seen is None else logical_and(seen, before)
    if seen is None:
        return logits
    return where(seen, logits, scalar_like(0.7 * float(logits.dtype.min), logits))


def _groups(q: Tensor, k: Tensor, v: Tensor) -> int:
    """How many heads of queries look at one head of keys."""
    of_queries, of_keys, of_values = q.shape[2], k.shape[2], v.shape[2]
    if of_queries is None or of_keys is None:
        return 1
    if of_values not in (None, of_keys) or not of_keys or of_queries % of_keys:
        text = f"expected numbers of heads that fit, got {of_queries} of query, {of_keys} of key, {of_values} of value"
        raise InvalidArgumentError(f"dot_product_attention: {text}")
    return of_queries // of_keys


def _default_scale(q: Tensor) -> Tensor:
    size: Size = size_along(q, 3)
    if isinstance(size, int):
        return scalar_like(1 / np.sqrt(max(size, 1)), q)
    return rsqrt(cast(size, q.dtype))
