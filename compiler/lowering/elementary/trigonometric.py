"""sin, cos and tan."""

from __future__ import annotations

from xdsl.dialects import math

from . import coefficients
from .argument_reduction import reduced
from .functions import expands
from .lanes import Value, fma, horner


def _sine_and_cosine(r: Value) -> tuple[Value, Value]:
    """Of `|r| <= pi / 4`."""
    f, u = r.format, r * r
    sine = fma(horner(u, coefficients.SIN[f.bits]) * u, r, r)
    return sine, fma(fma(horner(u, coefficients.COS[f.bits]), u, -0.5), u, 1.0)


def _at_quadrant(r: Value, q: Value) -> Value:
    """The sine of `r + q pi / 2`: that or the cosine of `r`, with the sign of its quadrant."""
    f = r.format
    sine, cosine = _sine_and_cosine(r)
    size = (q & 1).differs(0).where(cosine, sine)
    return (size.bits ^ ((q & 2) << (f.bits - 2))).as_float


def _odd(result: Value, x: Value) -> Value:
    """An odd function's `result` for `|x|`, for `x`."""
    sign = x.bits & -(1 << (x.format.bits - 1))
    return (result.bits ^ sign).as_float


@expands(math.SinOp, 2.0, 2.0, "x = q pi / 2 + r (Cody and Waite, Payne and Hanek), polynomials in r²")
def sin(x: Value) -> Value:
    """The sine of `|x|`, and the sign of `x`."""
    return _odd(_at_quadrant(*reduced(x)), x)


@expands(math.CosOp, 2.0, 2.0, "the same")
def cos(x: Value) -> Value:
    """The sine of `|x| + pi / 2`."""
    r, q = reduced(x)
    return _at_quadrant(r, q + 1)


@expands(math.TanOp, 4.0, 3.5, "the quotient of both, or minus that of cosine and sine")
def tan(x: Value) -> Value:
    """The tangent of `|x|`, and the sign of `x`."""
    r, q = reduced(x)
    sine, cosine = _sine_and_cosine(r)
    odd = (q & 1).differs(0)
    return _odd(odd.where(-cosine, sine) / odd.where(sine, cosine), x)
