"""Public convolutions and pooling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...dialects.hl.convolution import ConvolutionBackpropFilterOp, ConvolutionBackpropInputOp, ConvolutionOp
from ..dispatch import apply
from ..tensor import Tensor
from .arguments import size_along, split_sizes

__all__ = [
    "convolution_backprop_filter",
    "convolution_backprop_input",
    "convolution_of",
]


def _windows(attrs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: attrs[name] for name in ("strides", "dilations", "padding", "groups")}


def convolution_of(x: Any, filters: Any, attrs: Mapping[str, Any]) -> Tensor:
    """The convolution of `x` with `filters` by windows as the attributes of another op describe them."""
    return apply(ConvolutionOp, x, filters, **_windows(attrs))


def convolution_backprop_input(y: Any, filters: Any, like: Any, attrs: Mapping[str, Any]) -> Tensor:
    """The transpose of the convolution of a tensor such as `like`: `y` spread by `filters`."""
    static, dynamic = split_sizes([size_along(like, axis) for axis in range(1, like.ndim - 1)])
    return apply(ConvolutionBackpropInputOp, y, filters, *dynamic, totals=static, **_windows(attrs))


def convolution_backprop_filter(x: Any, y: Any, like: Any, attrs: Mapping[str, Any]) -> Tensor:
    """The transpose of the convolution of `x` with filters such as `like`, which gives `y`."""
    static, dynamic = split_sizes([size_along(like, axis) for axis in range(like.ndim - 2)])
    return apply(ConvolutionBackpropFilterOp, x, y, *dynamic, window=static, **_windows(attrs))
