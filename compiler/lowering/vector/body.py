"""The body of a loop over scalars, as the same computation on vectors of consecutive iterations.

First each value is classified (`LoopAnalysis`), as in LLVM's loop vectorizer, then each op is emitted by its class:

    for i:                            linear: i, and k = i + 1, which stays a scalar: its value in the first lane
        k = addi i, 1                 varying: a, b, c, vectors with a lane for each iteration
        a = load x[k]                 uniform: n and load y[j], the same in all lanes: scalars, and broadcast where
        b = mulf a, n                     a vector is needed
        c = addf b, load y[j]
        store c, z[i]

Dependences need no test: a loop is marked parallel, or as a reduction, by the pass that made it. Only loads that are
uniform are refused if the loop writes to the same memory.
"""

from __future__ import annotations

import math as math_of_python
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import cast

from xdsl.dialects import arith, math, memref, scf, vector
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    VectorType,
    i1,
)
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects import simd
from ....dialects.creation import vector_load, vector_store
from ....dialects.emitter import Emitter
from ....dialects.strings import StringType
from ....dialects.types import vector_type
from ...targets import bit_width
from ..elementary import EXPANSIONS
from ..loops.builder import memref_type, static_strides
from ..loops.memref_views import root

HARDWARE_MATH = (
    math.AbsFOp,
    math.AbsIOp,
    math.CeilOp,
    math.CopySignOp,
    math.FloorOp,
    math.FmaOp,
    math.RoundEvenOp,
    math.RsqrtOp,
    math.SqrtOp,
    math.TruncOp,
)
"""Functions that CPUs have vector instructions for."""

_CASTS: dict[type[Operation], str] = {
    arith.ExtSIOp: "extsi",
    arith.ExtUIOp: "extui",
    arith.TruncIOp: "trunci",
    arith.SIToFPOp: "sitofp",
    arith.UIToFPOp: "uitofp",
    arith.FPToSIOp: "fptosi",
    arith.FPToUIOp: "fptoui",
    arith.IndexCastOp: "index_cast",
}


class CannotVectorize(Exception):
    """The reason why a loop is not vectorized."""


def unit_last(value: SSAValue) -> bool:
    """Whether the last axis of a memref has stride 1."""
    strides = static_strides(memref_type(value))
    return bool(strides) and strides[-1] == 1


@dataclass
class LoopAnalysis:
    """The class of each value in the body of a loop: linear, varying, or uniform for all others.

    Attributes:
        loop: an innermost loop.
        linear: values that grow by one per iteration, the counter among them.
        varying: values that differ between iterations in another way.
    """

    loop: scf.ForOp
    linear: set[SSAValue] = field(default_factory=set)
    varying: set[SSAValue] = field(default_factory=set)

    def __post_init__(self) -> None:
        block = self.loop.body.block
        self.linear.add(block.args[0])
        self.varying.update(block.args[1:])
        self.stored = {root(op.memref) for op in block.ops if isinstance(op, memref.StoreOp)}
        for op in block.ops:
            if op is not block.last_op:
                self._visit(op)

    def _changes(self, value: SSAValue) -> bool:
        return value in self.linear or value in self.varying

    def _visit(self, op: Operation) -> None:
        match op:
            case memref.LoadOp() | memref.StoreOp() if isinstance(memref_type(op.memref).element_type, StringType):
                raise CannotVectorize("strings have no vector form")
            case memref.LoadOp():
                self._visit_load(op)
            case memref.StoreOp():
                if not self._unit_access(op.memref, op.indices):
                    raise CannotVectorize("a store whose address does not change with the loop")
            case _ if op.name.split(".", 1)[0] not in ("arith", "math") or len(op.results) != 1:
                raise CannotVectorize(f"{op.name} has no vector form")
            case _:
                self._visit_arithmetic(op)

    def _visit_load(self, op: memref.LoadOp) -> None:
        if self._unit_access(op.memref, op.indices):
            self.varying.add(op.res)
        elif root(op.memref) in self.stored:
            raise CannotVectorize("a value is read from memory the loop writes")

    def _unit_access(self, source: SSAValue, indices: Sequence[SSAValue]) -> bool:
        """Whether an access moves by one element per iteration (False: it is uniform); a gather is refused."""
        # 1. All indices are uniform, and so is the access.
        if not any(self._changes(index) for index in indices):
            return False
        # 2. Only the last index may change, and by one per iteration; and its axis must be contiguous.
        if any(self._changes(index) for index in indices[:-1]) or indices[-1] not in self.linear:
            raise CannotVectorize("an access that is not in unit steps (a gather)")
        if not unit_last(source):
            raise CannotVectorize("an access with a stride")
        return True

    def _visit_arithmetic(self, op: Operation) -> None:
        # 1. Of uniform operands: uniform.
        changing = [operand for operand in op.operands if self._changes(operand)]
        if not changing:
            return
        # 2. Index arithmetic: only the counter plus something uniform is linear, and has a first lane to compute with.
        if isinstance(op.results[0].type, IndexType):
            if not isinstance(op, arith.AddiOp) or len(changing) != 1 or changing[0] not in self.linear:
                raise CannotVectorize("an index that is not the counter plus a constant")
            self.linear.add(op.results[0])
            return
        # 3. Anything else is varying. Of the counter, only its cast to an integer has a vector form.
        if any(operand in self.linear for operand in changing) and not isinstance(op, arith.IndexCastOp):
            raise CannotVectorize("an index is compared or computed with")
        if op.name.startswith("math.") and not isinstance(op, HARDWARE_MATH) and type(op) not in EXPANSIONS:
            raise CannotVectorize(f"{op.name} has no vector instruction, and expand-math has no formula for it")
        self.varying.add(op.results[0])

    def element_bits(self) -> int:
        """The widest element in vectors; a boolean counts as a byte."""
        widths = [8]
        for op in self.loop.body.block.ops:
            for value in (*op.operands, *op.results):
                if value in self.varying and not isinstance(value.type, VectorType) and value.type != i1:
                    widths.append(bit_width(value.type))
            if isinstance(op, memref.StoreOp) and op.value.type != i1:
                widths.append(bit_width(op.value.type))
        return max(widths)


