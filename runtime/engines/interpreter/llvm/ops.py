"""The meaning of `llvm`: instructions on numbers, lanes and addresses.

What LLVM leaves undefined (a sum that overflows in spite of its promise, a conversion that does not fit, a shift by too
much, a division that traps) is an error here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
from xdsl.dialects import arith, llvm
from xdsl.dialects.builtin import VectorType
from xdsl.interpreter import (
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    Successor,
    TerminatorValue,
    register_impls,
)
from xdsl.ir import Attribute, Operation

from .....dialects import llvm as own
from .. import arith as numbers
from ..errors import InterpreterError
from ..machine import Machine, choose, impl, impl_terminator, pure_functions
from ..values import Value, as_signed, as_unsigned, constant, dtype_of, uninitialised
from .memory import NULL

Binary = Callable[[Value, Value], Value]

_FLOATS: dict[type[Operation], Binary] = {
    llvm.FAddOp: operator.add,
    llvm.FSubOp: operator.sub,
    llvm.FMulOp: operator.mul,
    llvm.FDivOp: np.divide,
    llvm.FRemOp: np.fmod,
}
_BITS: dict[type[Operation], Binary] = {
    llvm.AndOp: operator.and_,
    llvm.OrOp: operator.or_,
    llvm.XOrOp: operator.xor,
}
_SUMS: dict[type[Operation], tuple[Binary, Binary]] = {
    llvm.AddOp: (numbers.BINARY[arith.AddiOp], operator.add),
    llvm.SubOp: (numbers.BINARY[arith.SubiOp], operator.sub),
    llvm.MulOp: (numbers.BINARY[arith.MuliOp], operator.mul),
}
"""What each gives, which wraps around, and what it is on unbounded integers."""
_SHIFTS: dict[type[Operation], type[Operation]] = {
    llvm.ShlOp: arith.ShLIOp,
    llvm.LShrOp: arith.ShRUIOp,
    llvm.AShrOp: arith.ShRSIOp,
}
_DIVISIONS: dict[type[Operation], type[Operation]] = {
    llvm.SDivOp: arith.DivSIOp,
    llvm.SRemOp: arith.RemSIOp,
    llvm.UDivOp: arith.DivUIOp,
    llvm.URemOp: arith.RemUIOp,
}
_CASTS: dict[type[Operation], type[Operation]] = {
    llvm.TruncOp: arith.TruncIOp,
    llvm.ZExtOp: arith.ExtUIOp,
    llvm.SExtOp: arith.ExtSIOp,
    llvm.SIToFPOp: arith.SIToFPOp,
    own.UIToFPOp: arith.UIToFPOp,
    llvm.FPExtOp: arith.ExtFOp,
    llvm.FPTruncOp: arith.TruncFOp,
}


def run_sum(
    functions: object, machine: Machine, op: llvm.AddOp | llvm.SubOp | llvm.MulOp, args: PythonValues
) -> PythonValues:
    """Integers that wrap around, unless the op promises that they do not."""
    a, b = args
    wrapped, exact = _SUMS[type(op)]
    result = wrapped(a, b)
    flags = op.overflowFlags.value.data if op.overflowFlags is not None else 0
    for bit, view, kind in ((1, as_signed, "signed"), (2, as_unsigned, "unsigned")):
        if flags & bit:
            whole = exact(*(np.asarray(view(each)).astype(object) for each in (a, b)))
            ok = np.asarray(view(result)).astype(object) == whole
            machine.check(np.asarray(ok, np.bool_), lambda kind=kind: f"{kind} overflow of {a} and {b}")
    return (result,)


def run_shift(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """A shift by less than the width."""
    a, b = args
    width = 1 if a.dtype == np.bool_ else 8 * a.dtype.itemsize
    machine.check(as_unsigned(b) < width, lambda: f"shift by {np.max(as_unsigned(b))} of an integer of {width} bits")
    return (numbers.SHIFTS[_SHIFTS[type(op)]](a, b),)


def run_division(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """A division that does not trap."""
    a, b = args
    machine.check(b != 0, "integer division by zero")
    if isinstance(op, llvm.SDivOp | llvm.SRemOp) and np.issubdtype(a.dtype, np.signedinteger):
        least = np.iinfo(a.dtype).min
        machine.check((a != least) | (b != -1), f"overflow of the division of {least} by -1")
    return (numbers.DIVISIONS[_DIVISIONS[type(op)]](a, b),)


def run_cast(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """A conversion of numbers."""
    return (numbers.CASTS[_CASTS[type(op)]](args[0], dtype_of(op.results[0].type)),)


def run_float_to_integer(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """A float towards zero, which must fit."""
    (value,) = args
    dtype = dtype_of(op.results[0].type)
    convert = numbers.float_to_signed if isinstance(op, own.FPToSIOp) else numbers.float_to_unsigned
    view = as_signed if isinstance(op, own.FPToSIOp) else as_unsigned
    result = convert(value, dtype)
    machine.check(view(result).astype(value.dtype) == np.trunc(value), lambda: f"{value} does not fit into {dtype}")
    return (result,)


def run_select(functions: object, machine: Machine, op: Operation, args: PythonValues) -> PythonValues:
    """The second operand or the third, as a whole or lane by lane."""
    condition, then, otherwise = args
    if np.ndim(condition):
        return (choose(condition, then, otherwise),)
    return (then if condition else otherwise,)


def run_icmp(functions: object, machine: Machine, op: own.ICmpOp | llvm.ICmpOp, args: PythonValues) -> PythonValues:
    """A comparison of integers or addresses."""
    return (numbers.INTEGER_PREDICATES[op.predicate.value.data](*args),)


def run_fcmp(functions: object, machine: Machine, op: own.FCmpOp | llvm.FCmpOp, args: PythonValues) -> PythonValues:
    """A comparison of floats."""
    return (numbers.FLOAT_PREDICATES[op.predicate.value.data](*args),)


def undefined(type_: Attribute) -> Value:
    """An undefined value of a type."""
    if isinstance(type_, llvm.LLVMPointerType):
        return np.int64(-1)
    shape = type_.get_shape() if isinstance(type_, VectorType) else ()
    return uninitialised(shape, dtype_of(type_))[()]


_Checked = register_impls(
    type(
        "_Checked",
        (InterpreterFunctions,),
        {op.__name__: impl(op)(run_sum) for op in _SUMS}
        | {op.__name__: impl(op)(run_shift) for op in _SHIFTS}
        | {op.__name__: impl(op)(run_division) for op in _DIVISIONS}
        | {op.__name__: impl(op)(run_cast) for op in _CASTS}
        | {op.__name__: impl(op)(run_float_to_integer) for op in (own.FPToSIOp, own.FPToUIOp)}
        | {"select": impl(own.SelectOp)(run_select), "upstream_select": impl(llvm.SelectOp)(run_select)}
        | {"icmp": impl(own.ICmpOp)(run_icmp), "upstream_icmp": impl(llvm.ICmpOp)(run_icmp)}
        | {"fcmp": impl(own.FCmpOp)(run_fcmp), "upstream_fcmp": impl(llvm.FCmpOp)(run_fcmp)},
    )
)
"""Ops that look at their attributes; upstream's comparisons and selection mean the same as ours."""


