"""Public functions that densities and losses are made of."""

from __future__ import annotations

from ....dialects.public import public
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import int64_of, size_along
from .logic import greater, greater_equal
from .math import divide, multiply, subtract
from .reduce import reduce_all, reduce_sum
from .select import cast
from .shape import reshape
from .slicing import bounded
from .trigonometry import lgamma


@public("math")
def lbeta(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the absolute value of the beta function of the elements along the last axis.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.lbeta([1.0, 2.0])), 4)
        -0.6931
    """
    value = as_tensor(x, name="lbeta: x")
    return subtract(reduce_sum(lgamma(value), -1), lgamma(reduce_sum(value, -1)))


@public("math")
def is_non_decreasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether no element is less than the one before, in row-major order.

    Example:
        >>> import stepwell as sw
        >>> bool(sw.math.is_non_decreasing([1, 2, 2]))
        True
    """
    flat = reshape(as_tensor(x, name="is_non_decreasing: x"), [-1])
    return reduce_all(greater_equal(bounded(flat, [1], [None]), bounded(flat, [0], [-1])))


@public("math")
def is_strictly_increasing(x: TensorLike, name: str | None = None) -> Tensor:
    """Whether each element is greater than the one before, in row-major order.

    Example:
        >>> import stepwell as sw
        >>> bool(sw.math.is_strictly_increasing([1, 2, 2]))
        False
    """
    flat = reshape(as_tensor(x, name="is_strictly_increasing: x"), [-1])
    return reduce_all(greater(bounded(flat, [1], [None]), bounded(flat, [0], [-1])))


@public("nn")
def compute_average_loss(
    per_example_loss: TensorLike, sample_weight: TensorLike | None = None, global_batch_size: TensorLike | None = None
) -> Tensor:
    """The sum of losses, weighted if weights are given, divided by the size of the batch.

    Example:
        >>> import stepwell as sw
        >>> float(sw.nn.compute_average_loss([1.0, 2.0, 3.0], global_batch_size=6))
        1.0
    """
    losses = as_tensor(per_example_loss, name="compute_average_loss: per_example_loss")
    if sample_weight is not None:
        losses = multiply(losses, cast(sample_weight, losses.dtype))
    size = int64_of(size_along(losses, 0)) if global_batch_size is None else global_batch_size
    return divide(reduce_sum(losses), cast(size, losses.dtype))


@public("nn")
def scale_regularization_loss(regularization_loss: TensorLike) -> Tensor:
    """The sum of losses of a regularization, as part of the loss of the one device there is.

    Example:
        >>> import stepwell as sw
        >>> float(sw.nn.scale_regularization_loss([1.0, 2.0]))
        3.0
    """
    return reduce_sum(as_tensor(regularization_loss, name="scale_regularization_loss: regularization_loss"))
