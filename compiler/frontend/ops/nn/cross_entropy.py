"""Cross entropies of logits: how far predictions are from labels, computed without ever forming a probability of 0."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.public import public
from ...values.dispatch import as_tensor, as_tensors, scalar_like
from ...values.tensor import Tensor, TensorLike
from ..arguments import axis_of, indices_tensor
from ..index import gather
from ..logic import greater_equal, less_equal, logical_and
from ..math import add, exp, log, log1p, multiply, negative, subtract
from ..reduce import reduce_max, reduce_sum
from ..select import stop_gradient, where
from ..shape import expand_dims, ones_like, squeeze, zeros_like
from .activations import log_softmax


def _pair(function: str, labels: TensorLike | None, logits: TensorLike | None) -> tuple[Tensor, Tensor]:
    """Labels and logits of one floating-point dtype and shape."""
    if labels is None or logits is None:
        raise InvalidArgumentError(f"{function}: expected labels and logits")
    x, z = as_tensors(function, logits, labels)
    if not x.dtype.is_floating:
        raise InvalidTypeError(f"{function}: logits: expected floats, got dtype {x.dtype.name}")
    if x.ndim != z.ndim or any(a != b and None not in (a, b) for a, b in zip(x.shape, z.shape)):
        raise InvalidArgumentError(f"{function}: labels: expected the shape of logits, {x.shape}, got {z.shape}")
    return x, z


@public("nn")
def sigmoid_cross_entropy_with_logits(
    labels: TensorLike | None = None, logits: TensorLike | None = None, name: str | None = None
) -> Tensor:
    """`-labels * log(sigmoid(logits)) - (1 - labels) * log(1 - sigmoid(logits))`, elementwise.

    Args:
        labels: numbers from 0 to 1, in the shape of `logits`.
        logits: any floats.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.sigmoid_cross_entropy_with_logits(labels=[1.0, 0.0], logits=[1000.0, 1000.0]).numpy().tolist()
        [0.0, 1000.0]
    """
    x, z = _pair("sigmoid_cross_entropy_with_logits", labels, logits)
    zero = scalar_like(0, x)
    positive = greater_equal(x, zero)
    minus_abs = where(positive, negative(x), x)
    return add(subtract(where(positive, x, zero), multiply(x, z)), log1p(exp(minus_abs)))


@public("nn")
def weighted_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, pos_weight: TensorLike, name: str | None = None
) -> Tensor:
    """`sigmoid_cross_entropy_with_logits`, in which what is missed of `labels` counts `pos_weight` times.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.weighted_cross_entropy_with_logits([1.0], [-1000.0], 2.0).numpy().tolist()
        [2000.0]
    """
    x, z = _pair("weighted_cross_entropy_with_logits", labels, logits)
    zero = scalar_like(0, x)
    extra = subtract(as_tensor(pos_weight, x.dtype, "weighted_cross_entropy_with_logits: pos_weight"), 1.0)
    weight = add(multiply(extra, z), 1.0)
    positive = greater_equal(x, zero)
    minus_abs, minus_low = where(positive, negative(x), x), where(positive, zero, negative(x))
    return add(multiply(subtract(1.0, z), x), multiply(weight, add(log1p(exp(minus_abs)), minus_low)))


@public("nn")
def softmax_cross_entropy_with_logits(
    labels: TensorLike, logits: TensorLike, axis: int = -1, name: str | None = None
) -> Tensor:
    """The sum along `axis` of `-labels * log(softmax(logits))`.

    Args:
        labels: probabilities, in the shape of `logits`.
        logits: any floats.
        axis: the axis of the classes, which the result does not have.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.softmax_cross_entropy_with_logits([[0.0, 1.0]], [[1000.0, 0.0]]).numpy().tolist()
        [1000.0]
    """
    x, z = _pair("softmax_cross_entropy_with_logits", labels, logits)
    number = axis_of("softmax_cross_entropy_with_logits", axis, x.ndim)
    return negative(reduce_sum(multiply(z, log_softmax(x, number)), number))


@public("nn")
def sparse_softmax_cross_entropy_with_logits(labels: TensorLike, logits: TensorLike, name: str | None = None) -> Tensor:
    """`-log(softmax(logits))` at the class that `labels` name, which is the index along the last axis.

    Args:
        labels: integers, in the shape of `logits` without its last axis. One out of range is an error.
        logits: any floats.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.sparse_softmax_cross_entropy_with_logits([1], [[1000.0, 0.0]]).numpy().tolist()
        [1000.0]
    """
    function = "sparse_softmax_cross_entropy_with_logits"
    x, places = as_tensor(logits, name=f"{function}: logits"), indices_tensor(function, labels, "labels")
    if not x.dtype.is_floating:
        raise InvalidTypeError(f"{function}: logits: expected floats, got dtype {x.dtype.name}")
    if not x.ndim or places.ndim != x.ndim - 1:
        raise InvalidArgumentError(
            f"{function}: labels: expected an axis less than logits of shape {x.shape}, got {places.shape}"
        )
    shifted = subtract(x, stop_gradient(reduce_max(x, -1, True)))
    found = squeeze(gather(shifted, expand_dims(places, -1), axis=x.ndim - 1, batch_dims=x.ndim - 1), -1)
    return subtract(log(reduce_sum(exp(shifted), -1)), found)


@public("nn")
def log_poisson_loss(
    targets: TensorLike, log_input: TensorLike, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """How unlikely counts are under Poisson's distribution: `exp(log_input) - log_input * targets`, elementwise.

    Args:
        targets: counts.
        log_input: the logarithms of the expected counts, in the shape of `targets`.
        compute_full_loss: whether Stirling's approximation of the logarithm of `targets!` is added.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> float(sw.nn.log_poisson_loss(2.0, 0.0))
        1.0
    """
    del name
    logs, counts = as_tensors("log_poisson_loss", log_input, targets)
    if logs.ndim != counts.ndim or any(a != b and None not in (a, b) for a, b in zip(logs.shape, counts.shape)):
        text = f"expected the shape of log_input, {logs.shape}, got {counts.shape}"
        raise InvalidArgumentError(f"log_poisson_loss: targets: {text}")
    loss = subtract(exp(logs), multiply(logs, counts))
    if not compute_full_loss:
        return loss
    half = scalar_like(0.5, logs)
    turn = scalar_like(2 * np.pi, logs)
    stirling = add(subtract(multiply(counts, log(counts)), counts), multiply(half, log(multiply(turn, counts))))
    small = logical_and(greater_equal(counts, zeros_like(counts)), less_equal(counts, ones_like(counts)))
    return add(loss, where(small, zeros_like(counts), stirling))
