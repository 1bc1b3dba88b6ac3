"""The error function in float64 as an ONNX graph: Moshier's rational approximations (Cephes `ndtr.c`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .facets import OnnxGraph

_SMALL_TOP = (
    9.60497373987051638749e0,
    9.00260197203842689217e1,
    2.23200534594684319226e3,
    7.00332514112805075473e3,
    5.55923013010394962768e4,
)
_SMALL_BOTTOM = (
    1.0,
    3.35617141647503099647e1,
    5.21357949780152679795e2,
    4.59432382970980127987e3,
    2.26290000613890934246e4,
    4.92673942608635921086e4,
)
_LARGE_TOP = (
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
_LARGE_BOTTOM = (
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


def erf_nodes(g: OnnxGraph, x: str) -> str:
    """Nodes for `erf(x)` of a float64 `x`, good to a few units in the last place."""
    one = _number(g, 1.0)
    square = g.node("Mul", [x, x])
    ratio = g.node("Div", [_polynomial(g, square, _SMALL_TOP), _polynomial(g, square, _SMALL_BOTTOM)])
    small = g.node("Mul", [x, ratio])
    # Beyond 6 the result is 1 to the last bit.
    size = g.node("Min", [g.node("Abs", [x]), _number(g, 6.0)])
    ratio = g.node("Div", [_polynomial(g, size, _LARGE_TOP), _polynomial(g, size, _LARGE_BOTTOM)])
    fall = g.node("Exp", [g.node("Neg", [g.node("Mul", [size, size])])])
    large = g.node("Mul", [g.node("Sign", [x]), g.node("Sub", [one, g.node("Mul", [fall, ratio])])])
    result = g.node("Where", [g.node("Less", [size, one]), small, large])
    return g.node("Where", [g.node("IsNaN", [x]), x, result])


def _number(g: OnnxGraph, value: float) -> str:
    return g.constant(np.array(value, np.float64))


def _polynomial(g: OnnxGraph, x: str, coefficients: Sequence[float]) -> str:
    """Horner's rule, from the highest power down."""
    total = _number(g, coefficients[0])
    for coefficient in coefficients[1:]:
        total = g.node("Add", [g.node("Mul", [total, x]), _number(g, coefficient)])
    return total
