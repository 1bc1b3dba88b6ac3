"""Cross-entropies, and the ratio of a signal to its noise."""

from __future__ import annotations

from typing import Any

from keras.src.backend.config import epsilon

import stepwell as sw

from ..core import convert_to_tensor
from .logits import logits_of


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> sw.Tensor:
    """The cross-entropy of distributions over classes."""
    target, output = convert_to_tensor(target), convert_to_tensor(output)
    if len(target.shape) < 1:
        raise ValueError(f"Arguments `target` and `output` must be at least rank 1. {_received(target, output)}")
    _check_same(target, output)
    output, from_logits = logits_of(output, from_logits, "categorical_crossentropy")
    target = sw.cast(target, output.dtype)
    if from_logits:
        return sw.nn.softmax_cross_entropy_with_logits(target, output, axis=axis)
    output = _chances(output / sw.reduce_sum(output, axis, keepdims=True))
    return -sw.reduce_sum(target * sw.math.log(output), axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> sw.Tensor:
    """The cross-entropy of classes and distributions over them along the last axis."""
    target, output = convert_to_tensor(target, "int64"), convert_to_tensor(output)
    if axis != -1 and axis != len(output.shape) - 1:
        raise ValueError(f"Only axis=-1 is currently supported. Received: axis={axis}")
    output, from_logits = logits_of(output, from_logits, "sparse_categorical_crossentropy")
    if len(target.shape) == len(output.shape) and target.shape[-1] == 1:
        target = sw.squeeze(target, -1)
    if len(output.shape) < 1:
        raise ValueError(f"Argument `output` must be at least rank 1. Received: output.shape={output.shape}")
    if len(target.shape) != len(output.shape) - 1:
        raise ValueError(
            f"Argument `output` must have rank (ndim) `target.ndim - 1`. {_received(target, output)}",
        )
    if not _compatible(target.shape, output.shape[:-1]):
        raise ValueError(
            "Arguments `target` and `output` must have the same shape up until the last dimension. "
            + _received(target, output)
        )
    if not from_logits:
        output = sw.math.log(_chances(output))
    return sw.nn.sparse_softmax_cross_entropy_with_logits(target, output)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> sw.Tensor:
    """The cross-entropy of chances, element by element."""
    target, output = convert_to_tensor(target), convert_to_tensor(output)
    _check_same(target, output)
    output, from_logits = logits_of(output, from_logits, "binary_crossentropy")
    target = sw.cast(target, output.dtype)
    if from_logits:
        return sw.nn.sigmoid_cross_entropy_with_logits(target, output)
    output = _chances(output)
    return -(target * sw.math.log(output) + (1 - target) * sw.math.log(1 - output))


def _chances(x: sw.Tensor) -> sw.Tensor:
    """`x` so far from 0 and 1 that its logarithm is finite."""
    return sw.clip_by_value(x, epsilon(), 1 - epsilon())


def _check_same(target: sw.Tensor, output: sw.Tensor) -> None:
    if len(target.shape) != len(output.shape):
        raise ValueError(
            f"Arguments `target` and `output` must have the same rank (ndim). {_received(target, output)}",
        )
    if not _compatible(target.shape, output.shape):
        raise ValueError(f"Arguments `target` and `output` must have the same shape. {_received(target, output)}")


def _compatible(a: Any, b: Any) -> bool:
    return all(m is None or n is None or m == n for m, n in zip(a, b, strict=True))


def _received(target: sw.Tensor, output: sw.Tensor) -> str:
    return f"Received: target.shape={target.shape}, output.shape={output.shape}"


def psnr(x1: Any, x2: Any, max_val: Any) -> sw.Tensor:
    """The ratio of the greatest possible signal to the mean squared difference, in decibels."""
    x1, x2 = convert_to_tensor(x1), convert_to_tensor(x2)
    if x1.shape != x2.shape:
        raise ValueError(f"Input shapes {x1.shape} and {x2.shape} must match for PSNR calculation. ")
    ratio = sw.square(convert_to_tensor(max_val, x2.dtype.name)) / sw.reduce_mean(sw.square(x1 - x2))
    return 10 * (sw.math.log(ratio) / sw.math.log(sw.constant(10, ratio.dtype)))
