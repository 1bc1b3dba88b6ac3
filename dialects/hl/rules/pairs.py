"""Ops on complex numbers as ops on pairs of real ones: what the blocks of ops say in `decompose`.

    decompose = by_parts
    decompose = by_formula(product)

A rule is given the op and, for each operand, a `Real` or, where it is complex, a `Pair`; it returns the same for each
result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from xdsl.dialects import arith
from xdsl.ir import Attribute, Operation, SSAValue

from ...dtypes import DType, dtype_of
from ...emitter import Emitter
from ...packing import is_complex, real_type
from ...types import dense


@dataclass(frozen=True)
class Real:
    """A real tensor; operators and functions of it are emitted as ops. Numbers take its dtype.

    Attributes:
        e: what emits the ops.
        value: the tensor.
    """

    e: Emitter
    value: SSAValue

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return dtype_of(self.value.type)

    def __add__(self, other: Real | float) -> Real:
        return self.apply("add", other)

    def __sub__(self, other: Real | float) -> Real:
        return self.apply("sub", other)

    def __mul__(self, other: Real | float) -> Real:
        return self.apply("mul", other)

    def __truediv__(self, other: Real | float) -> Real:
        return self.apply("div", other)

    def __neg__(self) -> Real:
        return self.apply("neg")

    def __lt__(self, other: Real | float) -> Real:
        return self.apply("less", other)

    def __ge__(self, other: Real | float) -> Real:
        return self.apply("greater_equal", other)

    def __and__(self, other: Real) -> Real:
        return self.apply("logical_and", other)

    def __or__(self, other: Real) -> Real:
        return self.apply("logical_or", other)

    def equals(self, other: Real | float) -> Real:
        """Where the elements are equal."""
        return self.apply("equal", other)

    def differs(self, other: Real | float) -> Real:
        """Where the elements are not equal."""
        return self.apply("not_equal", other)

    def choose(self, x: Real | float, y: Real | float) -> Real:
        """`x` where this, a tensor of booleans, holds, else `y`; one of them is a tensor."""
        like = x if isinstance(x, Real) else y
        assert isinstance(like, Real)
        return self._emitted("select", self.value, like.operand(x), like.operand(y))

    def operand(self, other: Real | float) -> SSAValue:
        """The tensor of an operand; of a number a constant in this tensor's dtype."""
        if isinstance(other, Real):
            return other.value
        return self.e.value(arith.ConstantOp(dense(np.array(other, self.dtype))))

    def apply(self, name: str, *others: Real | float, **attrs: object) -> Real:
        """The op `hl.name` on this tensor and others."""
        return self._emitted(name, self.value, *map(self.operand, others), **attrs)

    def _emitted(self, name: str, *operands: SSAValue, **attrs: object) -> Real:
        from ..registry import OPS  # the families that it lists use these rules

        return Real(self.e, self.e.value(OPS[f"hl.{name}"].build(operands, attrs)))

    def zeros(self) -> Real:
        """Zeros of the same shape, whatever the elements are."""
        return self.equals(self).choose(Real(self.e, self.operand(0)), 0)


class Pair(NamedTuple):
    """A complex tensor as two real ones."""

    real: Real
    imaginary: Real


Part: TypeAlias = Real | Pair
Decompose: TypeAlias = Callable[[Emitter, Any, Sequence[Part]], Sequence[Part]]
"""Given an op and its operands, emits what replaces it, and returns its results."""


def by_formula(formula: Callable[..., Part]) -> staticmethod[[Emitter, Any, Sequence[Part]], Sequence[Part]]:
    """`decompose`: what a function returns for the operands, for an op that has one result."""

    def decompose(e: Emitter, op: Operation, operands: Sequence[Part]) -> Sequence[Part]:
        """The formula."""
        return [formula(*operands)]

    return staticmethod(decompose)


