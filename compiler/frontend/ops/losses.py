"""`compat.v1.losses`: what TensorFlow 2 programs use of losses of TensorFlow 1."""

from __future__ import annotations

from typing import Any

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import FLOAT32
from ....dialects.public import public
from ..values.dispatch import as_tensor, scalar_like
from ..values.tensor import Tensor, TensorLike
from .arithmetic import divide_no_nan
from .counts import count_nonzero
from .logic import less_equal
from .math import abs, add, log, multiply, negative, squared_difference, subtract
from .nn.cross_entropy import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
)
from .reduce import reduce_sum
from .select import cast, stop_gradient, where
from .shape import ones_like


@public("compat.v1.losses")
class Reduction:
    """What is made of the losses of all elements."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_BY_NONZERO_WEIGHTS)


_BY_NONZERO = Reduction.SUM_BY_NONZERO_WEIGHTS


@public("compat.v1.losses")
def compute_weighted_loss(
    losses: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """Losses times weights, reduced.

    Args:
        losses: numbers.
        weights: a number, or numbers whose shape broadcasts to that of `losses`.
        scope, loss_collection: accepted as in TensorFlow; unused.
        reduction: one of `Reduction`; by default the sum, divided by the number of weights that are not 0.

    Example:
        >>> import stepwell as sw
        >>> float(sw.compat.v1.losses.compute_weighted_loss([1.0, 3.0, 5.0], [1.0, 1.0, 0.0]))
        2.0
    """
    del scope, loss_collection
    return _reduced(
        "compute_weighted_loss", as_tensor(losses, name="compute_weighted_loss: losses"), weights, reduction
    )


def _reduced(function: str, losses: Tensor, weights: TensorLike, reduction: str) -> Tensor:
    if reduction not in Reduction.all():
        raise InvalidArgumentError(f"{function}: reduction: expected one of {Reduction.all()}, got {reduction!r}")
    given = losses.dtype
    values, scale = cast(losses, FLOAT32), cast(as_tensor(weights, name=f"{function}: weights"), FLOAT32)
    if scale.ndim and scale.ndim != values.ndim:
        text = f"expected a number, or the rank of losses of shape {values.shape}, got shape {scale.shape}"
        raise InvalidArgumentError(f"{function}: weights: {text}")
    weighted = multiply(values, scale)
    if reduction == Reduction.NONE:
        return cast(weighted, given)
    total = reduce_sum(weighted)
    all_weights = multiply(scale, ones_like(values))
    if reduction == Reduction.MEAN:
        total = divide_no_nan(total, reduce_sum(all_weights))
    elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
        total = divide_no_nan(total, reduce_sum(ones_like(values)))
    elif reduction == _BY_NONZERO:
        total = divide_no_nan(total, cast(count_nonzero(all_weights), FLOAT32))
    return cast(total, given)


def _pair(function: str, labels: TensorLike, predictions: TensorLike) -> tuple[Tensor, Tensor]:
    x = cast(as_tensor(predictions, name=f"{function}: predictions"), FLOAT32)
    y = cast(as_tensor(labels, name=f"{function}: labels"), FLOAT32)
    if x.ndim != y.ndim or any(a != b and None not in (a, b) for a, b in zip(x.shape, y.shape)):
        raise InvalidArgumentError(f"{function}: expected one shape, got labels of {y.shape}, predictions of {x.shape}")
    return y, x


@public("compat.v1.losses")
def mean_squared_error(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """The squares of differences, weighted and reduced; see `compute_weighted_loss`.

    Example:
        >>> import stepwell as sw
        >>> float(sw.compat.v1.losses.mean_squared_error([1.0, 2.0], [1.0, 4.0]))
        2.0
    """
    del scope, loss_collection
    y, x = _pair("mean_squared_error", labels, predictions)
    return _reduced("mean_squared_error", squared_difference(x, y), weights, reduction)


@public("compat.v1.losses")
def absolute_difference(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """The magnitudes of differences, weighted and reduced; see `compute_weighted_loss`."""
    del scope, loss_collection
    y, x = _pair("absolute_difference", labels, predictions)
    return _reduced("absolute_difference", abs(subtract(x, y)), weights, reduction)


@public("compat.v1.losses")
def huber_loss(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    delta: float = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """Half the squares of differences up to `delta`, linear beyond; see `compute_weighted_loss`."""
    del scope, loss_collection
    y, x = _pair("huber_loss", labels, predictions)
    distance, limit = abs(subtract(x, y)), scalar_like(delta, x)
    half = scalar_like(0.5, x)
    near = multiply(half, multiply(distance, distance))
    far = subtract(multiply(limit, distance), multiply(half, multiply(limit, limit)))
    return _reduced("huber_loss", where(less_equal(distance, limit), near, far), weights, reduction)


@public("compat.v1.losses")
def log_loss(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """The cross entropies of probabilities, weighted and reduced; see `compute_weighted_loss`."""
    del scope, loss_collection
    y, x = _pair("log_loss", labels, predictions)
    small, one = scalar_like(epsilon, x), scalar_like(1, x)
    happens = multiply(y, log(add(x, small)))
    not_so = multiply(subtract(one, y), log(add(subtract(one, x), small)))
    return _reduced("log_loss", subtract(negative(happens), not_so), weights, reduction)


@public("compat.v1.losses")
def sigmoid_cross_entropy(
    multi_class_labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """Cross entropies with independent labels, weighted and reduced; see `compute_weighted_loss`.

    `label_smoothing` is how far labels are moved from 0 and 1 towards a half.
    """
    del scope, loss_collection
    x = as_tensor(logits, name="sigmoid_cross_entropy: logits")
    y = cast(as_tensor(multi_class_labels, name="sigmoid_cross_entropy: multi_class_labels"), x.dtype)
    if label_smoothing:
        y = add(multiply(y, scalar_like(1 - label_smoothing, x)), scalar_like(0.5 * label_smoothing, x))
    return _reduced("sigmoid_cross_entropy", sigmoid_cross_entropy_with_logits(y, x), weights, reduction)


@public("compat.v1.losses")
def softmax_cross_entropy(
    onehot_labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """Cross entropies with one label of several, weighted and reduced; see `compute_weighted_loss`.

    `label_smoothing` is how much of the label is given to all classes alike.
    """
    del scope, loss_collection
    x = as_tensor(logits, name="softmax_cross_entropy: logits")
    y = cast(as_tensor(onehot_labels, name="softmax_cross_entropy: onehot_labels"), x.dtype)
    if label_smoothing:
        classes = reduce_sum(ones_like(y), -1, keepdims=True)
        share = divide_no_nan(scalar_like(label_smoothing, x), classes)
        y = add(multiply(y, scalar_like(1 - label_smoothing, x)), share)
    losses = softmax_cross_entropy_with_logits(stop_gradient(y), x)
    return _reduced("softmax_cross_entropy", losses, weights, reduction)


@public("compat.v1.losses")
def sparse_softmax_cross_entropy(
    labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: str | None = None,
    reduction: str = _BY_NONZERO,
) -> Tensor:
    """Cross entropies with labels given by index, weighted and reduced; see `compute_weighted_loss`."""
    del scope, loss_collection
    losses: Any = sparse_softmax_cross_entropy_with_logits(labels, logits)
    return _reduced("sparse_softmax_cross_entropy", losses, weights, reduction)