@register_impls
class ValueFunctions(InterpreterFunctions):
    """Constants, addresses as numbers, and lanes."""

    @impl(llvm.ConstantOp)
    def constant(self, machine: Machine, op: llvm.ConstantOp, args: PythonValues) -> PythonValues:
        """The value of the attribute, in the type of the result."""
        if op not in machine.cache:
            machine.cache[op] = np.asarray(constant(op.value)).astype(dtype_of(op.result.type))[()]
        return (machine.cache[op],)

    @impl(llvm.ZeroOp)
    def zero(self, machine: Machine, op: llvm.ZeroOp, args: PythonValues) -> PythonValues:
        """Zero, or the null pointer."""
        type_ = op.res.type
        if isinstance(type_, llvm.LLVMPointerType):
            return (NULL,)
        return (np.zeros(type_.get_shape() if isinstance(type_, VectorType) else (), dtype_of(type_))[()],)

    @impl(llvm.UndefOp)
    def undef(self, machine: Machine, op: llvm.UndefOp, args: PythonValues) -> PythonValues:
        """An undefined value."""
        return (undefined(op.res.type),)

    @impl(llvm.BitcastOp)
    def bitcast(self, machine: Machine, op: llvm.BitcastOp, args: PythonValues) -> PythonValues:
        """The same bits, read as another type."""
        type_ = op.result.type
        if isinstance(type_, llvm.LLVMPointerType):
            return args
        found = np.atleast_1d(args[0]).view(dtype_of(type_))
        return (found if isinstance(type_, VectorType) else found[0],)

    @impl(llvm.PtrToIntOp)
    def ptrtoint(self, machine: Machine, op: llvm.PtrToIntOp, args: PythonValues) -> PythonValues:
        """The address as a number."""
        return (args[0].astype(dtype_of(op.output.type)),)

    @impl(llvm.IntToPtrOp)
    def inttoptr(self, machine: Machine, op: llvm.IntToPtrOp, args: PythonValues) -> PythonValues:
        """The number as an address."""
        return (as_unsigned(args[0]).astype(np.int64),)

    @impl(own.ExtractElementOp)
    def extract(self, machine: Machine, op: own.ExtractElementOp, args: PythonValues) -> PythonValues:
        """One lane."""
        lanes, position = args
        return (lanes[machine.element_index((position,), lanes.shape)],)

    @impl(llvm.InsertElementOp)
    def insert(self, machine: Machine, op: llvm.InsertElementOp, args: PythonValues) -> PythonValues:
        """The vector with one lane replaced."""
        lanes, value, position = args
        result = np.array(lanes)
        result[machine.element_index((position,), result.shape)] = value
        return (result,)

    @impl(llvm.ShuffleVectorOp)
    def shuffle(self, machine: Machine, op: llvm.ShuffleVectorOp, args: PythonValues) -> PythonValues:
        """Lanes of the two vectors, concatenated, by their indices; -1 is any value."""
        lanes = np.concatenate(args)
        result = undefined(op.res.type)
        for place, number in enumerate(op.mask.get_values()):
            if number >= 0:
                result[place] = lanes[number]
        return (result,)