@dataclass
class VectorBody:
    """Emits a loop's body for `lanes` iterations at once.

    Attributes:
        analysis: the classes of the body's values.
        lanes: how many iterations.
        outside: emits before the loop, where uniform values from outside are broadcast, once.
    """

    analysis: LoopAnalysis
    lanes: int
    outside: Emitter
    hoisted: dict[SSAValue, SSAValue] = field(default_factory=dict)

    def type(self, element: Attribute) -> VectorType[Attribute]:
        """The vector of an element type."""
        return vector_type(element, self.lanes)

    def zero(self, element: Attribute) -> SSAValue:
        """A vector of zeros."""
        return self.splat(0, element)

    def splat(self, value: float | int, element: Attribute) -> SSAValue:
        """A constant vector, made before the loop."""
        if math_of_python.isfinite(value):
            return self.outside.constant(value, self.type(element))
        scalar = self.outside.constant(value, element)  # xDSL's parser takes a dense 0x7F800000 for a number
        return self.outside.value(vector.BroadcastOp(scalar, self.type(element)))

    def spread(self, value: SSAValue) -> SSAValue:
        """A value from outside of the loop in every lane, broadcast before the loop."""
        if isinstance(value.owner, arith.ConstantOp):
            attr = value.owner.value
            assert isinstance(attr, IntegerAttr | FloatAttr)
            return self.splat(attr.value.data, value.type)
        return self.outside.value(vector.BroadcastOp(value, self.type(value.type)))

    def emit(
        self, e: Emitter, first: SSAValue, mask: SSAValue | None, skipped: Container[Operation | None] = ()
    ) -> Lanes:
        """Emit the iterations from `first` on, those that `mask` lets through, without the ops in `skipped`."""
        block = self.analysis.loop.body.block
        body = Lanes(self, e, mask, {block.args[0]: first})
        for op in block.ops:
            if op is not block.last_op and op not in skipped:
                with e.located(op.location):
                    body.emit(op)
        return body


_DIVISIONS = (
    *(arith.DivSIOp, arith.DivUIOp, arith.RemSIOp, arith.RemUIOp),
    *(arith.FloorDivSIOp, arith.CeilDivSIOp, arith.CeilDivUIOp),
)


def _is_inside(value: SSAValue, analysis: LoopAnalysis) -> bool:
    return isinstance(value.owner, Operation) and value.owner.parent is analysis.loop.body.block