def rebuilt(
    e: Emitter, op: Operation, operands: Sequence[Real], types: Sequence[Attribute] | None = None
) -> list[Real]:
    """The results of the same op on real operands; results that were complex are real."""
    types = types or [real_type(result.type) for result in op.results]
    new = type(op).create(
        operands=[operand.value for operand in operands], result_types=types, properties=op.properties
    )
    return [Real(e, result) for result in e.add(new).results]


def _by_parts(e: Emitter, op: Operation, operands: Sequence[Part]) -> Sequence[Part]:
    """The op on the real parts, and on the imaginary parts; once for results that are not complex."""
    reals = rebuilt(e, op, [part.real if isinstance(part, Pair) else part for part in operands])
    if not any(is_complex(result.type) for result in op.results):
        return reals
    others = rebuilt(e, op, [part.imaginary if isinstance(part, Pair) else part for part in operands])
    return [Pair(real, other) for real, other in zip(reals, others, strict=True)]


by_parts = staticmethod(_by_parts)
"""`decompose` of ops that move elements, and of sums: the op on the real parts, and on the imaginary parts."""


def magnitude(z: Pair) -> Real:
    """`|z|`, without overflow on the way; infinite where a part is, as C's `hypot`."""
    a, b = (part.apply("abs") for part in z)
    large, small = a.apply("maximum", b), a.apply("minimum", b)
    ratio = small / large.equals(0).choose(1, large)
    found = large * (ratio * ratio + 1).apply("sqrt")
    return (a.equals(np.inf) | b.equals(np.inf)).choose(np.inf, found)


def angle(z: Pair) -> Real:
    """The angle of `z` to the positive real axis."""
    return z.imaginary.apply("atan2", z.real)


def polar(radius: Real, phi: Real) -> Pair:
    """The number of that magnitude and angle."""
    return Pair(radius * phi.apply("cos"), radius * phi.apply("sin"))


def product(x: Pair, y: Pair) -> Pair:
    """`x * y`."""
    real = x.real * y.real - x.imaginary * y.imaginary
    return Pair(real, x.real * y.imaginary + x.imaginary * y.real)


def quotient(x: Pair, y: Pair) -> Pair:
    """`x / y`. Smith, "Algorithm 116: Complex division" (1962); by 0 the parts divided by it, as NumPy."""
    (a, b), (c, d) = x, y
    first = c.apply("abs") >= d.apply("abs")
    large, small = first.choose(c, d), first.choose(d, c)
    is_zero = large.equals(0)
    ratio = is_zero.choose(0, small / large)
    scale = is_zero.choose(large.apply("abs"), large + small * ratio)
    real = first.choose(a + b * ratio, a * ratio + b) / scale
    return Pair(real, first.choose(b - a * ratio, b * ratio - a) / scale)


def exponential(z: Pair) -> Pair:
    """`exp(z)`; real for a real `z`."""
    radius = z.real.apply("exp")
    found = polar(radius, z.imaginary)
    is_real, none = z.imaginary.equals(0), radius.equals(0)
    real = none.choose(0, is_real.choose(radius, found.real))
    return Pair(real, none.choose(0, is_real.choose(z.imaginary, found.imaginary)))


def logarithm(z: Pair) -> Pair:
    """`log(z)`, the principal value."""
    return Pair(magnitude(z).apply("log"), angle(z))


def square_root(z: Pair) -> Pair:
    """`sqrt(z)`, the principal value."""
    half = ((z.real.apply("abs") + magnitude(z)) * 0.5).apply("sqrt")
    other = half.equals(0).choose(0, z.imaginary / (half * 2))
    right = z.real >= 0
    return Pair(
        right.choose(half, other.apply("abs")), right.choose(other, is_negative(z.imaginary).choose(-half, half))
    )


def is_negative(x: Real) -> Real:
    """Whether `x` is below 0, or -0."""
    is_zero = x.equals(0)
    return (x < 0) | (is_zero & (Real(x.e, x.operand(1)) / is_zero.choose(x, 1) < 0))


def sine(z: Pair) -> Pair:
    """`sin(z)`."""
    (a, b) = z
    return Pair(a.apply("sin") * b.apply("cosh"), a.apply("cos") * b.apply("sinh"))


