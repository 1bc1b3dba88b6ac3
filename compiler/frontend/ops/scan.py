"""Public cumulative sums, products and maxima."""

from __future__ import annotations

from ....dialects.hl import scan
from ....dialects.hl.rules.base import HLOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import axis_of, flag_of


@public("math", top=True)
def cumsum(
    x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The sum of the elements along `axis` up to each one.

    Args:
        x: numbers.
        axis: an axis; negative ones count from the end.
        exclusive: whether the element itself is left out, so that the first sum is 0.
        reverse: whether sums are from the end.

    Example:
        >>> import stepwell as sw
        >>> sw.cumsum([1, 2, 3]).numpy().tolist()
        [1, 3, 6]
        >>> sw.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy().tolist()
        [5, 3, 0]
    """
    return _scan("cumsum", scan.CumsumOp, x, axis, exclusive, reverse)


@public("math")
def cumprod(
    x: TensorLike, axis: int = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """The product of the elements along `axis` up to each one; arguments as those of `cumsum`.

    Example:
        >>> import stepwell as sw
        >>> sw.math.cumprod([2, 3, 4]).numpy().tolist()
        [2, 6, 24]
    """
    return _scan("cumprod", scan.CumprodOp, x, axis, exclusive, reverse)


@public("math")
def cummax(x: TensorLike, axis: int = 0, reverse: bool = False, name: str | None = None) -> Tensor:
    """The greatest of the elements along `axis` up to each one; NaN from the first NaN on. TensorFlow has no such name.

    Example:
        >>> import stepwell as sw
        >>> sw.math.cummax([1, 3, 2]).numpy().tolist()
        [1, 3, 3]
    """
    return _scan("cummax", scan.CummaxOp, x, axis, False, reverse)


def _scan(function: str, op: type[HLOp], x: TensorLike, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    value = as_tensor(x, name=f"{function}: x")
    along = axis_of(function, axis, len(value.shape))
    flags = {name: flag_of(function, flag, name) for name, flag in (("exclusive", exclusive), ("reverse", reverse))}
    return apply(op, value, axis=along, **flags)
