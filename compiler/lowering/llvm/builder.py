"""Emits llvm ops quickly: at the end of a block, each with the location of the op that is being lowered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from xdsl.dialects import llvm
from xdsl.dialects.builtin import (
    AnyFloat,
    BFloat16Type,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    LocationAttr,
    StringAttr,
    UnitAttr,
    VectorType,
    i32,
    i64,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import IRDLOperation

from ....dialects import llvm as own
from ....dialects.creation import segment_sizes
from ....dialects.emitter import UNKNOWN
from ....dialects.strings import StringType
from ....dialects.types import vector_type

PTR = llvm.LLVMPointerType()
I8 = IntegerType(8)
I16 = IntegerType(16)
NSW = IntegerAttr(1, 32)
_WRAPS: dict[str, Attribute] = {"overflowFlags": IntegerAttr(0, 32)}
_NSW: dict[str, Attribute] = {"overflowFlags": NSW}
_EXACT_FLOAT: dict[str, Attribute] = {"fastmathFlags": llvm.FastMathAttr(None)}
_NO_FLAGS: dict[str, Attribute] = {}
_FLAGS: dict[type[Operation], dict[str, Attribute]] = {
    **dict.fromkeys((llvm.AddOp, llvm.SubOp, llvm.MulOp, llvm.ShlOp), _WRAPS),
    **dict.fromkeys((llvm.FAddOp, llvm.FSubOp, llvm.FMulOp, llvm.FDivOp, llvm.FRemOp), _EXACT_FLOAT),
}
_GEP_FLAGS = IntegerAttr(0, 32)
Index = int | SSAValue
"""A size, stride or index: known, or an i64."""


@lru_cache(maxsize=1024)
def storage_type(element: Attribute) -> Attribute:
    """How an element lies in memory: a boolean is a byte, `index` is i64, and so is the index of a string."""
    return I8 if element == IntegerType(1) else value_type(element)


@lru_cache(maxsize=1024)
def value_type(type_: Attribute) -> Attribute:
    """The llvm type of a scalar or vector value: bfloat16 is the 16 bits of one, which are only moved and converted."""
    if isinstance(type_, BFloat16Type):
        return I16
    if isinstance(type_, VectorType):
        return vector_type(value_type(type_.element_type), *type_.get_shape())
    if isinstance(type_, IndexType | StringType):
        return i64
    return IntegerType(type_.width) if isinstance(type_, IntegerType) else type_


@lru_cache(maxsize=1024)
def byte_size(element: Attribute) -> int:
    """The bytes an element takes in memory."""
    stored = storage_type(element)
    assert isinstance(stored, IntegerType | AnyFloat), stored
    return stored.bitwidth // 8


class LlvmBuilder:
    """Inserts ops at the end of `block`; constants are shared, at the start of the function.

    Attributes:
        entry: the function's first block.
        block: where ops go.
        location: the location ops get.
    """

    def __init__(self, entry: Block):
        self.entry = self.block = entry
        self.location: LocationAttr = UNKNOWN
        self._prologue: list[Operation] = []
        self._constants: dict[tuple[object, Attribute], SSAValue] = {}

    def add(self, op: Operation) -> Operation:
        """Insert `op`."""
        op.location = self.location
        self.block.add_op(op)
        return op

    def value(self, op: Operation) -> SSAValue:
        """Insert `op` and return its only result."""
        op.location = self.location
        self.block.add_op(op)
        return op.results[0]

    def at_start(self, op: Operation) -> SSAValue:
        """Put `op` at the start of the function and return its result."""
        op.location = self.location
        self._prologue.append(op)
        return op.results[0]

    def finish(self) -> None:
        """Insert the ops at the start of the function."""
        first = self.entry.first_op
        assert first is not None
        self.entry.insert_ops_before(self._prologue, first)

    def constant(self, value: float | int, type_: Attribute) -> SSAValue:
        """A scalar, or a vector with the same value in all lanes."""
        key = (value.hex() if isinstance(value, float) else value, type_)
        found = self._constants.get(key)
        if found is None:
            found = self._constants[key] = self.attribute(splat(value, type_), type_)
        return found

    def attribute(self, value: Attribute, type_: Attribute) -> SSAValue:
        """A constant that is an attribute."""
        key = (value, type_)
        found = self._constants.get(key)
        if found is None:
            op = llvm.ConstantOp.create(result_types=[type_], properties={"value": value})
            found = self._constants[key] = self.at_start(op)
        return found

    def undefined(self, type_: Attribute) -> SSAValue:
        """A value of which nothing is known."""
        key = ("undefined", type_)
        found = self._constants.get(key)
        if found is None:
            found = self._constants[key] = self.at_start(llvm.UndefOp.create(result_types=[type_]))
        return found

    def i64(self, value: Index) -> SSAValue:
        """An index as a value."""
        return self.constant(value, i64) if isinstance(value, int) else value

    def binary(self, kind: type[Operation], lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        """An op on two values of one type, which is the type of the result."""
        return self.value(
            kind.create(operands=[lhs, rhs], result_types=[lhs.type], properties=dict(_FLAGS.get(kind, _NO_FLAGS)))
        )

    def add_index(self, lhs: Index, rhs: Index) -> Index:
        """A sum of sizes or indices, which does not overflow."""
        if isinstance(lhs, int) and isinstance(rhs, int):
            return lhs + rhs
        if lhs == 0 or rhs == 0:
            return rhs if lhs == 0 else lhs
        return self._no_wrap(llvm.AddOp, lhs, rhs)

    def mul_index(self, lhs: Index, rhs: Index) -> Index:
        """A product of sizes or indices, which does not overflow."""
        if isinstance(lhs, int) and isinstance(rhs, int):
            return lhs * rhs
        if isinstance(lhs, int):
            lhs, rhs = rhs, lhs
        if isinstance(rhs, int) and rhs in (0, 1):
            return lhs if rhs else 0
        return self._no_wrap(llvm.MulOp, lhs, rhs)

    def _no_wrap(self, kind: type[Operation], lhs: Index, rhs: Index) -> SSAValue:
        return self.value(
            kind.create(operands=[self.i64(lhs), self.i64(rhs)], result_types=[i64], properties=dict(_NSW))
        )

    def icmp(self, predicate: str, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        """A comparison of integers or pointers."""
        return self._compare(own.ICmpOp, predicate, lhs, rhs)

    def fcmp(self, predicate: str, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        """A comparison of floats."""
        return self._compare(own.FCmpOp, predicate, lhs, rhs)

    def _compare(self, kind: type[own.ICmpOp | own.FCmpOp], predicate: str, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        properties = _predicate(kind, predicate).copy()
        return self.value(
            kind.create(operands=[lhs, rhs], result_types=[own.compared(lhs.type)], properties=properties)
        )

    def select(self, cond: SSAValue, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        """`lhs` where the condition holds, else `rhs`."""
        return self.value(own.SelectOp.create(operands=[cond, lhs, rhs], result_types=[lhs.type]))

    def convert(self, kind: type[IRDLOperation], value: SSAValue, type_: Attribute) -> SSAValue:
        """A conversion."""
        return self.value(kind(value, type_))  # pyright: ignore

    def intrinsic(self, name: str, args: Sequence[SSAValue], result: Attribute | None) -> SSAValue | None:
        """A call of one of LLVM's intrinsics."""
        results = [] if result is None else [result]
        properties = _call_of(name, len(args)).copy()
        op = self.add(llvm.CallIntrinsicOp.create(operands=args, result_types=results, properties=properties))
        return None if result is None else op.results[0]

    def intrinsic_value(self, name: str, args: Sequence[SSAValue], result: Attribute | None = None) -> SSAValue:
        """A call of one of LLVM's intrinsics, overloaded by the type of its result (by default its first operand's)."""
        type_ = args[0].type if result is None else result
        found = self.intrinsic(f"llvm.{name}.{mangled(type_)}", args, type_)
        assert found is not None
        return found

    def gep(self, pointer: SSAValue, element: Attribute, *indices: Index) -> SSAValue:
        """The address of an element."""
        raw = tuple([i if isinstance(i, int) and abs(i) < 2**31 else llvm.GEP_USE_SSA_VAL for i in indices])
        dynamic = [self.i64(i) for i, r in zip(indices, raw, strict=True) if r == llvm.GEP_USE_SSA_VAL]
        properties = {**_inside(raw), "elem_type": element}
        return self.value(llvm.GEPOp.create(operands=[pointer, *dynamic], result_types=[PTR], properties=properties))

    def load(self, pointer: SSAValue, type_: Attribute, alignment: int | None = None) -> SSAValue:
        """What a pointer points to."""
        return self.value(
            llvm.LoadOp.create(operands=[pointer], result_types=[type_], properties=_access(alignment).copy())
        )

    def store(self, value: SSAValue, pointer: SSAValue, alignment: int | None = None) -> None:
        """Write where a pointer points to."""
        self.add(llvm.StoreOp.create(operands=[value, pointer], properties=_access(alignment).copy()))

    def call(self, callee: str, args: Sequence[SSAValue], result: Attribute | None = None) -> SSAValue | None:
        """A call of a function of this module."""
        op = self.add(llvm.CallOp(callee, *args, return_type=result))
        return op.results[0] if result is not None else None

    def branch(self, block: Block, *args: SSAValue) -> None:
        """Go on at `block`."""
        self.add(llvm.BrOp.create(operands=args, successors=[block]))

    def branch_if(self, cond: SSAValue, then: Block, other: Block) -> None:
        """Go on at one of two blocks."""
        self.branch_with(cond, then, [], other, [])

    def branch_with(
        self, cond: SSAValue, then: Block, if_true: Sequence[SSAValue], other: Block, if_false: Sequence[SSAValue]
    ) -> None:
        """Go on at one of two blocks, each of which is given values."""
        properties = {"operandSegmentSizes": segment_sizes(1, len(if_true), len(if_false))}
        operands = [cond, *if_true, *if_false]
        self.add(llvm.CondBrOp.create(operands=operands, successors=[then, other], properties=properties))


