"""Public functions that limit the lengths of vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....dialects.public import public
from ..values.dispatch import as_tensor
from ..values.tensor import Axis, Tensor, TensorLike
from .logic import greater
from .math import add, divide, maximum, minimum, multiply, sqrt, subtract
from .movement import stack
from .nn.activations import l2_loss
from .reduce import reduce_sum
from .select import where
from .shape import ones_like


@public(top=True)
def clip_by_norm(t: TensorLike, clip_norm: TensorLike, axes: Axis = None, name: str | None = None) -> Tensor:
    """`t`, divided so that its Euclidean length is at most `clip_norm`.

    Args:
        t: floats.
        clip_norm: the greatest length.
        axes: the axes that vectors lie along; all of them if not given.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.clip_by_norm([3.0, 4.0], 10.0).numpy().tolist()
        [3.0, 4.0]
        >>> sw.clip_by_norm([3.0, 4.0], 2.5).numpy().tolist()
        [1.5, 2.0]
    """
    x = as_tensor(t, name="clip_by_norm: t")
    limit = as_tensor(clip_norm, x.dtype, "clip_by_norm: clip_norm")
    total = reduce_sum(multiply(x, x), axes, True)
    some = greater(total, np.array(0, x.dtype))
    length = where(some, sqrt(where(some, total, ones_like(total))), total)  # a slope of 0 at 0, not NaN
    return divide(multiply(x, limit), maximum(length, limit))


@public("linalg")
def global_norm(t_list: Sequence[TensorLike | None], name: str | None = None) -> Tensor:
    """The Euclidean length of all tensors of a list together; `None` is left out.

    Example:
        >>> import stepwell as sw
        >>> float(sw.linalg.global_norm([[3.0, 4.0], None, [12.0]]))
        13.0
    """
    if not isinstance(t_list, list | tuple):
        raise TypeError(f"global_norm: t_list: expected a list of tensors, got {type(t_list).__name__}")
    halves = [l2_loss(as_tensor(value, name="global_norm: t_list")) for value in t_list if value is not None]
    if not halves:
        return as_tensor(0.0)
    half = reduce_sum(stack(halves))
    return sqrt(multiply(half, np.array(2, half.dtype)))


@public(top=True)
def clip_by_global_norm(
    t_list: Sequence[TensorLike | None],
    clip_norm: TensorLike,
    use_norm: TensorLike | None = None,
    name: str | None = None,
) -> tuple[list[Tensor | None], Tensor]:
    """The tensors of a list, divided so that their Euclidean length together is at most `clip_norm`.

    Args:
        t_list: tensors of floats; `None` stays.
        clip_norm: the greatest length.
        use_norm: the length of all, if it is known already: what `global_norm` returns.
        name: not used.

    Returns:
        the tensors, and their length before. They are NaN if that is not finite.

    Example:
        >>> import stepwell as sw
        >>> (clipped, _), norm = sw.clip_by_global_norm([[3.0, 4.0], None], 2.5)
        >>> clipped.numpy().tolist(), float(norm)
        ([1.5, 2.0], 5.0)
    """
    norm = global_norm(t_list) if use_norm is None else as_tensor(use_norm, name="clip_by_global_norm: use_norm")
    limit = as_tensor(clip_norm, norm.dtype, "clip_by_global_norm: clip_norm")
    one = np.array(1, norm.dtype)
    scale = multiply(limit, minimum(divide(one, norm), divide(one, limit)))
    scale = add(scale, subtract(norm, norm))  # NaN where the length is infinite
    clipped = [None if value is None else multiply(as_tensor(value, norm.dtype), scale) for value in t_list]
    return clipped, norm
