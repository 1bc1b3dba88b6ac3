"""Formulas of elementary and special functions in float64, of what every engine has: for exports, and where `math` has
no op.

Sources: W. Kahan for log1p and expm1; W. J. Cody's and S. L. Moshier's rational approximations of the error functions
(Cephes `ndtr.c`); S. Winitzki's start and Halley's steps for the inverse error function; C. Lanczos' series, with P.
Godfrey's coefficients for g = 7, for the gamma function and its derivative.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan, pi

from .formula import Number

LN2 = 0.6931471805599453

_ERF_TOP = (
    9.60497373987051638749e0,
    9.00260197203842689217e1,
    2.23200534594684319226e3,
    7.00332514112805075473e3,
    5.55923013010394962768e4,
)
_ERF_BOTTOM = (
    1.0,
    3.35617141647503099647e1,
    5.21357949780152679795e2,
    4.59432382970980127987e3,
    2.26290000613890934246e4,
    4.92673942608635921086e4,
)
_ERFC_TOP = (
    2.46196981473530512524e-10,
    5.64189564831068821977e-1,
    7.46321056442269912687e0,
    4.86371970985681366614e1,
    1.96520832956077098242e2,
    5.26445194995477358631e2,
    9.34528527171957607540e2,
    1.02755188689515710272e3,
    5.57535335369399327526e2,
)
_ERFC_BOTTOM = (
    1.0,
    1.32281951154744992508e1,
    8.67072140885989742329e1,
    3.54937778887819891062e2,
    9.75708501743205489753e2,
    1.82390916687909736289e3,
    2.24633760818710981792e3,
    1.65666309194161350182e3,
    5.57535340817727675546e2,
)
_TAIL_TOP = (
    5.64189583547755073984e-1,
    1.27536670759978104416e0,
    5.01905042251180477414e0,
    6.16021097993053585195e0,
    7.40974269950448939160e0,
    2.97886665372100240670e0,
)
_TAIL_BOTTOM = (
    1.0,
    2.26052863220117276590e0,
    9.39603524938001434673e0,
    1.20489539808096656605e1,
    1.70814450747565897222e1,
    9.60896809063285878198e0,
    3.36907645100081516050e0,
)
_LANCZOS = (
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)
_LANCZOS_FIRST = 0.99999999999980993


def _polynomial(x: Number, coefficients: Sequence[float]) -> Number:
    """Horner's rule, from the highest power down."""
    total = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total


def _with_sign_of(size: Number, x: Number) -> Number:
    """`size`, negative where `x` is; `x` itself where it is a zero."""
    return x.equals(0.0).where(x, (x < 0.0).where(-size, size))


def log1p(x: Number) -> Number:
    """`log(1 + x)`."""
    u = x + 1.0
    log = u.log()
    inner = u.equals(1.0).where(x, log * (x / (u - 1.0)))
    return (abs(x) < 1e15).where(inner, log)


def expm1(x: Number) -> Number:
    """`exp(x) - 1`, up to 700."""
    u = x.exp()
    less = u - 1.0
    inner = u.equals(1.0).where(x, less * (x / u.log()))
    return (abs(x) < 1.0).where(inner, less)


def tan(x: Number) -> Number:
    """The tangent."""
    return x.sin() / x.cos()


def _atan_to_one(t: Number) -> Number:
    """The arc tangent of 0 to 1: that of the tangent of an eighth of the angle, by its series."""
    for _ in range(3):
        t = t / ((t * t + 1.0).sqrt() + 1.0)
    u = t * t
    series = _polynomial(u, [(-1) ** k / (2 * k + 1) for k in reversed(range(1, 10))])
    return (t + t * u * series) * 8.0


def atan(x: Number) -> Number:
    """The arc tangent."""
    size = abs(x)
    large = size > 1.0
    found = _atan_to_one(large.where(1.0 / size, size))
    return _with_sign_of(large.where(pi / 2 - found, found), x)


def atan2(y: Number, x: Number) -> Number:
    """The angle of a point, of zeros with their signs: they are those of their reciprocals."""
    height, width = abs(y), abs(x)
    steep = width < height
    low, high = steep.where(width, height), steep.where(height, width)
    ratio = low.equals(high).where(high.equals(0.0).where(0.0, high * 0.0 + 1.0), low / high)
    ratio = high.equals(inf).where(low.equals(inf).where(1.0, low * 0.0), ratio)
    angle = _atan_to_one(ratio)
    angle = steep.where(pi / 2 - angle, angle)
    left = x.equals(0.0).where(1.0 / x, x) < 0.0
    below = y.equals(0.0).where(1.0 / y, y) < 0.0
    angle = left.where(pi - angle, angle)
    return below.where(-angle, angle)


def asin(x: Number) -> Number:
    """The arc sine."""
    half = x / (((1.0 - x) * (1.0 + x)).sqrt() + 1.0)
    return _with_sign_of(_atan_to_one(abs(half)) * 2.0, x)


def acos(x: Number) -> Number:
    """The arc cosine."""
    return atan(((1.0 - x) / (1.0 + x)).sqrt()) * 2.0


def sinh(x: Number) -> Number:
    """The hyperbolic sine."""
    size = abs(x)
    e = expm1((size < 20.0).where(size, 20.0))
    half = (size * 0.5).exp()
    found = (size < 20.0).where((e + e / (e + 1.0)) * 0.5, half * 0.5 * half)
    return (size < inf).where(_with_sign_of(found, x), x)