def cosine(z: Pair) -> Pair:
    """`cos(z)`."""
    (a, b) = z
    return Pair(a.apply("cos") * b.apply("cosh"), -(a.apply("sin") * b.apply("sinh")))


def hyperbolic_sine(z: Pair) -> Pair:
    """`sinh(z)`."""
    (a, b) = z
    return Pair(a.apply("sinh") * b.apply("cos"), a.apply("cosh") * b.apply("sin"))


def hyperbolic_cosine(z: Pair) -> Pair:
    """`cosh(z)`."""
    (a, b) = z
    return Pair(a.apply("cosh") * b.apply("cos"), a.apply("sinh") * b.apply("sin"))


_LARGE = 22
"""For a real part that is larger, the real part of `tanh` is 1 in float64."""


def hyperbolic_tangent(z: Pair) -> Pair:
    """`tanh(z)`. Kahan, "Branch cuts for complex elementary functions" (1987)."""
    (a, b) = z
    size = a.apply("abs")
    is_large = size >= _LARGE
    near = is_large.choose(0, a)
    tangent = b.apply("tan")
    beta, sinh = tangent * tangent + 1, near.apply("sinh")
    scale = beta * sinh * sinh + 1
    real = beta * (sinh * sinh + 1).apply("sqrt") * sinh / scale
    decay = (size * -2).apply("exp")
    far = decay.equals(0).choose(0, b.apply("sin") * b.apply("cos") * 4 * decay)
    return Pair(is_large.choose(a.apply("sign"), real), is_large.choose(far, tangent / scale))


def tangent(z: Pair) -> Pair:
    """`tan(z)`, which is `-i tanh(iz)`."""
    found = hyperbolic_tangent(Pair(-z.imaginary, z.real))
    return Pair(found.imaginary, -found.real)


def power(x: Pair, y: Pair) -> Pair:
    """`x ** y`, the principal value; 1 for the power 0, and 0 for a power of 0."""
    found = exponential(product(y, logarithm(x)))
    nothing = x.real.equals(0) & x.imaginary.equals(0)
    none = y.real.equals(0) & y.imaginary.equals(0)
    real = none.choose(1, nothing.choose(0, found.real))
    return Pair(real, (none | nothing).choose(0, found.imaginary))


def inverse(z: Pair) -> Pair:
    """`1 / z`."""
    one = Real(z.real.e, z.real.operand(1))
    return quotient(Pair(one, one - one), z)


def exponential_less_1(z: Pair) -> Pair:
    """`exp(z) - 1`, exact for a small `z` too."""
    (a, b) = z
    half = (b * 0.5).apply("sin")
    real = a.apply("expm1") * b.apply("cos") - half * half * 2
    return Pair(real, a.apply("exp") * b.apply("sin"))


def logarithm_of_1_plus(z: Pair) -> Pair:
    """`log(1 + z)`, exact for a small `z` too."""
    (a, b) = z
    moved = Pair(a + 1, b)
    near = (a * (a + 2) + b * b).apply("log1p") * 0.5
    is_near = magnitude(z) < 0.5
    return Pair(is_near.choose(near, magnitude(moved).apply("log")), angle(moved))


def logistic(z: Pair) -> Pair:
    """`1 / (1 + exp(-z))`."""
    found = exponential(Pair(-z.real, -z.imaginary))
    return inverse(Pair(found.real + 1, found.imaginary))


def _product_of_parts(e: Emitter, op: Any, operands: Sequence[Part]) -> Sequence[Part]:
    """The product of the magnitudes, and the sum of the angles."""
    (z,) = operands
    assert isinstance(z, Pair)
    radius = rebuilt(e, op, [magnitude(z)])[0]
    name = op.name.removeprefix("hl.").replace("prod", "sum")
    return [polar(radius, angle(z).apply(name, **op.attrs()))]


product_of_parts = staticmethod(_product_of_parts)
"""`decompose` of products of many."""
