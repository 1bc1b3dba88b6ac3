"""Vectors in drawn programs: from memory and to it, under masks too, computed with, and folded to one lane."""

from __future__ import annotations

from xdsl.dialects import arith, math, vector
from xdsl.dialects.builtin import AnyFloat, DenseArrayBase, VectorType, i1, i64
from xdsl.dialects.vector import CombiningKindAttr, CombiningKindFlag
from xdsl.ir import Attribute, Operation, SSAValue

from stepwell.dialects import simd

from ..draws import Kinds
from .arithmetic import added, multiplied
from .body import FLOATS, INTEGERS
from .memory import MemoryBody, is_row_major, memref_type
from .program import ANY, Grade, Value, grade_of_type, widest, width_of

LANES = (4, 8, 2, 16)
"""How many lanes vectors have."""

_OF_INTEGERS: tuple[type[Operation], ...] = (
    arith.AddiOp,
    arith.MuliOp,
    arith.SubiOp,
    arith.XOrIOp,
    arith.AndIOp,
    arith.MaxSIOp,
    arith.MinUIOp,
)
_OF_FLOATS: tuple[type[Operation], ...] = (
    arith.AddfOp,
    arith.MulfOp,
    arith.SubfOp,
    arith.MaximumfOp,
    arith.MinimumfOp,
    arith.DivfOp,
)
_FOLDS_OF_INTEGERS = (
    CombiningKindFlag.ADD,
    CombiningKindFlag.MUL,
    CombiningKindFlag.MAXSI,
    CombiningKindFlag.MINSI,
    CombiningKindFlag.MAXUI,
    CombiningKindFlag.MINUI,
    CombiningKindFlag.AND,
    CombiningKindFlag.OR,
    CombiningKindFlag.XOR,
)
_FOLDS_OF_FLOATS = (
    CombiningKindFlag.ADD,
    CombiningKindFlag.MUL,
    CombiningKindFlag.MAXIMUMF,
    CombiningKindFlag.MINIMUMF,
)


def vector_type(value: Value) -> VectorType[Attribute]:
    """The type of a vector."""
    assert isinstance(value.type, VectorType)
    return value.type


def _lanes(value: Value) -> int:
    return vector_type(value).get_shape()[0]


def _walks_in_unit_steps(value: Value) -> bool:
    """Whether neighbours along the last axis of a memref are known to be neighbours in memory."""
    strides = memref_type(value).get_strides()
    return bool(value.shape) and (is_row_major(value) or (strides is not None and strides[-1] == 1))