def cosh(x: Number) -> Number:
    """The hyperbolic cosine."""
    half = (abs(x) * 0.5).exp()
    return half * 0.5 * half + 0.5 / half / half


def asinh(x: Number) -> Number:
    """The inverse of sinh."""
    size = abs(x)
    large = size > 1e15
    square = size * size
    found = log1p(large.where(size, size + square / ((square + 1.0).sqrt() + 1.0)))
    return _with_sign_of(large.where(found + LN2, found), x)


def acosh(x: Number) -> Number:
    """The inverse of cosh; NaN below 1."""
    t = x - 1.0
    large = x > 1e15
    found = log1p(large.where(x, t + (t * 2.0 + t * t).sqrt()))
    return (x < 1.0).where(nan, large.where(found + LN2, found))


def atanh(x: Number) -> Number:
    """The inverse of tanh; an infinity at 1, NaN beyond."""
    size = abs(x)
    found = size.equals(1.0).where(inf, log1p((size + size) / (1.0 - size)) * 0.5)
    return (size > 1.0).where(nan, _with_sign_of(found, x))


def _erf_of_small(x: Number) -> Number:
    u = x * x
    return x * (_polynomial(u, _ERF_TOP) / _polynomial(u, _ERF_BOTTOM))


def _erfc_from_one(x: Number) -> Number:
    """For 1 and more: `exp(-x²)` by halves of `x`, of which the square of the first is exact, times a quotient."""
    x = (x < 30.0).where(x, 30.0)
    first = (x * 16.0 + 0.5).floor() / 16.0
    power = (-(first * first)).exp() * (-((x - first) * (x + first))).exp()
    near = _polynomial(x, _ERFC_TOP) / _polynomial(x, _ERFC_BOTTOM)
    return power * (x < 8.0).where(near, _polynomial(x, _TAIL_TOP) / _polynomial(x, _TAIL_BOTTOM))


def erf(x: Number) -> Number:
    """The error function."""
    size = abs(x)
    large = _with_sign_of(1.0 - _erfc_from_one(size), x)
    return x.equals(x).where((size < 1.0).where(_erf_of_small(x), large), x)


def erfc(x: Number) -> Number:
    """`1 - erf(x)`, exact in its small values too."""
    size = abs(x)
    large = _erfc_from_one(size)
    large = (x < 0.0).where(2.0 - large, large)
    return x.equals(x).where((size < 1.0).where(1.0 - _erf_of_small(x), large), x)


def erfinv(x: Number) -> Number:
    """The inverse of the error function, by what is left of it, or of `1 - |x|`, in Halley's steps."""
    size = abs(x)
    near = size < 0.5
    rest = 1.0 - size
    log = (rest * (size + 1.0)).log()
    a = 0.147
    first = 2 / (pi * a) + log * 0.5
    start = ((first * first - log / a).sqrt() - first).sqrt()
    slope = 2 / pi**0.5
    found = near.where(size / slope * (size * size * (pi / 12) + 1.0), start)
    for _ in range(2):
        tail = rest - _erfc_of_positive(found)
        error = near.where(_erf_of_small(found) - size, tail)
        step = error / ((-(found * found)).exp() * slope)
        found = found - step / (found * step + 1.0)
    found = size.equals(1.0).where(inf, found)
    return (size > 1.0).where(nan, _with_sign_of(found, x))


def _erfc_of_positive(x: Number) -> Number:
    return (x < 1.0).where(1.0 - _erf_of_small(x), _erfc_from_one(x))


def _reflected(x: Number) -> tuple[Number, Number, Number]:
    """Whether `x` is less than a half, `max(x, 1 - x) - 1`, and pi times what `x` is beyond the nearest integer."""
    low = x < 0.5
    beyond = (abs(x) < 2.0**52).where(x - (x + 0.5).floor(), 0.0)
    return low, low.where(-x, x - 1.0), beyond * pi


def lgamma(x: Number) -> Number:
    """`log(|gamma(x)|)`: an infinity at 0, -1, -2 …, and at both infinities."""
    low, z, angle = _reflected(x)
    total = sum((c / (z + (k + 1.0)) for k, c in enumerate(_LANCZOS)), start=z * 0.0 + _LANCZOS_FIRST)
    t = z + 7.5
    found = (t.log() - 1.0) * (z + 0.5) - 7.0 + (total.log() + 0.9189385332046727)
    mirrored = 1.1447298858494002 - abs(angle.sin()).log() - found
    whole = angle.equals(0.0)
    result = low.where(whole.where(inf, mirrored), found)
    is_root = ((x - 1.0) * (x - 2.0)).equals(0.0)
    return abs(x).equals(inf).where(inf, is_root.where(0.0, result))


def digamma(x: Number) -> Number:
    """The derivative of `log(gamma(x))`: NaN at 0, -1, -2 … and -infinity."""
    low, z, angle = _reflected(x)
    total, slope = z * 0.0 + _LANCZOS_FIRST, z * 0.0
    for k, c in enumerate(_LANCZOS):
        term = c / (z + (k + 1.0))
        total, slope = total + term, slope - term / (z + (k + 1.0))
    t = z + 7.5
    found = t.log() + (slope / total - 7.0 / t)
    found = low.where(angle.equals(0.0).where(nan, found - pi * (angle.cos() / angle.sin())), found)
    return x.equals(inf).where(inf, found)
