"""Attention."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common.dtypes import result_type

import stepwell as sw

from ..core import convert_to_tensor


def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> sw.Tensor:
    """Means of values, weighted by the softmax of products of queries and keys; of 16-bit floats by way of float32."""
    if flash_attention:
        raise ValueError("Flash attention is not supported in stepwell backend.")
    query, key, value = (convert_to_tensor(x) for x in (query, key, value))
    if len(query.shape) != 4:
        raise ValueError(
            f"`dot_product_attention` only supports 4D inputs. Received: query.shape={query.shape}, "
            f"key.shape={key.shape}, value.shape={value.shape}."
        )
    dtype = result_type(query.dtype.name, key.dtype.name, value.dtype.name)
    wide = result_type(dtype, "float32")
    result = sw.nn.dot_product_attention(
        *(sw.cast(x, wide) for x in (query, key, value)),
        bias=None if bias is None else convert_to_tensor(bias, wide),
        mask=None if mask is None else convert_to_tensor(mask, "bool"),
        scale=scale,
        is_causal=is_causal,
        attn_logits_soft_cap=attn_logits_soft_cap,
    )
    return sw.cast(result, dtype)
