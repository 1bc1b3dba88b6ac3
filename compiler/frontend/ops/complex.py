"""Public functions of complex numbers and their parts."""

from __future__ import annotations

import numpy as np

from ....dialects.diagnostics import InvalidTypeError
from ....dialects.hl.complex import ComplexOp, ConjOp, ImagOp, RealOp
from ....dialects.public import public
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Tensor, TensorLike
from . import namespace
from .select import where
from .trigonometry import atan2


@public("dtypes", top=True)
def complex(real: TensorLike, imag: TensorLike, name: str | None = None) -> Tensor:
    """Complex numbers with these real and imaginary parts, elementwise; both are of float32, or both of float64.

    Example:
        >>> import stepwell as sw
        >>> sw.complex([1.0, 2.0], [3.0, 4.0]).numpy().tolist()
        [(1+3j), (2+4j)]
    """
    x, y = as_tensor(real, name="complex: real"), as_tensor(imag, name="complex: imag")
    if x.dtype != y.dtype or not ComplexOp.takes(x.dtype):
        raise InvalidTypeError(
            f"complex: expected real and imag of float32, or of float64, got {x.dtype.name} and {y.dtype.name}"
        )
    return apply(ComplexOp, x, y)


@public("math")
def real(input: TensorLike, name: str | None = None) -> Tensor:
    """The real parts, elementwise; a real tensor as it is.

    Example:
        >>> import stepwell as sw
        >>> sw.math.real([1 + 2j]).numpy().tolist()
        [1.0]
    """
    x = as_tensor(input, name="real: input")
    return apply(RealOp, x) if x.dtype.is_complex else x


@public("math")
def imag(input: TensorLike, name: str | None = None) -> Tensor:
    """The imaginary parts, elementwise; zeros for a real tensor.

    Example:
        >>> import stepwell as sw
        >>> sw.math.imag([1 + 2j]).numpy().tolist()
        [2.0]
    """
    x = as_tensor(input, name="imag: input")
    if x.dtype.is_complex:
        return apply(ImagOp, x)
    return namespace().zeros_like(x)


@public("math")
def conj(x: TensorLike, name: str | None = None) -> Tensor:
    """`x` with the imaginary parts negated, elementwise; a real tensor as it is.

    Raises TypeError for booleans, which are no numbers.

    Example:
        >>> import stepwell as sw
        >>> sw.math.conj([1 + 2j]).numpy().tolist()
        [(1-2j)]
    """
    value = as_tensor(x, name="conj: x")
    if value.dtype.is_bool:
        raise InvalidTypeError("conj: x: expected numbers, got a tensor of dtype bool")
    return apply(ConjOp, value) if value.dtype.is_complex else value


@public("math")
def angle(input: TensorLike, name: str | None = None) -> Tensor:
    """The angles in radians to the positive real axis, elementwise; 0 or pi for a real tensor.

    Example:
        >>> import stepwell as sw
        >>> round(float(sw.math.angle(1j)), 4)
        1.5708
    """
    x = as_tensor(input, name="angle: input")
    if x.dtype.is_complex:
        return atan2(apply(ImagOp, x), apply(RealOp, x))
    zero = np.array(0, x.dtype)
    return where(namespace().less(x, zero), np.array(np.pi, x.dtype), namespace().zeros_like(x))
