"""LLVM's intrinsics and the C library's functions, by name."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from xdsl.dialects import arith, llvm, math
from xdsl.dialects.builtin import VectorType
from xdsl.dialects.vector import CombiningKindFlag
from xdsl.interpreter import PythonValues
from xdsl.ir import Attribute, Operation

from .....compiler.lowering.llvm import math as library
from ..arith import BINARY, float_to_signed, float_to_unsigned
from ..errors import InterpreterError
from ..machine import Machine
from ..math import TABLE
from ..values import Value, as_unsigned, dtype_of, wrap
from ..vector import across, combined, sums_of_products
from .memory import element_offset

_OVERLOAD = re.compile(r"(\.(v\d+)?(p\d+|b?f\d+|i\d+))+$")
"""The types at the end of the name of an intrinsic."""


def _dot(signs: str, total: np.ndarray, lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    """Sums of products of bytes, with the sums as the first operand."""
    return sums_of_products(signs, lhs, rhs, total)


PURE: Mapping[str, Callable[..., Value]] = {
    "aarch64.neon.sdot": partial(_dot, "ss"),
    "aarch64.neon.udot": partial(_dot, "uu"),
    "fabs": TABLE[math.AbsFOp],
    "ceil": TABLE[math.CeilOp],
    "copysign": TABLE[math.CopySignOp],
    "cos": TABLE[math.CosOp],
    "ctpop": TABLE[math.CtPopOp],
    "exp": TABLE[math.ExpOp],
    "exp2": TABLE[math.Exp2Op],
    "floor": TABLE[math.FloorOp],
    "fma": TABLE[math.FmaOp],
    "log": TABLE[math.LogOp],
    "log2": TABLE[math.Log2Op],
    "log10": TABLE[math.Log10Op],
    "maximum": BINARY[arith.MaximumfOp],
    "maxnum": BINARY[arith.MaxnumfOp],
    "minimum": BINARY[arith.MinimumfOp],
    "minnum": BINARY[arith.MinnumfOp],
    "pow": TABLE[math.PowFOp],
    "rint": TABLE[math.RoundEvenOp],
    "round": TABLE[math.RoundOp],
    "roundeven": TABLE[math.RoundEvenOp],
    "sin": TABLE[math.SinOp],
    "smax": BINARY[arith.MaxSIOp],
    "smin": BINARY[arith.MinSIOp],
    "sqrt": TABLE[math.SqrtOp],
    "trunc": TABLE[math.TruncOp],
    "umax": BINARY[arith.MaxUIOp],
    "umin": BINARY[arith.MinUIOp],
    **{f"x86.avx512.vpdpbusd.{bits}": partial(_dot, "us") for bits in (128, 256, 512)},
}
"""Intrinsics that are a plain function of their operands."""

LIBRARY: Mapping[str, Callable[..., Value]] = {
    name + suffix: TABLE[op] for op, name in library.LIBRARY.items() for suffix in ("", "f")
}
"""The C library's functions, for doubles and, with an `f` behind, for floats."""

NAMED: Mapping[type[Operation], str] = {
    llvm.FAbsOp: "llvm.fabs",
    llvm.FCeilOp: "llvm.ceil",
    llvm.FCopySignOp: "llvm.copysign",
    llvm.FCosOp: "llvm.cos",
    llvm.FExpOp: "llvm.exp",
    llvm.FExp2Op: "llvm.exp2",
    llvm.FFloorOp: "llvm.floor",
    llvm.FLogOp: "llvm.log",
    llvm.FLog2Op: "llvm.log2",
    llvm.FMAOp: "llvm.fma",
    llvm.FPowOp: "llvm.pow",
    llvm.FSinOp: "llvm.sin",
    llvm.FSqrtOp: "llvm.sqrt",
    llvm.MaskedStoreOp: "llvm.masked.store",
    llvm.VectorFMaxOp: "llvm.maxnum",
    llvm.VectorFMinOp: "llvm.minnum",
    llvm.VectorReduceFAddOp: "llvm.vector.reduce.fadd",
    llvm.VectorReduceFMulOp: "llvm.vector.reduce.fmul",
}
"""Intrinsics that have ops of their own upstream."""