@dataclass
class Lanes:
    """The values of one vector's worth of iterations."""

    plan: VectorBody
    e: Emitter
    mask: SSAValue | None
    scalars: dict[SSAValue, SSAValue]
    vectors: dict[SSAValue, SSAValue] = field(default_factory=dict)

    def vector(self, value: SSAValue) -> SSAValue:
        """A value of the body as a vector."""
        if value in self.vectors:
            return self.vectors[value]
        if value in self.scalars:
            made = self.e.value(vector.BroadcastOp(self.scalars[value], self.plan.type(value.type)))
            self.vectors[value] = made
            return made
        if value not in self.plan.hoisted:
            self.plan.hoisted[value] = self.plan.spread(value)
        return self.plan.hoisted[value]

    def scalar(self, value: SSAValue) -> SSAValue:
        """A value of the body that is the same in every lane, or an index in the first lane."""
        if value not in self.scalars and _is_inside(value, self.plan.analysis):
            assert isinstance(value.owner, Operation)
            self.scalars[value] = self.e.value(value.owner.clone())
        return self.scalars.get(value, value)

    def emit(self, op: Operation) -> None:
        """Emit one op of the body."""
        analysis = self.plan.analysis
        if isinstance(op, memref.StoreOp):
            self._store(op)
        elif op.results[0] not in analysis.varying:
            self._keep(op)
        elif isinstance(op, memref.LoadOp):
            self.vectors[op.res] = self._load(op)
        elif isinstance(op, arith.IndexCastOp) and op.input in analysis.linear:
            self.vectors[op.result] = self._counter(op)
        else:
            self.vectors[op.results[0]] = self._lanewise(op)

    def _keep(self, op: Operation) -> None:
        """Emit a uniform or linear op as a scalar; constants are emitted where they are used."""
        if not isinstance(op, arith.ConstantOp):
            copy = op.clone(value_mapper={operand: self.scalar(operand) for operand in op.operands})
            self.scalars[op.results[0]] = self.e.value(copy)

    def _load(self, op: memref.LoadOp) -> SSAValue:
        type_ = self.plan.type(op.res.type)
        where = [self.scalar(index) for index in op.indices]
        source = self.scalar(op.memref)
        if self.mask is None:
            return self.e.value(vector_load(source, where, type_))
        zero = self.plan.zero(op.res.type)
        return self.e.value(vector.MaskedLoadOp(source, where, self.mask, zero))

    def _store(self, op: memref.StoreOp) -> None:
        where = [self.scalar(index) for index in op.indices]
        value, target = self.vector(op.value), self.scalar(op.memref)
        if self.mask is None:
            self.e.add(vector_store(value, target, where))
        else:
            self.e.add(vector.MaskedStoreOp(target, where, self.mask, value))

    def _counter(self, op: arith.IndexCastOp) -> SSAValue:
        """An index as integers, one per lane."""
        first = self.e.value(arith.IndexCastOp(self.scalar(op.input), op.result.type))
        type_ = self.plan.type(op.result.type)
        spread = self.e.value(vector.BroadcastOp(first, type_))
        steps = DenseIntOrFPElementsAttr.from_list(cast("VectorType[IntegerType]", type_), list(range(self.plan.lanes)))
        return self.e.value(arith.AddiOp(spread, self.plan.outside.value(arith.ConstantOp(steps))))

    def _lanewise(self, op: Operation) -> SSAValue:
        operands = [self.vector(operand) for operand in op.operands]
        if self.mask is not None and isinstance(op, _DIVISIONS):  # a masked lane must not divide by zero
            one = self.plan.outside.constant(1, operands[1].type)
            operands[1] = self.e.value(simd.SelectOp(self.mask, operands[1], one))
        match op:
            case arith.SelectOp():
                return self.e.value(simd.SelectOp(*operands))
            case arith.CmpiOp():
                return self.e.value(simd.CmpiOp(operands[0], operands[1], op.predicate))
            case arith.CmpfOp():
                return self.e.value(simd.CmpfOp(operands[0], operands[1], op.predicate))
        type_ = self.plan.type(op.results[0].type)
        kind = _CASTS.get(type(op))
        if kind is not None:
            return self.e.value(simd.CastOp(kind, operands[0], type_))
        copy = type(op).create(
            operands=operands, result_types=[type_], properties=op.properties, attributes=op.attributes
        )
        return self.e.value(copy)
