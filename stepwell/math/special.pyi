# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.math import (
    bessel_i0 as bessel_i0,
    bessel_i0e as bessel_i0e,
    bessel_i1 as bessel_i1,
    bessel_i1e as bessel_i1e,
)
from stepwell.types import TensorLike

def bessel_j0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind of order 0, elementwise."""

def bessel_j1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the first kind of order 1, elementwise."""

def bessel_k0(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 0, of positive numbers, elementwise."""

def bessel_k0e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_k0(x) * exp(x)`, elementwise."""

def bessel_k1(x: TensorLike, name: str | None = None) -> Tensor:
    """The modified Bessel function of the second kind of order 1, of positive numbers, elementwise."""

def bessel_k1e(x: TensorLike, name: str | None = None) -> Tensor:
    """`bessel_k1(x) * exp(x)`, elementwise."""

def bessel_y0(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind of order 0, of positive numbers, elementwise."""

def bessel_y1(x: TensorLike, name: str | None = None) -> Tensor:
    """The Bessel function of the second kind of order 1, of positive numbers, elementwise."""

def dawsn(x: TensorLike, name: str | None = None) -> Tensor:
    """Dawson's integral, `exp(-x * x)` times the integral of `exp(t * t)` from 0 to `x`, elementwise."""

def expint(x: TensorLike, name: str | None = None) -> Tensor:
    """The exponential integral, that of `exp(t) / t` up to `x`, of positive numbers, elementwise."""

def fresnel_cos(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's integral of `cos(pi * t * t / 2)` from 0 to `x`, elementwise."""

def fresnel_sin(x: TensorLike, name: str | None = None) -> Tensor:
    """Fresnel's integral of `sin(pi * t * t / 2)` from 0 to `x`, elementwise."""

def spence(x: TensorLike, name: str | None = None) -> Tensor:
    """The dilogarithm of `1 - x`, that is the integral of `-log(t) / (t - 1)` from 1 to `x`, elementwise."""
