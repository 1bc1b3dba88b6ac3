"""Derives the coefficients in `compiler/lowering/elementary/coefficients.py`.

    python -m stepwell.tools.fit_polynomials            # print the table with the error of each polynomial
    python -m stepwell.tools.fit_polynomials --write    # and write the file

Each polynomial is a minimax fit of a function that is evaluated to fifty decimal digits, found by Remez' exchange
algorithm. Coefficients are rounded to the format they are used in one after the other, from the lowest power up; after
each, those that are left are fitted again, so that they make up for what rounding changed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, getcontext
from functools import cache
from pathlib import Path

import numpy as np

DIGITS = 50
GUARD = 40
"""More digits for alternating series, which cancel."""

Function = Callable[[Decimal], Decimal]


@cache
def pi_scaled(bits: int) -> int:
    """Pi times a power of 2, by Machin's formula."""
    one = 1 << (bits + 32)
    return 4 * (4 * _arctan_inverse(5, one) - _arctan_inverse(239, one)) >> 32


def _arctan_inverse(n: int, one: int) -> int:
    """`one * arctan(1 / n)`."""
    power = total = one // n
    k, sign = 1, -1
    while power:
        power //= n * n
        k += 2
        total += sign * (power // k)
        sign = -sign
    return total


def pi() -> Decimal:
    """Pi to all digits that are used."""
    return Decimal(pi_scaled(4 * (DIGITS + GUARD))) / 2 ** (4 * (DIGITS + GUARD))


def two_over_pi_words() -> list[int]:
    """The bits of 2 / pi in signed words of 64 bits, after 32 zeros; as many as the largest float64 needs."""
    words, bits = 19, 19 * 64 - 32
    quotient = (2 << (2 * bits + 64)) // pi_scaled(bits + 64)
    found = [(quotient >> (64 * (words - 1 - n))) & (2**64 - 1) for n in range(words)]
    return [word - 2**64 if word >= 2**63 else word for word in found]


def _series(first: Decimal, ratio: Callable[[int], Decimal]) -> Decimal:
    """The sum of a series, given its first term and what the next term is times the one before."""
    total, term, k = first, first, 0
    while abs(term) > Decimal(10) ** -(DIGITS + GUARD) * max(abs(total), Decimal(10) ** -30):
        k += 1
        term *= ratio(k)
        total += term
    return total


def sin_rest(u: Decimal) -> Decimal:
    """`(sin(r) - r) / r³`, given `u = r²`."""
    return _series(Decimal(-1) / 6, lambda k: -u / ((2 * k + 2) * (2 * k + 3)))


def cos_rest(u: Decimal) -> Decimal:
    """`(cos(r) - 1 + r²/2) / r⁴`, given `u = r²`."""
    return _series(Decimal(1) / 24, lambda k: -u / ((2 * k + 3) * (2 * k + 4)))


def exp_rest(r: Decimal) -> Decimal:
    """`(exp(r) - 1 - r) / r²`."""
    return _series(Decimal(1) / 2, lambda k: r / (k + 2))


def log_rest(r: Decimal) -> Decimal:
    """`(log(1 + r) - r + r²/2) / r³`."""
    if abs(r) < Decimal("1e-3"):
        return horner([Decimal((-1) ** k) / (k + 3) for k in range(25)], r)
    return ((1 + r).ln() - r + r * r / 2) / r**3


def atanh_rest(u: Decimal) -> Decimal:
    """`(2 atanh(s) - 2 s) / s³`, given `u = s²`."""
    return 2 * horner([Decimal(1) / (2 * k + 3) for k in range(80)], u)


@cache
def erf(x: Decimal) -> Decimal:
    """The error function, by its Taylor series."""
    getcontext().prec = DIGITS + GUARD
    n, term, total = 0, x, x
    while abs(term) > Decimal(10) ** -(DIGITS + GUARD):
        n += 1
        term *= -x * x / n
        total += term / (2 * n + 1)
    return 2 / pi().sqrt() * total


def erf_ratio(u: Decimal) -> Decimal:
    """`erf(x) / x - 1`, given `u = x²`."""
    if u == 0:
        return 2 / pi().sqrt() - 1
    x = u.sqrt()
    return erf(x) / x - 1


def erfc_exponent(x: Decimal) -> Decimal:
    """`log2(1 - erf(x))`."""
    return (1 - erf(x)).ln() / Decimal(2).ln()


def atanh_log2(u: Decimal) -> Decimal:
    """`2 atanh(s) / (s ln 2)`, given `u = s²`."""
    return (2 + u * atanh_rest(u)) / Decimal(2).ln()


def atanh_log2_rest(u: Decimal) -> Decimal:
    """`(2 atanh(s) - 2 s - 2 s³ / 3) / (s⁵ ln 2)`, given `u = s²`."""
    return 2 * horner([Decimal(1) / (2 * k + 5) for k in range(80)], u) / Decimal(2).ln()


def exp2_rest(r: Decimal) -> Decimal:
    """`(2**r - 1) / r`."""
    ln2 = Decimal(2).ln()
    return _series(ln2, lambda k: r * ln2 / (k + 1))


def atan_rest(u: Decimal) -> Decimal:
    """`(atan(x) - x) / x³`, given `u = x²`; by the series where it is short, otherwise `2 atan(x / (1 + sqrt(1 + u)))`.

    Halving is done three times: `(atan(x) - x) / x³` is not found by a difference that cancels for small `x`.
    """
    if u < Decimal("0.003"):
        return _alternating(u)
    getcontext().prec = DIGITS + GUARD
    x = small = u.sqrt()
    for _ in range(5):
        small = small / (1 + (1 + small * small).sqrt())
    return (32 * (small + small**3 * _alternating(small * small)) - x) / x**3


def _alternating(u: Decimal) -> Decimal:
    return horner([Decimal((-1) ** (k + 1)) / (2 * k + 3) for k in range(40)], u)


def asin_rest(u: Decimal) -> Decimal:
    """`(asin(x) - x) / x³`, given `u = x²`: the series, whose terms fall as powers of `u`."""
    total, term, k = Decimal(0), Decimal(1), 0
    while k == 0 or abs(term) > Decimal(10) ** -DIGITS:
        k += 1
        term *= Decimal(2 * k - 1) / (2 * k) * (u if k > 1 else 1)
        total += term / (2 * k + 1)
        if not u:
            break
    return total


def _relative_to_atan(u: Decimal) -> Decimal:
    return u / (1 + u * atan_rest(u))


def _relative_to_asin(u: Decimal) -> Decimal:
    return u / (1 + u * asin_rest(u))


@dataclass(frozen=True)
class Fit:
    """A polynomial to find.

    Attributes:
        name: what it is called in the table.
        function: what it approximates.
        low, high: where.
        degree: its degree.
        dtype: the format of its coefficients.
        weight: what the error is multiplied by before it is made small: the result's sensitivity to it.
        doc: what `function` is.
        bits: the width of the format whose formula uses it, where that is not the width of `dtype`.
    """

    name: str
    function: Function
    low: float
    high: float
    degree: int
    dtype: type[np.floating]
    weight: Function
    doc: str
    bits: int = 0


def solve(matrix: list[list[Decimal]], right: list[Decimal]) -> list[Decimal]:
    """The solution of a system of linear equations, by elimination with pivots."""
    size = len(matrix)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    found = [Decimal(0)] * size
    for i in reversed(range(size)):
        known = sum((rows[i][k] * found[k] for k in range(i + 1, size)), Decimal(0))
        found[i] = (rows[i][size] - known) / rows[i][i]
    return found


def _power(x: Decimal, k: int) -> Decimal:
    return x**k if k else Decimal(1)


def horner(coefficients: Sequence[Decimal], x: Decimal) -> Decimal:
    """The value of a polynomial."""
    total = Decimal(0)
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


class _Samples:
    """A function and its weight at Chebyshev points of an interval."""

    def __init__(self, fit: Fit, count: int):
        nodes = np.cos(np.pi * np.arange(count) / (count - 1))[::-1]
        middle, half = (fit.low + fit.high) / 2, (fit.high - fit.low) / 2
        self.x = [Decimal(float(middle + half * node)) for node in nodes]
        self.f = [fit.function(x) for x in self.x]
        self.w = [fit.weight(x) for x in self.x]

    def errors(self, coefficients: Sequence[Decimal]) -> list[Decimal]:
        """The weighted error at each point."""
        return [w * (f - horner(coefficients, x)) for x, f, w in zip(self.x, self.f, self.w, strict=True)]


def remez(samples: _Samples, fixed: Sequence[Decimal], degree: int) -> list[Decimal]:
    """The polynomial of `degree` with the lowest coefficients `fixed` and the least maximal weighted error."""
    unknown = degree + 1 - len(fixed)
    usable = [n for n, w in enumerate(samples.w) if w != 0 and (samples.x[n] != 0 or not fixed)]
    places = np.linspace(0, len(usable) - 1, unknown + 1).round().astype(int)
    reference = [usable[n] for n in places]
    best: tuple[Decimal, list[Decimal]] | None = None
    for _ in range(30):
        matrix, right = [], []
        for sign, n in enumerate(reference):
            x, w = samples.x[n], samples.w[n]
            matrix.append([*(w * _power(x, k) for k in range(len(fixed), degree + 1)), Decimal((-1) ** sign)])
            right.append(w * (samples.f[n] - horner(fixed, x)))
        coefficients = [*fixed, *solve(matrix, right)[:-1]]
        errors = samples.errors(coefficients)
        worst = max(map(abs, errors))
        if best is None or worst < best[0]:
            best = worst, coefficients
        extremes = _extremes(errors, usable, unknown + 1)
        if extremes is None or extremes == reference:
            break
        reference = extremes
    assert best is not None
    return best[1]


def _extremes(errors: list[Decimal], usable: list[int], count: int) -> list[int] | None:
    """The points of largest error, one for each run of one sign; the `count` neighbouring ones that are largest."""
    runs: list[int] = []
    for n in usable:
        if runs and (errors[n] > 0) == (errors[runs[-1]] > 0):
            if abs(errors[n]) > abs(errors[runs[-1]]):
                runs[-1] = n
        else:
            runs.append(n)
    while len(runs) > count:
        runs.pop(0 if abs(errors[runs[0]]) < abs(errors[runs[-1]]) else -1)
    return runs if len(runs) == count else None


def fitted(fit: Fit) -> tuple[list[float], float]:
    """The coefficients of a fit, rounded to its dtype, lowest first; and the largest weighted error."""
    getcontext().prec = DIGITS
    samples = _Samples(fit, 40 * (fit.degree + 2))
    coarse = _Samples(fit, 12 * (fit.degree + 2))
    found: list[Decimal] = []
    while len(found) <= fit.degree:
        rest = remez(coarse if found else samples, found, fit.degree)
        found.append(_rounded(rest[len(found)], fit.dtype))
    return [float(c) for c in found], float(max(map(abs, samples.errors(found))))


def _rounded(value: Decimal, dtype: type[np.floating]) -> Decimal:
    """The nearest number of a format."""
    if dtype is np.float64:
        return Decimal(float(value))
    near = dtype(float(value))
    options = [near, np.nextafter(near, dtype(np.inf)), np.nextafter(near, dtype(-np.inf))]
    return min((Decimal(float(option)) for option in options), key=lambda option: abs(option - value))


def _relative_to_expm1(r: Decimal) -> Decimal:
    return r * r / abs(r.exp() - 1) if r else Decimal(0)


def _relative_to_exp(r: Decimal) -> Decimal:
    return r * r / r.exp()


def _relative_to_log(r: Decimal) -> Decimal:
    return abs(r**3 / (1 + r).ln()) if r else Decimal(0)


def _relative_to_exp2(r: Decimal) -> Decimal:
    return abs(r) / (r * Decimal(2).ln()).exp()


def _relative_to_erf(x: Decimal) -> Decimal:
    return (1 - erf(x)) / erf(x) * Decimal(2).ln()


HALF_LN2, QUARTER_PI = 0.3475, 0.80
"""Bounds of reduced arguments, with a margin: which multiple is nearest is decided after rounding."""
AROUND_SIXTH = (-0.1740, 0.5205)
"""An interval of length ln 2 on which `exp(r) - 1` is never far below 0."""
ROOT_LOW, ROOT_HIGH = 0.5**0.5 - 1 - 1e-4, 2**0.5 - 1 + 1e-4
ATANH_HIGH = (ROOT_HIGH / (2 + ROOT_HIGH)) ** 2
ONE = Decimal(1)
S, D = np.float32, np.float64

LOG2_POW_64 = "(2 atanh(s) - 2 s - 2 s³ / 3) / (s⁵ ln 2), of s²"

FITS = (
    Fit("EXP", exp_rest, -HALF_LN2, HALF_LN2, 4, S, _relative_to_exp, "(exp(r) - 1 - r) / r²"),
    Fit("EXP", exp_rest, -HALF_LN2, HALF_LN2, 10, D, _relative_to_exp, "(exp(r) - 1 - r) / r²"),
    Fit("EXPM1", exp_rest, *AROUND_SIXTH, 4, S, _relative_to_expm1, "(exp(r) - 1 - r) / r²"),
    Fit("EXPM1", exp_rest, *AROUND_SIXTH, 10, D, _relative_to_expm1, "(exp(r) - 1 - r) / r²"),
    Fit("EXP2", exp2_rest, -0.501, 0.501, 5, S, _relative_to_exp2, "(2**r - 1) / r"),
    Fit("EXP2", exp2_rest, -0.501, 0.501, 11, D, _relative_to_exp2, "(2**r - 1) / r"),
    Fit("LOG", log_rest, ROOT_LOW, ROOT_HIGH, 7, S, _relative_to_log, "(log(1 + r) - r + r²/2) / r³"),
    Fit("ATANH", atanh_rest, 0, ATANH_HIGH, 6, D, lambda u: u, "(2 atanh(s) - 2 s) / s³, of s²"),
    Fit("LOG2_POW", atanh_log2, 0, ATANH_HIGH, 5, D, lambda u: ONE / 3, "2 atanh(s) / (s ln 2), of s²", 32),
    Fit("LOG2_POW", atanh_log2_rest, 0, ATANH_HIGH, 7, D, lambda u: u * u / 3, LOG2_POW_64),
    Fit("EXP2_POW", exp2_rest, -0.501, 0.501, 6, D, _relative_to_exp2, "(2**r - 1) / r", 32),
    Fit("SIN", sin_rest, 0, QUARTER_PI**2, 2, S, lambda u: u, "(sin(r) - r) / r³, of r²"),
    Fit("SIN", sin_rest, 0, QUARTER_PI**2, 5, D, lambda u: u, "(sin(r) - r) / r³, of r²"),
    Fit("COS", cos_rest, 0, QUARTER_PI**2, 2, S, lambda u: u * u, "(cos(r) - 1 + r²/2) / r⁴, of r²"),
    Fit("COS", cos_rest, 0, QUARTER_PI**2, 5, D, lambda u: u * u, "(cos(r) - 1 + r²/2) / r⁴, of r²"),
    Fit("ATAN", atan_rest, 0, 1, 8, S, _relative_to_atan, "(atan(x) - x) / x³, of x²"),
    Fit("ATAN", atan_rest, 0, 1, 19, D, _relative_to_atan, "(atan(x) - x) / x³, of x²"),
    Fit("ASIN", asin_rest, 0, 0.25, 5, S, _relative_to_asin, "(asin(x) - x) / x³, of x²"),
    Fit("ASIN", asin_rest, 0, 0.25, 12, D, _relative_to_asin, "(asin(x) - x) / x³, of x²"),
    Fit("ERF_SMALL", erf_ratio, 0, 1, 6, S, lambda u: ONE, "erf(x) / x - 1, of x², up to 1"),
    Fit("ERF_SMALL", erf_ratio, 0, 1, 11, D, lambda u: ONE, "erf(x) / x - 1, of x², up to 1"),
    Fit("ERF_LARGE", erfc_exponent, 1, 3.95, 6, S, _relative_to_erf, "log2(1 - erf(x)), from 1 on"),
    Fit("ERF_LARGE", erfc_exponent, 1, 5.95, 18, D, _relative_to_erf, "log2(1 - erf(x)), from 1 on"),
)

_HEAD = '''"""Coefficients of minimax polynomials, from the constant one up, by the width of the format.

Made by `tools/fit_polynomials.py`, which also says on which interval each holds. `error` is the largest relative error
it adds to the result.
"""

from __future__ import annotations

Table = dict[int, tuple[float, ...]]
'''

TABLE = Path(__file__).parent.parent / "compiler" / "lowering" / "elementary" / "coefficients.py"


def table() -> str:
    """The text of the file of coefficients."""
    lines = [_HEAD]
    for name in dict.fromkeys(fit.name for fit in FITS):
        fits = [fit for fit in FITS if fit.name == name]
        lines.append(f"{name}: Table = {{")
        errors, docs = [], []
        for fit in fits:
            coefficients, error = fitted(fit)
            bits = fit.bits or 8 * np.dtype(fit.dtype).itemsize
            errors.append(f"2**{np.log2(error):.1f} for {bits} bits")
            docs.append(f"`{fit.doc}`")
            lines += [f"    {bits}: (", *(f"        {c!r}," for c in coefficients), "    ),"]
        lines += ["}", f'"""{"; ".join(dict.fromkeys(docs))}.', "", f"Error {', '.join(errors)}.", '"""', ""]
    words = (f"    {word}," for word in two_over_pi_words())
    lines += ["TWO_OVER_PI = (", *words, ")", '"""The bits of 2 / pi in signed words of 64 bits, after 32 zeros."""']
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Print the table, or write it where the compiler reads it."""
    text = table()
    if "--write" in arguments:
        TABLE.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