@lru_cache(maxsize=256)
def _inside(raw: tuple[int, ...]) -> dict[str, Attribute]:
    """The properties of an address inside of an object."""
    return {
        "rawConstantIndices": DenseArrayBase.from_list(i32, raw),
        "noWrapFlags": _GEP_FLAGS,
        "inbounds": UnitAttr(),
    }


@lru_cache(maxsize=256)
def _call_of(intrinsic: str, operands: int) -> dict[str, Attribute]:
    """The properties of a call of an intrinsic."""
    return {
        "operandSegmentSizes": segment_sizes(operands, 0),
        "intrin": StringAttr(intrinsic),
        "op_bundle_sizes": segment_sizes(),
        **_EXACT_FLOAT,
    }


@lru_cache(maxsize=64)
def _predicate(kind: type[own.ICmpOp | own.FCmpOp], predicate: str) -> dict[str, Attribute]:
    """The property of a comparison."""
    return {"predicate": IntegerAttr(kind.FLAGS(predicate).to_int(), i64)}


@lru_cache(maxsize=64)
def _access(alignment: int | None) -> dict[str, Attribute]:
    """The properties of a load or store."""
    found: dict[str, Attribute] = {"ordering": IntegerAttr(0, i64)}
    return found if alignment is None else found | {"alignment": IntegerAttr(alignment, i64)}


def splat(value: float | int, type_: Attribute) -> Attribute:
    """The attribute of a constant."""
    if isinstance(type_, VectorType):
        return DenseIntOrFPElementsAttr.from_list(type_, [value])
    if isinstance(type_, AnyFloat):
        return FloatAttr(float(value), type_)
    assert isinstance(type_, IntegerType)
    return IntegerAttr(cast(int, value), type_, truncate_bits=True)


@lru_cache(maxsize=1024)
def mangled(type_: Attribute) -> str:
    """How a type is written in the name of an overloaded intrinsic."""
    if isinstance(type_, VectorType):
        return f"v{type_.get_shape()[0]}{mangled(type_.element_type)}"
    if isinstance(type_, llvm.LLVMPointerType):
        return "p0"
    assert isinstance(type_, IntegerType | AnyFloat), type_
    return f"{'i' if isinstance(type_, IntegerType) else 'f'}{type_.bitwidth}"
