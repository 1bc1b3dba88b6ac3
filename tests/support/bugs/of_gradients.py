"""Wrong gradients: the tests have to notice these."""

from __future__ import annotations

from .mutant import Mutant

_EDGES = "tests/properties/test_gradient_edges.py"
_DIFFERENCES = "tests/properties/test_gradients.py"


def _gradient(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"dialects.hl.{module}", before, after, tests=(_EDGES, _DIFFERENCES))


MUTANTS = (
    _gradient(
        "the mean divides by all elements where sizes are unknown",
        "reduce",
        "count = m.divide(whole, part)",
        "count = whole",
    ),
    _gradient(
        "a product has no slope at a lone zero",
        "reduce",
        "alone = m.equal(m.subtract(zeros, others), zero)",
        "alone = m.equal(zeros, zero)",
    ),
    _gradient("ties of an extreme each count in full", "reduce", "m.divide(share, count)", "share"),
    _gradient(
        "sin has the slope of -cos",
        "special",
        "m.multiply(dy, m.conj(m.cos(x)))",
        "m.negative(m.multiply(dy, m.conj(m.cos(x))))",
    ),
    _gradient(
        "relu has a slope at 0",
        "special",
        "m.where(m.greater(x, m.cast(0, dy.dtype)), dy",
        "m.where(m.greater_equal(x, m.cast(0, dy.dtype)), dy",
    ),
    _gradient(
        "tanh: a square is missing",
        "special",
        "m.subtract(m.cast(1, dy.dtype), m.multiply(y, y))",
        "m.subtract(m.cast(1, dy.dtype), y)",
    ),
    _gradient(
        "a power of 0 has a slope",
        "power",
        "m.where(m.equal(y, zero), zero, m.conj(slope))",
        "m.where(m.equal(x, zero), zero, m.conj(slope))",
    ),
    _gradient(
        "a difference: the second sign",
        "arithmetic",
        "(dz, m.negative(dz))",
        "(dz, dz)",
    ),
    _gradient(
        "a quotient: a factor is missing",
        "arithmetic",
        "m.negative(m.multiply(dx, m.conj(call.outputs[0])))",
        "m.negative(dx)",
    ),
    _gradient(
        "a size: the sign is missing", "arithmetic", "m.multiply(m.cast(dy, x.dtype), m.sign(x))", "m.cast(dy, x.dtype)"
    ),
    _gradient(
        "a remainder: its quotient is missing",
        "division",
        "m.negative(m.multiply(dz, m.floordiv(*call.inputs)))",
        "m.negative(dz)",
    ),
    _gradient(
        "a choice: the branches are exchanged",
        "selection",
        "m.where(condition, dz, nothing), m.where(condition, nothing, dz)",
        "m.where(condition, nothing, dz), m.where(condition, dz, nothing)",
    ),
    _gradient(
        "a transpose: the permutation and not its inverse",
        "movement",
        "m.transpose(dy, [perm.index(axis) for axis in range(len(perm))])",
        "m.transpose(dy, list(perm))",
    ),
    _gradient(
        "erf: the wrong factor",
        "special",
        "m.cast(2 / _ROOT_OF_PI, dy.dtype)",
        "m.cast(1 / _ROOT_OF_PI, dy.dtype)",
    ),
    _gradient(
        "log1p has the slope of log",
        "transcendental",
        "m.divide(dy, m.conj(m.add(x, m.cast(1, dy.dtype))))",
        "m.divide(dy, x)",
    ),
    _gradient(
        "sqrt: a half is missing",
        "transcendental",
        "m.divide(m.multiply(dy, m.cast(0.5, dy.dtype)), m.conj(y))",
        "m.divide(dy, y)",
    ),
)
"""Slopes of reductions, elementwise functions and movements."""
