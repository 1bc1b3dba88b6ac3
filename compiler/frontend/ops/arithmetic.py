"""Public arithmetic that is composed: sums of many, quotients that are 0 where they would be undefined."""

from __future__ import annotations

from collections.abc import Sequence

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..values.dispatch import as_tensor, as_tensors, scalar_like
from ..values.tensor import Tensor, TensorLike
from .logic import equal
from .math import add, divide, log, log1p, multiply
from .select import where


def _zero(x: Tensor) -> Tensor:
    return scalar_like(0, x)


@public("math", top=True)
def truediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; integers are divided as float64, those of at most 16 bits as float32.

    Example:
        >>> import stepwell as sw
        >>> sw.truediv([1, 3], 2).numpy().tolist()
        [0.5, 1.5]
    """
    return divide(x, y)


@public("math", top=True)
def add_n(inputs: Sequence[TensorLike], name: str | None = None) -> Tensor:
    """The sum of tensors of one shape and dtype.

    Example:
        >>> import stepwell as sw
        >>> sw.add_n([[1, 2], [10, 20], [100, 200]]).numpy().tolist()
        [111, 222]
    """
    items = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    if not items:
        raise InvalidArgumentError("add_n: inputs: expected a tensor or more, got none")
    first, *others = as_tensors("add_n", *items)
    for number, other in enumerate(others, 1):
        if other.ndim != first.ndim or any(a != b and None not in (a, b) for a, b in zip(first.shape, other.shape)):
            raise InvalidArgumentError(
                f"add_n: inputs: expected shape {first.shape}, got {other.shape} at index {number}"
            )
        first = add(first, other)
    return first


@public("math", top=True)
def scalar_mul(scalar: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """`scalar * x`.

    Example:
        >>> import stepwell as sw
        >>> sw.scalar_mul(2.0, [1.0, 3.0]).numpy().tolist()
        [2.0, 6.0]
    """
    factor, value = as_tensors("scalar_mul", scalar, x)
    if factor.ndim:
        raise InvalidArgumentError(f"scalar_mul: scalar: expected a scalar, got shape {factor.shape}")
    return multiply(factor, value)


@public("math")
def divide_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; 0 where `y` is 0.

    Example:
        >>> import stepwell as sw
        >>> sw.math.divide_no_nan([1.0, 2.0], [0.0, 4.0]).numpy().tolist()
        [0.0, 0.5]
    """
    left, right = as_tensors("divide_no_nan", x, y)
    undefined = equal(right, _zero(right))
    quotient = divide(left, where(undefined, scalar_like(1, right), right))
    return where(undefined, _zero(quotient), quotient)


@public("math")
def multiply_no_nan(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * y`, elementwise; 0 where `y` is 0, whatever `x` is.

    Example:
        >>> import stepwell as sw
        >>> sw.math.multiply_no_nan([float("inf"), 2.0], [0.0, 4.0]).numpy().tolist()
        [0.0, 8.0]
    """
    left, right = as_tensors("multiply_no_nan", x, y)
    none = equal(right, _zero(right))
    return multiply(where(none, _zero(left), left), right)


@public("math")
def xlogy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * log(y)`, elementwise; 0 where `x` is 0, whatever `y` is.

    Example:
        >>> import stepwell as sw
        >>> sw.math.xlogy([0.0, 2.0], [0.0, 1.0]).numpy().tolist()
        [0.0, 0.0]
    """
    left, right = as_tensors("xlogy", x, y)
    none = equal(left, _zero(left))
    return multiply(left, log(where(none, scalar_like(1, right), right)))


@public("math")
def xlog1py(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x * log(1 + y)`, elementwise; 0 where `x` is 0, whatever `y` is.

    Example:
        >>> import stepwell as sw
        >>> sw.math.xlog1py([0.0, 2.0], [-1.0, 0.0]).numpy().tolist()
        [0.0, 0.0]
    """
    left, right = as_tensors("xlog1py", x, y)
    none = equal(left, _zero(left))
    return multiply(left, log1p(where(none, _zero(right), right)))


@public("math")
def xdivy(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """`x / y`, elementwise; 0 where `x` is 0, whatever `y` is.

    Example:
        >>> import stepwell as sw
        >>> sw.math.xdivy([0.0, 4.0], [0.0, 2.0]).numpy().tolist()
        [0.0, 2.0]
    """
    left, right = as_tensors("xdivy", x, y)
    none = equal(left, _zero(left))
    return divide(left, where(none, scalar_like(1, right), right))


@public("math")
def reciprocal_no_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """`1 / x`, elementwise; 0 where `x` is 0.

    Example:
        >>> import stepwell as sw
        >>> sw.math.reciprocal_no_nan([0.0, 2.0]).numpy().tolist()
        [0.0, 0.5]
    """
    value = as_tensor(x, name="reciprocal_no_nan: x")
    return divide_no_nan(scalar_like(1, value), value)
