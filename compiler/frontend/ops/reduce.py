"""Public reductions, and the sums that undo a broadcast."""

from __future__ import annotations

import numpy as np

from ....dialects.dtypes import INT32, DTypeLike
from ....dialects.hl import arg_reduce, reduce
from ....dialects.hl.rules.base import HLOp
from ....dialects.hl.sum_to import SumToOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Axis, Tensor, TensorLike
from .arguments import axes_of, axis_of, flag_of
from .select import cast


def _reduce(op: type[HLOp], function: str, value: TensorLike, axis: Axis, keepdims: bool) -> Tensor:
    tensor = as_tensor(value, name=f"{function}: input_tensor")
    axes = tuple(range(tensor.ndim)) if axis is None else axes_of(function, axis, tensor.ndim)
    return apply(op, tensor, axes=axes, keepdims=flag_of(function, keepdims, "keepdims"))


@public("math", top=True)
def reduce_sum(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The sum along `axis`; 0 of nothing.

    Args:
        input_tensor: what to reduce.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> import stepwell as sw
        >>> sw.reduce_sum([[1, 2], [3, 4]], 0).numpy().tolist()
        [4, 6]
    """
    return _reduce(reduce.SumOp, "reduce_sum", input_tensor, axis, keepdims)


@public("math", top=True)
def reduce_prod(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The product along `axis`; 1 of nothing.

    Args:
        input_tensor: what to reduce.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> import stepwell as sw
        >>> sw.reduce_prod([[1, 2], [3, 4]], 0).numpy().tolist()
        [3, 8]
    """
    return _reduce(reduce.ProdOp, "reduce_prod", input_tensor, axis, keepdims)


@public("math", top=True)
def reduce_mean(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The mean along `axis`, of integers rounded towards zero.

    Args:
        input_tensor: what to reduce.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> import stepwell as sw
        >>> sw.reduce_mean([[1.0, 2.0], [3.0, 4.0]], 0).numpy().tolist()
        [2.0, 3.0]
    """
    return _reduce(reduce.MeanOp, "reduce_mean", input_tensor, axis, keepdims)


@public("math", top=True)
def reduce_max(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The greatest element along `axis`; NaN if there is one; -inf or the least integer of nothing.

    Args:
        input_tensor: what to reduce.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> import stepwell as sw
        >>> sw.reduce_max([[1, 2], [3, 4]], 0).numpy().tolist()
        [3, 4]
    """
    return _reduce(reduce.MaxOp, "reduce_max", input_tensor, axis, keepdims)


@public("math", top=True)
def reduce_min(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """The least element along `axis`; NaN if there is one; inf or the greatest integer of nothing.

    Args:
        input_tensor: what to reduce.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> import stepwell as sw
        >>> sw.reduce_min([[1, 2], [3, 4]], 0).numpy().tolist()
        [1, 2]
    """
    return _reduce(reduce.MinOp, "reduce_min", input_tensor, axis, keepdims)


@public("math", top=True)
def reduce_any(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether any boolean along `axis` holds; false of nothing.

    Args:
        input_tensor: what to reduce.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> import stepwell as sw
        >>> sw.reduce_any([[True, False], [False, False]], 0).numpy().tolist()
        [True, False]
    """
    return _reduce(reduce.AnyOp, "reduce_any", input_tensor, axis, keepdims)


@public("math", top=True)
def reduce_all(input_tensor: TensorLike, axis: Axis = None, keepdims: bool = False, name: str | None = None) -> Tensor:
    """Whether every boolean along `axis` holds; true of nothing.

    Args:
        input_tensor: what to reduce.
        axis: an axis, several, or None for all; negative ones count from the last.
        keepdims: whether the axes stay, with size 1.

    Example:
        >>> import stepwell as sw
        >>> sw.reduce_all([[True, False], [True, True]], 0).numpy().tolist()
        [True, False]
    """
    return _reduce(reduce.AllOp, "reduce_all", input_tensor, axis, keepdims)


@public("math", top=True)
def argmax(
    input: TensorLike, axis: int | None = None, output_type: DTypeLike = np.int64, name: str | None = None
) -> Tensor:
    """The index of the greatest element along `axis` (0 if None), of the first one if several are equal.

    Example:
        >>> import stepwell as sw
        >>> int(sw.argmax([1, 3, 2]))
        1
    """
    return _arg_reduced(arg_reduce.ArgmaxOp, "argmax", input, axis, output_type)


@public("math", top=True)
def argmin(
    input: TensorLike, axis: int | None = None, output_type: DTypeLike = np.int64, name: str | None = None
) -> Tensor:
    """The index of the least element along `axis` (0 if None), of the first one if several are equal.

    Example:
        >>> import stepwell as sw
        >>> int(sw.argmin([1, 3, 2]))
        0
    """
    return _arg_reduced(arg_reduce.ArgminOp, "argmin", input, axis, output_type)


def _arg_reduced(op: type[HLOp], function: str, given: TensorLike, axis: int | None, output_type: DTypeLike) -> Tensor:
    tensor = as_tensor(given, name=f"{function}: input")
    number = axis_of(function, 0 if axis is None else axis, tensor.ndim)
    numbers = cast(tensor, INT32) if tensor.dtype.is_bool else tensor
    return cast(apply(op, numbers, axis=number), output_type)


def sum_to_shape_of(x: TensorLike, like: Tensor) -> Tensor:
    """`x` summed down to the shape of `like`, from which it was broadcast.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.reduce import sum_to_shape_of
        >>> sum_to_shape_of([[1, 2], [3, 4]], [0, 0]).numpy().tolist()
        [4, 6]
    """
    value, target = as_tensor(x), as_tensor(like)
    shape, wanted = value.shape, target.shape
    if None in shape or None in wanted:
        return value if value is target else apply(SumToOp, value, target)
    if shape == wanted:
        return value
    lead = len(shape) - len(wanted)
    if lead > 0:
        value = apply(reduce.SumOp, value, axes=tuple(range(lead)), keepdims=False)
    ones = tuple(axis for axis, size in enumerate(wanted) if size == 1 and value.shape[axis] != 1)
    return apply(reduce.SumOp, value, axes=ones, keepdims=True) if ones else value
