"""Wrong expansions of elementary functions."""

from __future__ import annotations

from .mutant import Mutant


def _expansion(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"compiler.lowering.elementary.{module}", before, after, "expand-math")


MUTANTS = (
    _expansion(
        "exp of large numbers is finite", "exponential", "32: _Constants(-104.0, 89.0,", "32: _Constants(-104.0, 80.0,"
    ),
    _expansion("exp of small numbers is not 0", "exponential", "32: _Constants(-104.0,", "32: _Constants(-60.0,"),
    _expansion("expm1 is -1 too early", "exponential", "-18.0, 10.0, 2.0**-26)", "-3.0, 10.0, 2.0**-26)"),
    _expansion(
        "the sign of zero: expm1",
        "exponential",
        "return (abs(x) < c.tiny).where(x, result + result)",
        "return result + result",
    ),
    _expansion(
        "tanh is 1 too early",
        "exponential",
        "64: _Constants(-746.0, 710.0, -40.0, 20.0,",
        "64: _Constants(-746.0, 710.0, -40.0, 2.0,",
    ),
    _expansion(
        "tanh has no sign", "exponential", "fma(-h, ratio, h), ratio).with_sign_of(x)", "fma(-h, ratio, h), ratio)"
    ),
    _expansion(
        "the logarithm of 0 is finite",
        "logarithm",
        "x.equals(zero).where(x.constant(-math_of_python.inf), math_of_python.nan)",
        "x.constant(math_of_python.nan)",
    ),
    _expansion(
        "the logarithm of infinity",
        "logarithm",
        "return (x < math_of_python.inf).where((x > zero).where(result, special), x)",
        "return (x > zero).where(result, special)",
    ),
    _expansion(
        "the logarithm of very small numbers",
        "logarithm",
        "_combined(n.to_float() - by, m - 1.0)",
        "_combined(n.to_float(), m - 1.0)",
    ),
    _expansion("log1p rounds small numbers away", "logarithm", "fma(left_out, scale, m - 1.0)", "m - 1.0"),
    _expansion(
        "erf has no sign", "error_function", "fma(-power, scale, 1.0).with_sign_of(x)", "fma(-power, scale, 1.0)"
    ),
    _expansion(
        "the wrong quadrant: cos", "trigonometric", "return _at_quadrant(r, q + 1)", "return _at_quadrant(r, q + 3)"
    ),
    _expansion("sin is an even function", "trigonometric", "return (result.bits ^ sign).as_float", "return result"),
    _expansion(
        "odd powers of negative numbers are positive",
        "power",
        "sign = (whole & odd).where(",
        "sign = (whole & odd & (y < 0.0)).where(",
    ),
    _expansion(
        "broken powers of negative numbers are numbers",
        "power",
        "result = undefined.where(math_of_python.nan, (result.bits ^ sign).as_float)",
        "result = (result.bits ^ sign).as_float",
    ),
    _expansion(
        "NaN to the power 0 is NaN",
        "power",
        "return y.equals(0.0).where(1.0, x.differs(x).where(x, result))",
        "return x.differs(x).where(x, y.equals(0.0).where(1.0, result))",
    ),
)
"""exp, log, trigonometry, powers."""
