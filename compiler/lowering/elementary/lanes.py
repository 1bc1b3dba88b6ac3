"""Formulas as Python expressions that emit ops: on scalars, and on vectors lane by lane, without branches.

`fma(x, a, b) * s` on values emits the three ops at the emitter's place; Python numbers become constants of the type of
the value they stand beside. The same formula serves scalars (`arith`) and vectors (`arith` where it takes vectors,
otherwise `simd`).
"""

from __future__ import annotations

import math as math_of_python
from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects import arith, math, vector
from xdsl.dialects.builtin import AnyFloat, Float32Type, Float64Type, IntegerType, VectorType
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects import simd
from ....dialects.emitter import Emitter


@dataclass(frozen=True)
class Format:
    """A binary floating-point format.

    Attributes:
        bits: its width.
        mantissa: bits of the mantissa that are stored.
    """

    bits: int
    mantissa: int

    @property
    def bias(self) -> int:
        """What is added to an exponent that is stored."""
        return (1 << (self.bits - self.mantissa - 2)) - 1

    @property
    def one(self) -> int:
        """The bits of 1."""
        return self.bias << self.mantissa

    @property
    def infinity(self) -> int:
        """The bits of infinity."""
        return (2 * self.bias + 1) << self.mantissa

    @property
    def smallest_normal(self) -> float:
        """The smallest positive number with a full mantissa."""
        return math_of_python.ldexp(1.0, 1 - self.bias)

    @property
    def rounder(self) -> float:
        """A number which, added to one not larger than a fourth of it, leaves that rounded to an integer in the low
        bits of the sum.
        """
        return 1.5 * 2.0**self.mantissa


SINGLE = Format(32, 23)
DOUBLE = Format(64, 52)


@dataclass
class Constants:
    """The constants of a function, each made once, at its beginning.

    Attributes:
        e: inserts there.
    """

    e: Emitter
    _made: dict[tuple[Attribute, str], SSAValue] = field(default_factory=dict)

    def get(self, value: float | int, type_: Attribute) -> SSAValue:
        """A constant of a scalar type, or with the same number in each lane of a vector."""
        key = type_, value.hex() if isinstance(value, float) else str(value)
        if key not in self._made:
            self._made[key] = self._make(value, type_)
        return self._made[key]

    def _make(self, value: float | int, type_: Attribute) -> SSAValue:
        if math_of_python.isfinite(value) or not isinstance(type_, VectorType):
            return self.e.constant(value, type_)
        # xDSL's parser takes a dense 0x7F800000 for a number.
        return self.e.value(vector.BroadcastOp(self.get(value, type_.element_type), type_))


@dataclass(frozen=True)
class Scope:
    """Where ops go, and where their constants go."""

    e: Emitter
    constants: Constants


def like(type_: Attribute, element: Attribute) -> Attribute:
    """`element`, or a vector of it with as many lanes as `type_` has."""
    return VectorType(element, type_.shape) if isinstance(type_, VectorType) else element


