"""Public functions that choose values, convert them, or hide them from gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import DType, DTypeLike, dtype_named
from ....dialects.errors import UnimplementedError
from ....dialects.hl import selection
from ....dialects.public import public
from ....dialects.strings import first_leaf, is_text
from ..values.dispatch import apply, as_tensor, as_tensors
from ..values.tensor import Tensor, TensorLike
from ..values.variable import Variable
from . import namespace


@public("dtypes", top=True)
def cast(x: TensorLike, dtype: DTypeLike, name: str | None = None) -> Tensor:
    """`x` in another dtype. Floats become integers by rounding towards zero; what is too large, the nearest one.

    Example:
        >>> import stepwell as sw
        >>> sw.cast([1.7, -1.7, float("nan")], sw.int32).numpy().tolist()
        [1, -1, 0]
    """
    target = dtype_named(dtype, "cast: dtype")
    if hasattr(type(x), "with_values"):  # a SparseTensor, which is made of tensors
        sparse: Any = x
        return sparse.with_values(cast(sparse.values, target))
    if target.is_string or getattr(getattr(x, "dtype", None), "is_string", False) or is_text(first_leaf(x)):
        return _cast_string(as_tensor(x, name="cast: x"), target)
    if not selection.CastOp.takes(target):
        allowed = ", ".join(d.name for d in selection.CastOp.accepted())
        raise InvalidTypeError(f"cast: dtype: expected one of {allowed}, got {target.name}")
    if not isinstance(x, Tensor | Variable | np.ndarray | np.generic):
        number = np.asarray(x) if isinstance(x, bool | int | float | complex) else None
        if number is not None and number.dtype != np.object_:
            return Tensor(selection.CastOp.computed([number], {"dtype": target})[0])
    value = as_tensor(x, name="cast: x")
    return value if value.dtype == target else apply(selection.CastOp, value, dtype=target)


def _cast_string(x: Tensor, target: DType) -> Tensor:
    """`x` itself, as strings become strings only."""
    if x.dtype == target:
        return x
    instead = "sw.strings.as_string" if target.is_string else "sw.strings.to_number"
    raise UnimplementedError(f"cast: {x.dtype.name} cannot be cast to {target.name}; use {instead}")


@public(top=True)
def where(
    condition: TensorLike, x: TensorLike | None = None, y: TensorLike | None = None, name: str | None = None
) -> Tensor:
    """`x` where `condition` holds, else `y`, elementwise. Without `x` and `y`, the indices of what is true or not 0.

    Args:
        condition: booleans; numbers too, where only the condition is given.
        x, y: tensors that broadcast with the condition, or neither of them.
        name: not used.

    Returns:
        a tensor of the dtype of `x` and `y`; or an int64 row of indices for each element that holds, in row-major
        order. How many there are is known when the function runs.

    Example:
        >>> import stepwell as sw
        >>> sw.where([True, False], [1, 2], 0).numpy().tolist()
        [1, 0]
        >>> sw.where([[True, False], [False, True]]).numpy().tolist()
        [[0, 0], [1, 1]]
    """
    if x is None and y is None:
        return namespace().nonzero(condition)
    if x is None or y is None:
        raise InvalidArgumentError("where: x and y: expected both or neither, got one of them")
    test = as_tensor(condition, name="where: condition")
    if not test.dtype.is_bool:
        raise InvalidTypeError(f"where: condition: expected a tensor of dtype bool, got {test.dtype.name}")
    return apply(selection.SelectOp, test, *as_tensors("where", x, y))


@public(top=True)
def stop_gradient(input: TensorLike, name: str | None = None) -> Tensor:
    """`input`, through which no gradient flows.

    Example:
        >>> import stepwell as sw
        >>> x = sw.constant(2.0)
        >>> with sw.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * sw.stop_gradient(x)
        >>> float(tape.gradient(y, x))
        2.0
    """
    return apply(selection.StopGradientOp, as_tensor(input, name="stop_gradient: input"))


@public(top=True)
def identity(input: TensorLike, name: str | None = None) -> Tensor:
    """`input` as a tensor.

    Example:
        >>> import stepwell as sw
        >>> sw.identity([1, 2]).numpy().tolist()
        [1, 2]
    """
    return as_tensor(input, name="identity: input")