class VectorBody(MemoryBody):
    """A body that computes with vectors."""

    def vector_kinds(self) -> Kinds:
        """The statements on vectors that may stand here."""
        kinds = []
        if any(value.size for value in self._sources()):
            kinds += [(2, self.vector_load), (2, self.masked_load)]
        if self.vectors():
            kinds += [(3, self.vector_compute), (3, self.fold), (1, self.lane), (1, self.choose_lanes)]
            kinds += [(1, self.convert_lanes), (2, self.vector_store), (2, self.masked_store)]
            kinds += [(1, self.interleave), (2, self.dot)]
        return kinds

    def vectors(self, type_: Attribute | None = None) -> list[Value]:
        """The vectors at hand, the latest first; those of a type."""
        found = [v for v in reversed(self.values) if isinstance(v.type, VectorType) and v.element != i1]
        return self.unused_first([v for v in found if type_ is None or v.type == type_])[:6]

    def vector(self, ssa: SSAValue, *grades: Grade) -> Value:
        """A vector that was computed."""
        assert isinstance(ssa.type, VectorType)
        return self.add(Value(ssa, grade=grade_of_type(ssa.type.element_type, widest(*grades))))

    def _sources(self, writable: bool = False) -> list[Value]:
        return [value for value in self.buffers(writable) if _walks_in_unit_steps(value) and not value.grade.rough]

    # from memory and to it

    def _place(self, memory: Value, reach: int) -> list[SSAValue]:
        """Indices of an element from which on there are so many along the last axis."""
        outer = [self.index(0, size - 1).ssa for size in memory.shape[:-1]]
        return [*outer, self.index(0, max(memory.shape[-1] - reach, 0)).ssa]

    def vector_load(self) -> None:
        """Neighbours, all of which are there."""
        options = [value for value in self._sources() if value.size and value.shape[-1] >= min(LANES)]
        if options:
            source = self.program.choice(options)
            lanes = self.program.choice([number for number in LANES if number <= source.shape[-1]])
            op = vector.LoadOp(source.ssa, self._place(source, lanes), VectorType(source.element, [lanes]))
            self.vector(self.code.value(op), source.grade)

    def _mask(self, memory: Value, lanes: int) -> tuple[SSAValue, list[SSAValue]]:
        """A mask of the first lanes, as many as there may be, and where they are in memory."""
        count = self.index(0, min(lanes, memory.shape[-1]))
        assert count.bounds is not None
        mask = self.code.value(vector.CreateMaskOp([count.ssa], VectorType(i1, [lanes])))
        return mask, self._place(memory, count.bounds[1])

    def masked_load(self) -> None:
        """Neighbours, some of which may not be there."""
        source = self.program.choice([value for value in self._sources() if value.size])
        type_ = VectorType(source.element, [self.program.choice(LANES)])
        otherwise = self.operand(source.element)
        spread = self.code.value(vector.BroadcastOp(otherwise.ssa, type_))
        mask, place = self._mask(source, type_.get_shape()[0])
        op = vector.MaskedLoadOp(source.ssa, place, mask, spread)
        self.vector(self.code.value(op), source.grade, otherwise.grade)

    def _target(self, value: Value, all_lanes: bool) -> Value | None:
        options = [
            memory
            for memory in self._sources(writable=True)
            if memory.size and memory.element == value.element and value.grade.fits(memory.grade)
        ]
        options = [memory for memory in options if not all_lanes or memory.shape[-1] >= _lanes(value)]
        return self.program.choice(options) if options else None

    def vector_store(self) -> None:
        """Write neighbours."""
        value = self.program.choice(self.vectors())
        target = self._target(value, True)
        if target is not None:
            self.code.add(vector.StoreOp(value.ssa, target.ssa, self._place(target, _lanes(value))))

    def masked_store(self) -> None:
        """Write the first lanes."""
        value = self.program.choice(self.vectors())
        target = self._target(value, False)
        if target is not None:
            mask, place = self._mask(target, _lanes(value))
            self.code.add(vector.MaskedStoreOp(target.ssa, place, mask, value.ssa))

    # computed with

    def _other(self, value: Value) -> Value:
        """Another vector of the type: one at hand, or a scalar in all lanes."""
        options = self.vectors(value.type)
        found = self.at_hand(options)
        if found is not None:
            return found
        scalar = self.operand(value.element)
        return self.vector(self.code.value(vector.BroadcastOp(scalar.ssa, vector_type(value))), scalar.grade)

    def vector_compute(self) -> None:
        """Arithmetic, lane by lane."""
        a = self.program.choice(self.vectors())
        b = self._other(a)
        if not isinstance(a.element, AnyFloat):
            kind = self.program.choice(_OF_INTEGERS)
            self.vector(self.code.value(kind(a.ssa, b.ssa)))  # pyright: ignore[reportCallIssue]
            return
        number = self.program.integer(0, len(_OF_FLOATS) + 1)
        if number < len(_OF_FLOATS):
            kind = _OF_FLOATS[number]
            self.vector(self.code.value(kind(a.ssa, b.ssa)), _grade(kind, a, b))  # pyright: ignore[reportCallIssue]
        elif number == len(_OF_FLOATS):
            self.vector(self.code.value(math.AbsFOp(a.ssa)), a.grade)
        else:
            c = self._other(a)
            op = vector.FMAOp.build(operands=[a.ssa, b.ssa, c.ssa], result_types=[a.type])
            self.vector(self.code.value(op), added(multiplied(a.grade, b.grade), c.grade))

    def choose_lanes(self) -> None:
        """The lanes of one vector or of another, by comparison."""
        a = self.program.choice(self.vectors())
        b = self._other(a)
        if isinstance(a.element, AnyFloat):
            test = simd.CmpfOp(a.ssa, b.ssa, self.program.integer(0, 15))
        else:
            test = simd.CmpiOp(a.ssa, b.ssa, self.program.integer(0, 9))
        op = simd.SelectOp(self.code.value(test), a.ssa, b.ssa)
        self.vector(self.code.value(op), a.grade, b.grade)

    def convert_lanes(self) -> None:
        """The lanes as another type."""
        value = self.program.choice(self.vectors())
        if isinstance(value.element, AnyFloat):
            return
        wanted = self.program.choice([type_ for type_ in (*INTEGERS, *FLOATS) if type_ != value.element])
        if isinstance(wanted, AnyFloat):
            kind = self.program.choice(("sitofp", "uitofp"))
        elif width_of(wanted) < width_of(value.element):
            kind = "trunci"
        else:
            kind = self.program.choice(("extsi", "extui"))
        self.vector(self.code.value(simd.CastOp(kind, value.ssa, VectorType(wanted, [_lanes(value)]))), ANY)

    def interleave(self) -> None:
        """Lanes of two vectors in turn."""
        a = self.program.choice(self.vectors())
        b = self._other(a)
        numbers = [number for lane in range(_lanes(a)) for number in (lane, _lanes(a) + lane)]
        mask = DenseArrayBase.from_list(i64, numbers)
        type_ = VectorType(a.element, [len(numbers)])
        self.vector(self.code.value(vector.ShuffleOp(a.ssa, b.ssa, mask, result_type=type_)), a.grade, b.grade)

    def dot(self) -> None:
        """Sums of products of two or four neighbouring lanes."""
        options = [v for v in self.vectors() if not isinstance(v.element, AnyFloat) and _lanes(v) >= 4]
        wide = [type_ for type_ in INTEGERS if width_of(type_) >= 32]
        if options:
            a = self.program.choice(options)
            element = self.program.choice([type_ for type_ in wide if width_of(type_) >= width_of(a.element)])
            type_ = VectorType(element, [_lanes(a) // self.program.choice((4, 2))])
            total = self.code.value(vector.BroadcastOp(self.operand(element).ssa, type_))
            signs = self.program.choice(simd.SIGNS)
            self.vector(self.code.value(simd.DotOp(signs, a.ssa, self._other(a).ssa, total)), ANY)

    # one lane

    def fold(self) -> None:
        """All lanes as one value, perhaps with another one."""
        value = self.program.choice(self.vectors())
        folds = _FOLDS_OF_FLOATS if isinstance(value.element, AnyFloat) else _FOLDS_OF_INTEGERS
        start = [self.operand(value.element)] if self.program.chance(2) else []
        op = vector.ReductionOp.build(
            operands=[value.ssa, [each.ssa for each in start]],
            result_types=[value.element],
            properties={
                "kind": CombiningKindAttr(self.program.choice(folds)),
                "fastmath": arith.FastMathFlagsAttr("none"),
            },
        )
        self.scalar(self.code.value(op))

    def lane(self) -> None:
        """One lane, by a number that is known or not."""
        value = self.program.choice(self.vectors())
        position = self.mixed(0, _lanes(value) - 1)[0]
        op = vector.ExtractOp(value.ssa, [position], value.element)
        self.scalar(self.code.value(op), value.grade)


def _grade(kind: type[Operation], a: Value, b: Value) -> Grade:
    if kind in (arith.AddfOp, arith.SubfOp):
        return added(a.grade, b.grade)
    if kind is arith.MulfOp:
        return multiplied(a.grade, b.grade)
    return ANY if kind is arith.DivfOp else widest(a.grade, b.grade)