class Value:
    """A number, an integer or a boolean, or a vector of them.

    Attributes:
        ssa: the value in the IR.
        scope: where what is computed from it goes.
    """

    __slots__ = ("scope", "ssa")

    def __init__(self, ssa: SSAValue, scope: Scope):
        self.ssa, self.scope = ssa, scope

    @property
    def type(self) -> Attribute:
        """The type in the IR."""
        return self.ssa.type

    @property
    def element(self) -> Attribute:
        """The type of one lane."""
        return self.type.element_type if isinstance(self.type, VectorType) else self.type

    @property
    def is_vector(self) -> bool:
        """Whether there are lanes."""
        return isinstance(self.type, VectorType)

    @property
    def format(self) -> Format:
        """The floating-point format, of a float or of the bits of one."""
        element = self.element
        assert isinstance(element, IntegerType | AnyFloat)
        return SINGLE if element.bitwidth == 32 else DOUBLE

    def emit(self, op: Operation) -> Value:
        """Insert an op; its result."""
        return Value(self.scope.e.value(op), self.scope)

    def constant(self, value: float | int, type_: Attribute | None = None) -> Value:
        """A constant of this value's type, or of another."""
        return Value(self.scope.constants.get(value, self.type if type_ is None else type_), self.scope)

    def _other(self, other: Value | float) -> SSAValue:
        return other.ssa if isinstance(other, Value) else self.constant(other).ssa

    def _binary(self, real: type[Operation] | None, whole: type[Operation] | None, other: Value | float) -> Value:
        kind = real if isinstance(self.element, AnyFloat) else whole
        assert kind is not None
        return self.emit(kind(self.ssa, self._other(other)))  # pyright: ignore[reportCallIssue]

    def __add__(self, other: Value | float) -> Value:
        return self._binary(arith.AddfOp, arith.AddiOp, other)

    def __sub__(self, other: Value | float) -> Value:
        return self._binary(arith.SubfOp, arith.SubiOp, other)

    def __mul__(self, other: Value | float) -> Value:
        return self._binary(arith.MulfOp, arith.MuliOp, other)

    def __truediv__(self, other: Value | float) -> Value:
        return self._binary(arith.DivfOp, None, other)

    def __radd__(self, other: float) -> Value:
        return self.constant(other) + self

    def __rsub__(self, other: float) -> Value:
        return self.constant(other) - self

    def __rmul__(self, other: float) -> Value:
        return self.constant(other) * self

    def __rtruediv__(self, other: float) -> Value:
        return self.constant(other) / self

    def __neg__(self) -> Value:
        if isinstance(self.element, AnyFloat):
            return self.emit(arith.NegfOp(self.ssa))
        return 0 - self

    def __and__(self, other: Value | int) -> Value:
        return self._binary(None, arith.AndIOp, other)

    def __or__(self, other: Value | int) -> Value:
        return self._binary(None, arith.OrIOp, other)

    def __xor__(self, other: Value | int) -> Value:
        return self._binary(None, arith.XOrIOp, other)

    def __lshift__(self, other: Value | int) -> Value:
        return self._binary(None, arith.ShLIOp, other)

    def __rshift__(self, other: Value | int) -> Value:
        """Keeps the sign."""
        return self._binary(None, arith.ShRSIOp, other)

    def shift_in_zeros(self, other: Value | int) -> Value:
        """Shifted to the right, as an unsigned integer."""
        return self._binary(None, arith.ShRUIOp, other)

    def _compare(self, real: str, whole: str, other: Value | float) -> Value:
        right = self._other(other)
        if isinstance(self.element, AnyFloat):
            if self.is_vector:
                return self.emit(simd.CmpfOp(self.ssa, right, _FLOAT_PREDICATES[real]))
            return self.emit(arith.CmpfOp(self.ssa, right, real))
        if self.is_vector:
            return self.emit(simd.CmpiOp(self.ssa, right, _INTEGER_PREDICATES[whole]))
        return self.emit(arith.CmpiOp(self.ssa, right, whole))

    def __lt__(self, other: Value | float) -> Value:
        """False where either is NaN, as all comparisons but `differs`."""
        return self._compare("olt", "slt", other)

    def __le__(self, other: Value | float) -> Value:
        return self._compare("ole", "sle", other)

    def __gt__(self, other: Value | float) -> Value:
        return self._compare("ogt", "sgt", other)

    def __ge__(self, other: Value | float) -> Value:
        return self._compare("oge", "sge", other)

    def equals(self, other: Value | float) -> Value:
        """Where both are the same number."""
        return self._compare("oeq", "eq", other)

    def differs(self, other: Value | float) -> Value:
        """Where they are not the same number, or one is NaN."""
        return self._compare("une", "ne", other)

    def where(self, then: Value | float, otherwise: Value | float) -> Value:
        """Of a boolean: `then` where it holds, else `otherwise`. At least one of them is a value."""
        known = then if isinstance(then, Value) else otherwise
        assert isinstance(known, Value)
        kind = simd.SelectOp if self.is_vector else arith.SelectOp
        return self.emit(kind(self.ssa, known._other(then), known._other(otherwise)))

    def at_most(self, limit: float) -> Value:
        """The lesser of this and a number; NaN stays NaN."""
        return (self > limit).where(limit, self)

    def at_least(self, limit: float) -> Value:
        """The greater of this and a number; NaN stays NaN."""
        return (self < limit).where(limit, self)

    @property
    def bits(self) -> Value:
        """The bits of a float as an integer."""
        return self.emit(arith.BitcastOp(self.ssa, like(self.type, IntegerType(self.format.bits))))

    @property
    def as_float(self) -> Value:
        """The float with these bits."""
        return self.emit(arith.BitcastOp(self.ssa, like(self.type, _FLOATS[self.format.bits])))

    def to_float(self) -> Value:
        """A signed integer as a float of its width, or a float as wide as it."""
        return self._cast("sitofp", arith.SIToFPOp, _FLOATS[self.format.bits])

    def widened(self) -> Value:
        """A float32 as a float64."""
        return self.emit(arith.ExtFOp(self.ssa, like(self.type, Float64Type())))

    def narrowed(self) -> Value:
        """A float64 rounded to float32."""
        return self.emit(arith.TruncFOp(self.ssa, like(self.type, Float32Type())))

    def unsigned_to_64(self) -> Value:
        """A 32-bit integer, with zeros above, in 64 bits."""
        return self._cast("extui", arith.ExtUIOp, IntegerType(64))

    def to_32(self) -> Value:
        """The low half of a 64-bit integer."""
        return self._cast("trunci", arith.TruncIOp, IntegerType(32))

    def _cast(self, name: str, scalar: type[Operation], element: Attribute) -> Value:
        if self.is_vector:
            return self.emit(simd.CastOp(name, self.ssa, like(self.type, element)))
        return self.emit(scalar(self.ssa, element))  # pyright: ignore[reportCallIssue]

    def __abs__(self) -> Value:
        return self.emit(math.AbsFOp(self.ssa))

    def with_sign_of(self, other: Value) -> Value:
        """This size with the other's sign."""
        return self.emit(math.CopySignOp(self.ssa, other.ssa))

    def square_root(self) -> Value:
        """The square root; NaN below 0."""
        return self.emit(math.SqrtOp(self.ssa))

    def floor(self) -> Value:
        """Rounded down."""
        return self.emit(math.FloorOp(self.ssa))


def fma(a: Value, b: Value | float, c: Value | float) -> Value:
    """`a * b + c`, rounded once."""
    return a.emit(math.FmaOp(a.ssa, a._other(b), a._other(c)))


def horner(x: Value, coefficients: Sequence[float]) -> Value:
    """A polynomial in `x`, its coefficients given from the constant one up."""
    total = x.constant(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = fma(total, x, coefficient)
    return total


_FLOATS: dict[int, AnyFloat] = {32: Float32Type(), 64: Float64Type()}
_FLOAT_PREDICATES = {"oeq": 1, "ogt": 2, "oge": 3, "olt": 4, "ole": 5, "une": 13}
_INTEGER_PREDICATES = {"eq": 0, "ne": 1, "slt": 2, "sle": 3, "sgt": 4, "sge": 5}