_REDUCTIONS: Mapping[str, CombiningKindFlag] = {
    "add": CombiningKindFlag.ADD,
    "mul": CombiningKindFlag.MUL,
    "and": CombiningKindFlag.AND,
    "or": CombiningKindFlag.OR,
    "xor": CombiningKindFlag.XOR,
    "smax": CombiningKindFlag.MAXSI,
    "smin": CombiningKindFlag.MINSI,
    "umax": CombiningKindFlag.MAXUI,
    "umin": CombiningKindFlag.MINUI,
    "fmax": CombiningKindFlag.MAXNUMF,
    "fmin": CombiningKindFlag.MINNUMF,
    "fmaximum": CombiningKindFlag.MAXIMUMF,
    "fminimum": CombiningKindFlag.MINIMUMF,
}

Types = Sequence[Attribute]


def call(machine: Machine, name: str, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    """The result of an intrinsic, such as `llvm.sqrt.v8f32`; None where it has none."""
    plain = _OVERLOAD.sub("", name).removeprefix("llvm.")
    if plain in PURE:
        return PURE[plain](*args)
    if plain.startswith("vector.reduce."):
        return _reduce(plain.removeprefix("vector.reduce."), args)
    function = _SPECIAL.get(plain)
    if function is None:
        raise InterpreterError(f"no meaning is defined for the intrinsic {name}")
    return function(machine, args, types, result)


def _reduce(kind: str, args: PythonValues) -> Value:
    """The lanes as one value; sums and products of floats begin with a start and go from the first lane to the last."""
    if kind in _REDUCTIONS:
        return across(_REDUCTIONS[kind], args[0])
    how = {"fadd": CombiningKindFlag.ADD, "fmul": CombiningKindFlag.MUL}[kind]
    total, lanes = args
    for lane in lanes:
        total = combined(how, total, lane)
    return total


def _abs(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    value, least_is_poison = args
    if least_is_poison:
        machine.check(value != np.iinfo(value.dtype).min, "the absolute value of the least integer")
    return TABLE[math.AbsIOp](value)


def _fptosi_sat(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    assert result is not None
    return float_to_signed(args[0], dtype_of(result))


def _fptoui_sat(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    assert result is not None
    return float_to_unsigned(args[0], dtype_of(result))


def _lane(pointer: Value, type_: Attribute, number: int) -> np.int64:
    return np.int64(int(pointer) + element_offset(type_, [0, number]))


def _masked_load(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    """The lanes of the mask from memory, the others from the last operand; no other memory is touched."""
    pointer, *_, mask, otherwise = args
    assert isinstance(result, VectorType)
    lanes = otherwise.copy()
    for number in np.flatnonzero(mask).tolist():
        lanes[number] = machine.memory.load(_lane(pointer, result, number), result.element_type)
    return lanes


def _masked_store(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    """The lanes of the mask to memory."""
    lanes, pointer, *_, mask = args
    type_ = types[0]
    assert isinstance(type_, VectorType)
    for number in np.flatnonzero(mask).tolist():
        machine.memory.store(lanes[number], _lane(pointer, type_, number), type_.element_type)
    return None


def _saturated_product(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    """The product of two integers without sign, or the largest one where it does not fit."""
    a, b, scale = (int(as_unsigned(arg)) for arg in args)
    if scale:
        raise InterpreterError("llvm.umul.fix.sat of fixed-point numbers with a fraction")
    return wrap(min(a * b, 2 ** (8 * args[0].dtype.itemsize) - 1), args[0].dtype)


def _memmove(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    """Bytes, as they were before, even where the two places overlap."""
    target, source, count = args[:3]
    machine.memory.write(target, machine.memory.read(source, int(count)))


def _memset(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    target, value, count = args[:3]
    machine.memory.write(target, np.full(int(count), value).astype(np.int8))


def _assume(machine: Machine, args: PythonValues, types: Types, result: Attribute | None) -> Value:
    machine.check(args[0], "what the program promised does not hold")


_SPECIAL: Mapping[str, Callable[[Machine, PythonValues, Types, Attribute | None], Value]] = {
    "abs": _abs,
    "assume": _assume,
    "fptosi.sat": _fptosi_sat,
    "fptoui.sat": _fptoui_sat,
    "masked.load": _masked_load,
    "masked.store": _masked_store,
    "memcpy": _memmove,
    "memmove": _memmove,
    "memset": _memset,
    "readcyclecounter": lambda *_: np.int64(time.perf_counter_ns()),
    "umul.fix.sat": _saturated_product,
}
"""Intrinsics that look at memory, at types, or at the clock."""
