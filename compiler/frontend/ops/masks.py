"""Public functions that choose parts of tensors by masks: how many there are is known when they run."""

from __future__ import annotations

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import BOOL
from ....dialects.hl.nonzero import NonZeroOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import Size, axis_of, check, int64_of, size_along, times
from .index import gather
from .logic import equal
from .select import cast
from .shape import reshape, squeeze


def nonzero(x: TensorLike) -> Tensor:
    """The indices of the elements of `x` that are not 0, one int64 row each, in row-major order.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.masks import nonzero
        >>> nonzero([[0, 5], [7, 0]]).numpy().tolist()
        [[0, 1], [1, 0]]
    """
    return apply(NonZeroOp, cast(as_tensor(x, name="where: condition"), BOOL))


@public(top=True)
def boolean_mask(
    tensor: TensorLike, mask: TensorLike, axis: TensorLike | None = None, name: str = "boolean_mask"
) -> Tensor:
    """The parts of `tensor` for which `mask` holds, one after the other along one axis.

    Args:
        tensor: what to choose from.
        mask: for some axes of `tensor`, which follow each other, a boolean for each of their elements.
        axis: the first of these axes; 0 if not given.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy().tolist()
        [[1, 2], [5, 6]]
        >>> sw.boolean_mask([[1, 2], [3, 4]], [[True, False], [True, True]]).numpy().tolist()
        [1, 3, 4]
    """
    x, chosen = as_tensor(tensor, name="boolean_mask: tensor"), as_tensor(mask, name="boolean_mask: mask")
    first = 0 if axis is None else axis_of("boolean_mask", axis, x.ndim)  # pyright: ignore[reportArgumentType]
    last = first + chosen.ndim
    if not chosen.ndim:
        raise InvalidArgumentError("boolean_mask: mask: expected at least one axis, got a scalar")
    wanted = x.shape[first:last]
    if len(wanted) < chosen.ndim or any(a != b and None not in (a, b) for a, b in zip(wanted, chosen.shape)):
        raise InvalidArgumentError(f"boolean_mask: mask: expected shape {wanted}, got {chosen.shape}")
    count: Size = 1
    for number, axis_of_x in enumerate(range(first, last)):
        own, other = size_along(x, axis_of_x), size_along(chosen, number)
        if not (isinstance(own, int) and isinstance(other, int)):
            text = f"boolean_mask: mask: axis {number} has size {{0}}, expected {{1}}"
            check(equal(int64_of(own), int64_of(other)), text, int64_of(other), int64_of(own))
        count = times(count, own)
    sizes = [size_along(x, number) for number in range(x.ndim)]
    places = squeeze(nonzero(reshape(chosen, [-1])), 1)
    return gather(reshape(x, [*sizes[:first], count, *sizes[last:]]), places, axis=first)
