"""The meaning of `arith`: two's complement integers that wrap around, IEEE 754 floats.

A shift by the width or more, and a division by zero, are errors. The largest negative integer divided by -1 is itself.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
from xdsl.dialects import arith
from xdsl.interpreter import InterpreterFunctions, PythonValues, register_impls
from xdsl.ir import Operation

from .machine import Machine, choose, impl, is_lanes, pure_functions
from .values import Value, as_integer, as_signed, as_unsigned, constant, dtype_of

Binary = Callable[[Value, Value], Value]


def wrapping(function: Binary, on_bits: Binary) -> Binary:
    """`function`, which wraps around in numpy as it should, and what it is on single bits."""
    return lambda a, b: (on_bits if a.dtype == np.bool_ else function)(a, b)


def seen_as(view: Callable[[Value], Value], function: Binary) -> Binary:
    """`function` on the operands seen through `view`, its result cut to their width again."""
    return lambda a, b: as_integer(function(view(a), view(b)), a.dtype)


def extreme_with_nan(function: Binary) -> Binary:
    """Minimum and maximum that prefer a NaN, and know that -0 is less than 0."""
    keep_sign = np.logical_or if function is np.minimum else np.logical_and

    def run(a: Value, b: Value) -> Value:
        negative = keep_sign(np.signbit(a), np.signbit(b))
        zero = choose(negative, a.dtype.type(-0.0), a.dtype.type(0.0))
        return choose((a == 0) & (b == 0), zero, function(a, b))

    return run


def extreme_without_nan(function: Binary) -> Binary:
    """Minimum and maximum that give the other operand where one is NaN."""
    of_numbers = extreme_with_nan(function)
    return lambda a, b: choose(np.isnan(a), b, choose(np.isnan(b), a, of_numbers(a, b)))


BINARY: dict[type[Operation], Binary] = {
    arith.AddiOp: wrapping(operator.add, operator.xor),
    arith.SubiOp: wrapping(operator.sub, operator.xor),
    arith.MuliOp: wrapping(operator.mul, operator.and_),
    arith.AndIOp: operator.and_,
    arith.OrIOp: operator.or_,
    arith.XOrIOp: operator.xor,
    arith.MinSIOp: seen_as(as_signed, np.minimum),
    arith.MaxSIOp: seen_as(as_signed, np.maximum),
    arith.MinUIOp: seen_as(as_unsigned, np.minimum),
    arith.MaxUIOp: seen_as(as_unsigned, np.maximum),
    arith.AddfOp: operator.add,
    arith.SubfOp: operator.sub,
    arith.MulfOp: operator.mul,
    arith.DivfOp: np.divide,
    arith.MaximumfOp: extreme_with_nan(np.maximum),
    arith.MinimumfOp: extreme_with_nan(np.minimum),
    arith.MaxnumfOp: extreme_without_nan(np.maximum),
    arith.MinnumfOp: extreme_without_nan(np.minimum),
}


def divide_truncated(a: Value, b: Value) -> Value:
    """The quotient rounded towards zero."""
    return (a - np.fmod(a, b)) // b


def divide_up(a: Value, b: Value) -> Value:
    """The quotient rounded up."""
    return a // b + (a % b != 0)


DIVISIONS: dict[type[Operation], Binary] = {
    arith.DivSIOp: seen_as(as_signed, divide_truncated),
    arith.RemSIOp: seen_as(as_signed, np.fmod),
    arith.FloorDivSIOp: seen_as(as_signed, operator.floordiv),
    arith.CeilDivSIOp: seen_as(as_signed, divide_up),
    arith.DivUIOp: seen_as(as_unsigned, operator.floordiv),
    arith.RemUIOp: seen_as(as_unsigned, np.fmod),
    arith.CeilDivUIOp: seen_as(as_unsigned, divide_up),
}
SHIFTS: dict[type[Operation], Binary] = {
    arith.ShLIOp: seen_as(as_unsigned, operator.lshift),
    arith.ShRUIOp: seen_as(as_unsigned, operator.rshift),
    arith.ShRSIOp: seen_as(as_signed, operator.rshift),
}

INTEGER_PREDICATES: tuple[Binary, ...] = (
    operator.eq,
    operator.ne,
    *(lambda a, b, f=f: f(as_signed(a), as_signed(b)) for f in (operator.lt, operator.le, operator.gt, operator.ge)),
    *(
        lambda a, b, f=f: f(as_unsigned(a), as_unsigned(b))
        for f in (operator.lt, operator.le, operator.gt, operator.ge)
    ),
)
"""`arith.cmpi`: eq, ne, then less and greater signed, then unsigned."""


def is_unordered(a: Value, b: Value) -> Value:
    """Whether either operand is NaN."""
    return np.isnan(a) | np.isnan(b)


def same(result: bool) -> Binary:
    """A predicate with one answer."""
    return lambda a, b: np.full(np.broadcast(a, b).shape, result)[()]


def or_unordered(function: Binary) -> Binary:
    """The predicate that also holds when an operand is NaN."""
    return lambda a, b: function(a, b) | is_unordered(a, b)


FLOAT_PREDICATES: tuple[Binary, ...] = (
    same(False),
    np.equal,
    np.greater,
    np.greater_equal,
    np.less,
    np.less_equal,
    lambda a, b: np.not_equal(a, b) & ~is_unordered(a, b),
    lambda a, b: ~is_unordered(a, b),
    or_unordered(np.equal),
    or_unordered(np.greater),
    or_unordered(np.greater_equal),
    or_unordered(np.less),
    or_unordered(np.less_equal),
    np.not_equal,
    is_unordered,
    same(True),
)
"""`arith.cmpf`: false, oeq, ogt, oge, olt, ole, one, ord, ueq, ugt, uge, ult, ule, une, uno, true."""


def saturate(value: Value, dtype: np.dtype) -> Value:
    """A float rounded towards zero to an integer; the nearest one where it is too large, 0 for NaN."""
    wide = value.astype(np.float64)
    if dtype == np.bool_:
        raise AssertionError("a conversion to i1 is seen as one to an integer of 8 bits")
    limits = np.iinfo(dtype)
    number = choose(np.isnan(wide), 0.0, np.trunc(wide))
    inside = choose((number > float(limits.min)) & (number < float(limits.max)), number, 0.0).astype(dtype)
    low = choose(number <= float(limits.min), dtype.type(limits.min), inside)
    return choose(number >= float(limits.max), dtype.type(limits.max), low)


def float_to_signed(value: Value, dtype: np.dtype) -> Value:
    """`fptosi`."""
    if dtype == np.bool_:
        return saturate(value, np.dtype(np.int8)) < 0
    return saturate(value, dtype)


def float_to_unsigned(value: Value, dtype: np.dtype) -> Value:
    """`fptoui`: the bits of the unsigned integer."""
    if dtype == np.bool_:
        return saturate(value, np.dtype(np.uint8)) > 0
    return saturate(value, np.dtype(f"u{dtype.itemsize}")).view(dtype)


CASTS: dict[type[Operation], Callable[[Value, np.dtype], Value]] = {
    arith.FPToSIOp: float_to_signed,
    arith.FPToUIOp: float_to_unsigned,
    arith.SIToFPOp: lambda value, dtype: as_signed(value).astype(dtype),
    arith.UIToFPOp: lambda value, dtype: as_unsigned(value).astype(dtype),
    arith.ExtFOp: lambda value, dtype: value.astype(dtype),
    arith.TruncFOp: lambda value, dtype: value.astype(dtype),
    arith.IndexCastOp: lambda value, dtype: as_integer(as_signed(value), dtype),
    arith.TruncIOp: as_integer,
    arith.ExtSIOp: lambda value, dtype: as_signed(value).astype(dtype),
    arith.ExtUIOp: lambda value, dtype: as_unsigned(value).astype(dtype),
    arith.BitcastOp: lambda value, dtype: value.view(dtype),
}


def high_bits(a: Value, b: Value) -> Value:
    """The upper half of a product, as an integer of the operands' dtype."""
    bits = 8 * a.dtype.itemsize
    # numpy gives Python's integers for products of single objects, which are too large for the machine's
    product = np.asarray(np.asarray(a).astype(object) * np.asarray(b).astype(object), object)
    return np.asarray((product >> bits) & ((1 << bits) - 1), object).astype(f"u{a.dtype.itemsize}")[()]