@register_impls
class BranchFunctions(InterpreterFunctions):
    """Where to go on."""

    @impl_terminator(llvm.BrOp)
    def branch(self, machine: Machine, op: llvm.BrOp, args: PythonValues) -> tuple[TerminatorValue, PythonValues]:
        """Always there."""
        return Successor(op.successor, args), ()

    @impl_terminator(llvm.CondBrOp)
    def cond_branch(
        self, machine: Machine, op: llvm.CondBrOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """There or there."""
        if args[0]:
            return Successor(op.then_block, machine.get_values(op.then_arguments)), ()
        return Successor(op.else_block, machine.get_values(op.else_arguments)), ()

    @impl_terminator(llvm.ReturnOp)
    def leave(self, machine: Machine, op: llvm.ReturnOp, args: PythonValues) -> tuple[TerminatorValue, PythonValues]:
        """Leaves the function."""
        return ReturnedValues(args), ()

    @impl_terminator(llvm.UnreachableOp)
    def unreachable(
        self, machine: Machine, op: llvm.UnreachableOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Where the program never comes."""
        raise InterpreterError("llvm.unreachable was executed")


FUNCTIONS = (
    pure_functions("PureLlvm", {**_FLOATS, **_BITS, llvm.FNegOp: operator.neg}),
    _Checked(),
    ValueFunctions(),
    BranchFunctions(),
)
