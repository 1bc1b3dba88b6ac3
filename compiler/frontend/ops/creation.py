"""Making tensors from Python values."""

from __future__ import annotations

from collections.abc import Sequence

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import DTypeLike
from ....dialects.public import public
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from ..values.tensor import is_tensor as is_value
from .arguments import shown, sizes_of
from .shape import fill


@public(top=True)
def convert_to_tensor(
    value: TensorLike, dtype: DTypeLike | None = None, dtype_hint: DTypeLike | None = None, name: str | None = None
) -> Tensor:
    """`value` as a tensor.

    Python ints become int32, floats float32, bools bool; numpy arrays keep their dtype; tensors stay as they are.
    With `dtype`, numbers are converted if nothing is lost; a tensor of another dtype is a TypeError. With `dtype_hint`,
    what is no tensor yet is converted to that dtype if nothing is lost, and else as without it.

    Example:
        >>> import stepwell as sw
        >>> sw.convert_to_tensor([[1, 2], [3, 4]]).shape
        TensorShape([2, 2])
    """
    what = name or "convert_to_tensor: value"
    if dtype is None and dtype_hint is not None and not is_value(value):
        try:
            return as_tensor(value, dtype_hint, what)
        except InvalidArgumentError:
            pass
    return as_tensor(value, dtype, what)


@public(top=True)
def constant(
    value: TensorLike, dtype: DTypeLike | None = None, shape: Sequence[int] | None = None, name: str | None = None
) -> Tensor:
    """A tensor with the elements of `value`, reshaped to `shape`, or filled with it when it is a single number.

    Example:
        >>> import stepwell as sw
        >>> sw.constant(1.0, shape=[2, 2]).numpy().tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """
    array = as_tensor(value, dtype, name or "constant: value")._concrete("constant")
    if shape is None:
        return Tensor(array)
    sizes = sizes_of("constant", shape, "shape")
    known = [size for size in sizes if isinstance(size, int)]
    if len(known) < len(sizes) or min(known, default=0) < 0:
        raise InvalidArgumentError(f"constant: shape: expected known sizes of 0 or more, got {shown(shape)}")
    if array.size == 1:
        return fill(known, Tensor(array.reshape(())))
    try:
        return Tensor(array.reshape(known))
    except ValueError:
        raise InvalidTypeError(f"constant: shape: expected one of {array.size} elements, got {tuple(shape)}") from None


@public(top=True)
def is_tensor(x: object) -> bool:
    """Whether `x` is a tensor or a Variable."""
    return is_value(x)