def run_cast(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """A conversion to the type of the result."""
    return (CASTS[type(op)](args[0], dtype_of(op.results[0].type)),)


def run_division(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """A division that checks its divisor."""
    a, b = args
    machine.check(b != 0, "integer division by zero")
    return (DIVISIONS[type(op)](a, _harmless(machine, b, b != 0, 1)),)


def run_shift(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """A shift that checks by how much."""
    a, b = args
    width = 1 if a.dtype == np.bool_ else 8 * a.dtype.itemsize
    amount = as_unsigned(b)
    machine.check(amount < width, lambda: f"shift by {np.max(amount)} of an integer of {width} bits")
    return (SHIFTS[type(op)](a, _harmless(machine, b, amount < width, 0)),)


def _harmless(machine: Machine, value: Value, ok: Value, instead: int) -> Value:
    """`value` with what is not ok, in lanes that do not count, replaced."""
    return value if machine.active is None else choose(ok, value, value.dtype.type(instead))


_Checked = register_impls(
    type(
        "_Checked",
        (InterpreterFunctions,),
        {op.__name__: impl(op)(run_division) for op in DIVISIONS}
        | {op.__name__: impl(op)(run_shift) for op in SHIFTS}
        | {op.__name__: impl(op)(run_cast) for op in CASTS},
    )
)


@register_impls
class ArithFunctions(InterpreterFunctions):
    """Ops of `arith` that look at their attributes, or have several results."""

    @impl(arith.ConstantOp)
    def constant(self, machine: Machine, op: arith.ConstantOp, args: PythonValues) -> PythonValues:
        """The value of the attribute."""
        if op not in machine.cache:
            machine.cache[op] = constant(op.value)
        return (machine.cache[op],)

    @impl(arith.CmpiOp)
    def cmpi(self, machine: Machine, op: arith.CmpiOp, args: PythonValues) -> PythonValues:
        """A comparison of integers."""
        return (INTEGER_PREDICATES[op.predicate.value.data](*args),)

    @impl(arith.CmpfOp)
    def cmpf(self, machine: Machine, op: arith.CmpfOp, args: PythonValues) -> PythonValues:
        """A comparison of floats."""
        return (FLOAT_PREDICATES[op.predicate.value.data](*args),)

    @impl(arith.SelectOp)
    def select(self, machine: Machine, op: arith.SelectOp, args: PythonValues) -> PythonValues:
        """The second operand or the third."""
        condition, then, otherwise = args
        if is_lanes(condition):
            return (choose(condition, then, otherwise),)
        return (then if condition else otherwise,)

    @impl(arith.AddUIExtendedOp)
    def addui_extended(self, machine: Machine, op: object, args: PythonValues) -> PythonValues:
        """The sum, and whether it wrapped around."""
        a, b = map(as_unsigned, args)
        if args[0].dtype == np.bool_:
            return args[0] ^ args[1], args[0] & args[1]
        return (a + b).view(args[0].dtype), a + b < a

    @impl(arith.MulSIExtendedOp)
    def mulsi_extended(self, machine: Machine, op: object, args: PythonValues) -> PythonValues:
        """The lower and the upper half of the signed product."""
        a, b = args
        return BINARY[arith.MuliOp](a, b), as_integer(high_bits(as_signed(a), as_signed(b)), a.dtype)

    @impl(arith.MulUIExtendedOp)
    def mului_extended(self, machine: Machine, op: object, args: PythonValues) -> PythonValues:
        """The lower and the upper half of the unsigned product."""
        a, b = args
        return BINARY[arith.MuliOp](a, b), as_integer(high_bits(as_unsigned(a), as_unsigned(b)), a.dtype)


FUNCTIONS = (
    pure_functions("PureArith", {**BINARY, arith.NegfOp: operator.neg}),
    _Checked(),
    ArithFunctions(),
)
