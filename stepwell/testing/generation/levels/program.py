"""A module under construction: where ops go, what is at hand, what the program is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import (
    AnyFloat,
    FunctionType,
    IndexType,
    IntegerType,
    MemRefType,
    ModuleOp,
    TensorType,
    VectorType,
)
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.emitter import constant_attr, locate

from ..program import Case, Program

T = TypeVar("T")
OpT = TypeVar("OpT", bound=Operation)
Bounds = tuple[int, int]
"""The least and the greatest number that a value may be."""


@dataclass(frozen=True)
class Grade:
    """What is known of floats, so that a program has one meaning whatever the order of its sums.

    Attributes:
        before, after: they are NaN, infinite, or have no more binary digits than these before and after the point;
            sums of few such numbers are exact in any order. `None` for any numbers.
        rough: whether they come from sums or functions that a compiler may round in another way: then nothing may
            depend on their last digits.
    """

    before: int | None = None
    after: int = 0
    rough: bool = False

    def fits(self, wanted: Grade) -> bool:
        """Whether such numbers may stand where `wanted` ones are expected."""
        if self.rough or wanted.rough:
            return wanted.rough
        if wanted.before is None:
            return True
        return self.before is not None and self.before <= wanted.before and self.after <= wanted.after

    def digits(self) -> int:
        """How many binary digits such numbers need."""
        return 1000 if self.before is None else self.before + self.after


SMALL = Grade(4, 2)
"""Quarters up to 16, NaN and infinities: what most inputs are."""
ANY = Grade()
ROUGH = Grade(rough=True)


def widest(*grades: Grade) -> Grade:
    """What holds for numbers of any of the grades."""
    if any(grade.rough for grade in grades):
        return ROUGH
    known = [(grade.before, grade.after) for grade in grades if grade.before is not None]
    if len(known) < len(grades) or not grades:
        return ANY
    return Grade(max(before for before, _ in known), max(after for _, after in known))


@dataclass(frozen=True, eq=False)
class Value:
    """A value of the program: a scalar, a tensor, a memref or a vector.

    Attributes:
        ssa: the value.
        shape: its sizes, also those that its type leaves open.
        grade: of its elements, where they are floats.
        bounds: of an index, where they are known.
        roots: the memory that a memref may be a part of.
        writable: whether the program may write to it.
        truth: what a boolean is, where that is known.
    """

    ssa: SSAValue
    shape: tuple[int, ...] = ()
    grade: Grade = ANY
    bounds: Bounds | None = None
    roots: frozenset[object] = frozenset()
    writable: bool = True
    truth: bool | None = None

    @property
    def type(self) -> Attribute:
        """Its type."""
        return self.ssa.type

    @property
    def element(self) -> Attribute:
        """The type of its elements; of a scalar its own."""
        return element_of(self.ssa.type)

    @property
    def is_scalar(self) -> bool:
        """Whether it is one number."""
        return not isinstance(self.ssa.type, TensorType | MemRefType | VectorType)

    @property
    def size(self) -> int:
        """How many elements it has."""
        return int(np.prod(self.shape, dtype=np.int64))


def element_of(type_: Attribute) -> Attribute:
    """The type of the elements of a tensor, memref or vector; any other type itself."""
    return type_.element_type if isinstance(type_, TensorType | MemRefType | VectorType) else type_


def grade_of_type(type_: Attribute, grade: Grade) -> Grade:
    """`grade` for floats; all other elements are exact."""
    return grade if isinstance(element_of(type_), AnyFloat) else ANY


@dataclass(eq=False)
class Function:
    """A function under construction.

    Attributes:
        name, region: those of the function.
        open: whether it may still get parameters.
        results: what it returns, or something of the same types, where that is settled before its end.
    """

    name: str
    region: Region
    open: bool
    results: Sequence[Value] | None = None

    @property
    def entry(self) -> Block:
        """Its first block."""
        return self.region.blocks[0]


class LevelProgram(Program):
    """A module below `hl` that is drawn op by op.

    Attributes:
        globals: constants in memory.
        wanted: the names of ops that statements make more often than others.
        callees: the private functions that may be called again.
    """

    def __init__(self, draw: Any, wanted: frozenset[str] = frozenset()):
        super().__init__(draw)
        self.globals: list[Operation] = []
        self.wanted = wanted
        self.callees: list[Any] = []

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included; nothing is drawn where there is only one."""
        return super().integer(low, high) if high > low else low

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`; nothing is drawn where there is only one."""
        return super().choice(options) if len(options) > 1 else options[0]

    def array(self, shape: Sequence[int], type_: Attribute, grade: Grade) -> np.ndarray:
        """An array; the simplest one counts."""
        dtype = dtype_of(element_of(type_))
        count, seed = int(np.prod(shape, dtype=np.int64)), self.integer(0, 2**16)
        source = np.random.default_rng(seed)
        if dtype.is_bool:
            numbers = source.integers(0, 2, count) if seed else np.arange(count) % 2
        else:
            numbers = source.integers(-9, 10, count) if seed else np.arange(count) % 7 + 1
        array = numbers.astype(dtype)
        if dtype.is_floating:
            array = (array / dtype.as_numpy_dtype(4)).astype(dtype)
        if seed and not dtype.is_bool and count:
            _add_special(array, source, grade)
        return array.reshape(tuple(shape))

    def parameter(self, function: Function, type_: Attribute, array: np.ndarray) -> SSAValue:
        """A new parameter of `main`, which is given `array`."""
        assert function.open
        self.inputs.append(array)
        argument = function.entry.insert_arg(type_, len(function.entry.args))
        argument.location = self.place()
        return argument

    def function(self, name: str, types: Sequence[Attribute] = (), open_: bool = False) -> Function:
        """A function without ops."""
        block = Block(arg_types=types)
        for argument in block.args:
            argument.location = self.place()
        return Function(name, Region(block), open_)

    def finish(self, main: Function, results: Sequence[Attribute]) -> Case:
        """The module, verified, with its inputs."""
        module = ModuleOp([*self.globals, self.closed(main, results, "public"), *self.functions])
        module.location = self.place()
        return self.case(module, Counter(op.name for op in module.walk() if op is not module))

    def closed(self, function: Function, results: Sequence[Attribute], visibility: str = "private") -> func.FuncOp:
        """The function op."""
        types = [argument.type for argument in function.entry.args]
        op = func.FuncOp(function.name, FunctionType.from_lists(types, results), function.region, visibility)
        op.location = self.place()
        return op


_SPECIAL = {
    "f": (np.nan, np.inf, -np.inf, -0.0),
    "any f": (np.nan, np.inf, -np.inf, -0.0, 1e-42, -3.4e38, 1e30, 0.1, 7e9),
}


def _add_special(array: np.ndarray, source: np.random.Generator, grade: Grade) -> None:
    """Put a few numbers in that rules are often wrong about."""
    if dtype_of(array).is_floating:
        options = np.array(_SPECIAL["any f" if grade.before is None else "f"]).astype(array.dtype)
    else:
        limits = np.iinfo(array.dtype)
        options = np.array([limits.min, limits.max, limits.max // 2], array.dtype)
    chosen = source.integers(0, 8, array.shape) == 0
    array[chosen] = source.choice(options, int(chosen.sum()))


class Code:
    """Inserts ops at the end of a block, each with a line of its own."""

    def __init__(self, program: LevelProgram, block: Block):
        self.program, self.block = program, block

    def add(self, op: OpT) -> OpT:
        """Insert `op`; what is nested in it has lines already, but for what ops of `linalg` hide."""
        locate(op, self.program.place())
        for region in op.regions:
            for block in region.blocks:
                for argument in block.args:
                    argument.location = op.location
        self.block.add_op(op)
        return op

    def value(self, op: Operation) -> SSAValue:
        """Insert `op` and give its only result."""
        return self.add(op).results[0]

    def constant(self, number: float | int, type_: Attribute) -> SSAValue:
        """A constant scalar."""
        return self.value(arith.ConstantOp(constant_attr(number, type_)))

    def index(self, number: int) -> SSAValue:
        """A constant of type `index`."""
        return self.constant(number, IndexType())


def width_of(type_: Attribute) -> int:
    """How many bits an integer or float has; an index has 64."""
    if isinstance(type_, IndexType):
        return 64
    assert isinstance(type_, IntegerType | AnyFloat), type_
    return type_.bitwidth
