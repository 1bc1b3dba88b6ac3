"""Public trigonometric, hyperbolic and special functions, elementwise."""

from __future__ import annotations

from ....dialects.hl import special, trigonometric
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor, as_tensors
from ..values.tensor import Tensor, TensorLike
from . import namespace


@public("math", top=True)
def tan(x: TensorLike, name: str | None = None) -> Tensor:
    """The tangent of radians, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.tan([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(trigonometric.TanOp, as_tensor(x, name="tan: x"))


@public("math", top=True)
def asin(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from -pi / 2 to pi / 2 whose sine is `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.asin([0.0]).numpy().tolist()
        [0.0]
    """
    value = as_tensor(x, name="asin: x")
    return namespace().complex_asin(value) if value.dtype.is_complex else apply(trigonometric.AsinOp, value)


@public("math", top=True)
def acos(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from 0 to pi whose cosine is `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.acos([1.0]).numpy().tolist()
        [0.0]
    """
    value = as_tensor(x, name="acos: x")
    return namespace().complex_acos(value) if value.dtype.is_complex else apply(trigonometric.AcosOp, value)


@public("math", top=True)
def atan(x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from -pi / 2 to pi / 2 whose tangent is `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.atan([0.0]).numpy().tolist()
        [0.0]
    """
    value = as_tensor(x, name="atan: x")
    return namespace().complex_atan(value) if value.dtype.is_complex else apply(trigonometric.AtanOp, value)


@public("math", top=True)
def atan2(y: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """The angle from -pi to pi of the point `(x, y)`, elementwise. Shapes broadcast.

    Example:
        >>> import stepwell as sw
        >>> sw.atan2([0.0], [1.0]).numpy().tolist()
        [0.0]
    """
    return apply(trigonometric.Atan2Op, *as_tensors("atan2", y, x))


@public("math", top=True)
def sinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic sine, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.sinh([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(trigonometric.SinhOp, as_tensor(x, name="sinh: x"))


@public("math", top=True)
def cosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The hyperbolic cosine, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.cosh([0.0]).numpy().tolist()
        [1.0]
    """
    return apply(trigonometric.CoshOp, as_tensor(x, name="cosh: x"))


@public("math", top=True)
def asinh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose hyperbolic sine is `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.asinh([0.0]).numpy().tolist()
        [0.0]
    """
    value = as_tensor(x, name="asinh: x")
    return namespace().complex_asinh(value) if value.dtype.is_complex else apply(trigonometric.AsinhOp, value)


@public("math", top=True)
def acosh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number, not negative, whose hyperbolic cosine is `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.acosh([1.0]).numpy().tolist()
        [0.0]
    """
    value = as_tensor(x, name="acosh: x")
    return namespace().complex_acosh(value) if value.dtype.is_complex else apply(trigonometric.AcoshOp, value)


@public("math", top=True)
def atanh(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose hyperbolic tangent is `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.atanh([0.0]).numpy().tolist()
        [0.0]
    """
    value = as_tensor(x, name="atanh: x")
    return namespace().complex_atanh(value) if value.dtype.is_complex else apply(trigonometric.AtanhOp, value)


@public("math")
def erfc(x: TensorLike, name: str | None = None) -> Tensor:
    """1 less the error function, exact in its small values too, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.erfc([0.0]).numpy().tolist()
        [1.0]
    """
    return apply(special.ErfcOp, as_tensor(x, name="erfc: x"))


@public("math")
def erfinv(x: TensorLike, name: str | None = None) -> Tensor:
    """The number whose error function is `x`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.erfinv([0.0]).numpy().tolist()
        [0.0]
    """
    return apply(special.ErfinvOp, as_tensor(x, name="erfinv: x"))


@public("math")
def lgamma(x: TensorLike, name: str | None = None) -> Tensor:
    """The logarithm of the size of the gamma function, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.lgamma([3.0]).numpy()
        array([0.6931472], dtype=float32)
    """
    return apply(special.LgammaOp, as_tensor(x, name="lgamma: x"))


@public("math")
def digamma(x: TensorLike, name: str | None = None) -> Tensor:
    """The derivative of `lgamma`, elementwise.

    Example:
        >>> import stepwell as sw
        >>> sw.math.digamma([1.0]).numpy()
        array([-0.5772157], dtype=float32)
    """
    return apply(special.DigammaOp, as_tensor(x, name="digamma: x"))
