"""`linalg` in drawn programs: bodies of scalar ops over iteration spaces, read and written through index maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import AffineMapAttr, AnyFloat, DenseArrayBase, TensorType, f32, f64, i1, i32, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

from ..draws import Kinds
from .body import ELEMENTS
from .program import ANY, ROUGH, SMALL, Grade, Value, grade_of_type, widest
from .shapes import SIDES
from .tensors import TensorBody, tensor_type
from .totals import a_kind, combined, item_grade, prepared, total_grade

MOST_POINTS = 800
"""No iteration space has more points than this."""


@dataclass(frozen=True)
class Space:
    """How far each loop runs, and which loops are reductions."""

    sizes: Sequence[int]
    reduced: Sequence[bool]

    @property
    def parallel(self) -> list[int]:
        """The loops that are no reductions."""
        return [number for number, reduced in enumerate(self.reduced) if not reduced]

    @property
    def reductions(self) -> int:
        """How many elements each total is of."""
        return prod(size for size, reduced in zip(self.sizes, self.reduced, strict=True) if reduced)

    def types(self) -> list[IteratorTypeAttr]:
        """The iterator types."""
        return [IteratorTypeAttr.reduction() if r else IteratorTypeAttr.parallel() for r in self.reduced]


@dataclass(frozen=True)
class Out:
    """An output: what it is written over, where, and how it is combined with what stands there (`None`: it is not)."""

    init: Value
    exprs: Sequence[AffineExpr]
    kind: type[Operation] | None
    read: bool


class GenericBody(TensorBody):
    """A body with computations over index maps; `space`: that of the computation whose body this is."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        self.space: Space | None = None

    def generic_kinds(self) -> Kinds:
        """The computations that may stand here."""
        kinds = [(8, self.generic)]
        if self.tensors():
            kinds += [(8, self.generic), (2, self.elementwise), (2, self.transpose), (2, self.matmul)]
        kinds += [(6, self.contraction)]
        return kinds

    def scalar_kinds(self) -> Kinds:
        """Arithmetic; in the body of a computation also where it is, and what it looks up."""
        kinds = list(super().scalar_kinds())
        if self.space is not None:
            kinds += [(3, self.counter)] if self.space.sizes else []
            kinds += [(2, self.look_up)] if any(value.size for value in self.tensors()) else []
            kinds += [(1, self.branch_in_body)] if self.depth else []
        return kinds

    # what stands in bodies

    def counter(self) -> None:
        """`linalg.index`."""
        assert self.space is not None
        number = self.program.integer(0, len(self.space.sizes) - 1)
        most = max(self.space.sizes[number] - 1, 0)
        self.scalar(self.code.value(linalg.IndexOp(number)), bounds=(0, most))

    def look_up(self) -> None:
        """An element of a tensor outside, whose place may depend on where the body is."""
        options = [value for value in self.tensors() if value.size]
        if not options:
            return
        source = self.pick(options)
        op = tensor.ExtractOp(source.ssa, self.place_in(source), source.element)
        self.scalar(self.code.value(op), source.grade)

    def branch_in_body(self) -> None:
        """A choice for each element."""
        condition, type_ = self.operand(i1), self.type(ELEMENTS)
        ends, blocks = [], []
        for _ in range(2):
            side = self.inner(Block())
            side.space, side.depth = Space((), ()), 0  # `linalg.index` stands in the body itself only
            side.compute_some(2)
            ends.append(side.operand(type_))
            side.code.add(scf.YieldOp(ends[-1].ssa))
            blocks.append(Region(side.code.block))
        op = scf.IfOp(condition.ssa, [type_], *blocks)
        self.scalar(self.code.value(op), widest(*(end.grade for end in ends)))

    # computations

    def generic(self) -> None:
        """`linalg.generic` over the axes of a tensor at hand, in any order, and perhaps more.

        The tensor may be read in two ways, and be written over by what is computed.
        """
        found = self._space()
        if found is None:
            return
        space, inputs = found
        for _ in range(self.program.integer(0, 2)):
            again = inputs[0][0] if inputs and self.program.chance(3) else None
            more = self._input(space, again)
            inputs += [more] if more is not None else []
        outs = [self._out(space, [value for value, _ in inputs]) for _ in range(self.program.choice((1, 1, 2, 3)))]
        self._compute(space, inputs, outs)

    def _space(self) -> tuple[Space, list[tuple[Value, Sequence[AffineExpr]]]] | None:
        options = self.tensors()
        if not options or self.program.chance(6):
            shape = self.a_shape()
            return Space(shape, [False] * len(shape)), []
        first = self.pick(options)
        order = self.permutation(len(first.shape))
        sizes, reduced = [0] * len(order), [False] * len(order)
        for axis, loop in enumerate(order):
            sizes[loop], reduced[loop] = first.shape[axis], self.program.chance(4)
        if self.program.chance(4):
            sizes.append(self.program.choice(SIDES[:4]))
            reduced.append(False)
        if prod(sizes) > MOST_POINTS:
            return None
        return Space(sizes, reduced), [(first, [AffineDimExpr(loop) for loop in order])]

    def permutation(self, count: int) -> list[int]:
        """Numbers in an order; mostly in their own."""
        left, found = list(range(count)), []
        while left:
            found.append(left.pop(self.program.integer(0, len(left) - 1) if self.program.chance(3) else 0))
        return found

    def _input(self, space: Space, again: Value | None) -> tuple[Value, Sequence[AffineExpr]] | None:
        """One more input, or one once more, each of whose axes is indexed by some of the loops, or by none."""
        options = self.tensors()
        if not options:
            return None
        value = again or self.pick(options)
        exprs = [self._index(size, space.sizes) for size in value.shape]
        known = [expr for expr in exprs if expr is not None]
        return (value, known) if len(known) == len(exprs) else None

    def _index(self, size: int, sizes: Sequence[int]) -> AffineExpr | None:
        """An index of an axis, for all points of a space."""
        loops = [AffineDimExpr(number) for number, count in enumerate(sizes) if count == size]
        others: list[AffineExpr] = [AffineConstantExpr(self.program.integer(0, size - 1))] if size else []
        for number, count in enumerate(sizes):
            if count == size:
                others.append(AffineDimExpr(number) * -1 + (size - 1))
            if count and 2 * (count - 1) < size:
                others.append(AffineDimExpr(number) * 2 + self.program.integer(0, size - 1 - 2 * (count - 1)))
            for second in range(number):
                if count and sizes[second] and count + sizes[second] - 1 <= size:
                    others.append(AffineDimExpr(number) + AffineDimExpr(second))
        if loops and not (others and self.program.chance(4)):
            return self.program.choice(loops)
        return self.program.choice(others) if others else None

    def _out(self, space: Space, inputs: Sequence[Value]) -> Out:
        loops = [space.parallel[number] for number in self.permutation(len(space.parallel))]
        shape = [space.sizes[loop] for loop in loops]
        exprs: list[AffineExpr] = [AffineDimExpr(loop) for loop in loops]
        element = self.type(ELEMENTS)
        if any(space.reduced):
            kind = a_kind(self, element, space.reductions)
            return Out(self._start(shape, element, kind), exprs, kind, False)
        alike = [value for value in inputs if value.shape == tuple(shape) and not value.grade.rough]
        if alike and self.program.chance(3):
            return Out(self.program.choice(alike), exprs, None, self.program.chance(3))
        if self.program.chance(2):
            return Out(self.of_shape(shape, element), exprs, None, self.program.chance(2))
        return Out(Value(self.empty(shape, element), tuple(shape)), exprs, None, False)

    def _start(self, shape: Sequence[int], element: Attribute, kind: type[Operation]) -> Value:
        """What a total starts from: one number everywhere, or any tensor whose elements may be combined."""
        grade = item_grade(kind)
        options = [
            value
            for value in self.tensors()
            if (value.shape, value.element) == (tuple(shape), element) and value.grade.fits(grade)
        ][:4]
        found = self.at_hand(options) if kind not in (arith.MaxnumfOp, arith.MinnumfOp) else None
        return found or self.filled_with(prepared(self, kind, self.operand(element, grade)), shape)

    def _compute(self, space: Space, inputs: Sequence[tuple[Value, Sequence[AffineExpr]]], outs: Sequence[Out]) -> None:
        types = [value.element for value, _ in inputs] + [out.init.element for out in outs]
        block = Block(arg_types=types)
        body = self.inner(block)
        body.space = space
        body.depth = min(body.depth, 1)
        body.values += [Value(a, grade=value.grade) for a, (value, _) in zip(block.args, inputs, strict=False)]
        own = list(block.args[len(inputs) :])
        body.values += [Value(a, grade=out.init.grade) for a, out in zip(own, outs, strict=True) if out.read]
        body.compute_some(5)
        ends = [body.given_out(out, argument) for out, argument in zip(outs, own, strict=True)]
        body.code.add(linalg.YieldOp(*(end.ssa for end in ends)))
        maps = [AffineMap(len(space.sizes), 0, tuple(exprs)) for _, exprs in inputs]
        maps += [AffineMap(len(space.sizes), 0, tuple(out.exprs)) for out in outs]
        op = linalg.GenericOp(
            [value.ssa for value, _ in inputs],
            [out.init.ssa for out in outs],
            Region(block),
            [AffineMapAttr(map_) for map_ in maps],
            space.types(),
            [out.init.type for out in outs],
        )
        for result, end, out in zip(self.code.add(op).results, ends, outs, strict=True):
            grades = (end.grade, out.init.grade) if out.kind is not None else (end.grade,)
            self.tensor(result, out.init.shape, *grades)

    def given_out(self, out: Out, argument: SSAValue) -> Value:
        """What the body gives for an output."""
        if out.kind is None:
            return self.operand(argument.type, ROUGH if self.program.chance(4) else ANY)
        item = prepared(self, out.kind, self.operand(argument.type, item_grade(out.kind)))
        return self.scalar(combined(self, out.kind, argument, item), total_grade(out.kind))

    # named computations

    def elementwise(self) -> None:
        """An op of `linalg` that has a name of its own, on two tensors of the same sizes."""
        first = self.pick(self.tensors())
        second = self.of_shape(first.shape, first.element)
        if first.grade.rough:
            return
        out = self.empty(first.shape, first.element)
        kind = self.program.choice((linalg.AddOp, linalg.SubOp, linalg.MulOp, linalg.MaxOp, linalg.MinOp))
        op = kind([first.ssa, second.ssa], [out], [out.type])
        self._named(op, first.shape, ANY)

    def transpose(self) -> None:
        """`linalg.transpose`."""
        source = self.pick(self.tensors())
        order = self.permutation(len(source.shape))
        shape = [source.shape[axis] for axis in order]
        static = tensor_type(source).get_shape()
        out = self.empty_of(shape, TensorType(source.element, [static[axis] for axis in order]))
        op = linalg.TransposeOp(source.ssa, out, DenseArrayBase.from_list(i64, order))
        self._named(op, shape, source.grade)

    def matmul(self) -> None:
        """`linalg.matmul`, added to what is there."""
        options = [v for v in self.tensors(2) if len(v.shape) == 2 and v.grade.fits(SMALL)]
        if not options:
            return
        first = self.pick(options)
        fitting = [v for v in options if v.element == first.element and v.shape[0] == first.shape[1]]
        if not fitting or first.element == i1:
            return
        second = self.pick(fitting)
        shape = [first.shape[0], second.shape[1]]
        start = self._start(shape, first.element, arith.AddfOp)
        op = linalg.MatmulOp([first.ssa, second.ssa], [start.ssa], [start.type])
        self._named(op, shape, ANY)

    def contraction(self) -> None:
        """A sum of products over a loop, batched or not, of matrices that may lie either way and be of known sizes."""
        m, n, k = (self.program.choice((2, 4, 17, 1, 5, 9, 32)) for _ in range(3))
        element = self.program.choice((f32, i32, f64, i64))
        batch = [2] if m * n * k <= MOST_POINTS and self.program.chance(4) else []
        if m * n * k > 8 * MOST_POINTS:
            return
        dims = [AffineDimExpr(number) for number in range(len(batch) + 3)]
        outer, (row, column, inner) = dims[: len(batch)], dims[len(batch) :]
        sizes = dict(zip(dims, [*batch, m, n, k], strict=True))
        found, are_known = [], self.program.chance(2)
        for pair in ((row, inner), (inner, column), (row, column)):
            exprs = [*outer, *(reversed(pair) if self.program.chance(3) else pair)]
            found.append((self.matrix([sizes[expr] for expr in exprs], element, are_known), exprs))
        space = Space([sizes[dim] for dim in dims], [dim is inner for dim in dims])
        (a, b), (start, exprs) = found[:2], found[2]
        self._sum_of_products(space, a, b, Out(start, exprs, arith.AddfOp, False))

    def matrix(self, shape: Sequence[int], element: Attribute, is_known: bool) -> Value:
        """A tensor whose elements may be multiplied and summed in any order: one at hand, a parameter, or constant.

        Args:
            shape, element: its sizes, and the type of its elements.
            is_known: whether its type says all sizes.
        """
        found = self._matrix(shape, element)
        return self.seen_as(found, shape) if is_known else found

    def _matrix(self, shape: Sequence[int], element: Attribute) -> Value:
        grade = grade_of_type(element, SMALL)
        options = [v for v in self.tensors() if (v.shape, v.element) == (tuple(shape), element)]
        options = [value for value in options if value.grade.fits(grade)][:4]
        found = self.at_hand(options)
        if found is not None or not self.function.open:
            return found or self.constant_of(shape, element, grade)
        array = self.program.array(shape, element, grade)
        return self.parameter(self.opened(shape, element), array, grade)

    def _sum_of_products(
        self, space: Space, a: tuple[Value, Sequence[AffineExpr]], b: tuple[Value, Sequence[AffineExpr]], out: Out
    ) -> None:
        element = out.init.element
        block = Block(arg_types=[element] * 3)
        body = self.inner(block)
        whole = not isinstance(element, AnyFloat)
        product = body.code.value((arith.MuliOp if whole else arith.MulfOp)(block.args[0], block.args[1]))
        pair = (block.args[2], product) if self.program.chance(2) else (product, block.args[2])
        body.code.add(linalg.YieldOp(body.code.value((arith.AddiOp if whole else arith.AddfOp)(*pair))))
        maps = [AffineMap(len(space.sizes), 0, tuple(exprs)) for exprs in (a[1], b[1], out.exprs)]
        op = linalg.GenericOp(
            [a[0].ssa, b[0].ssa],
            [out.init.ssa],
            Region(block),
            [AffineMapAttr(map_) for map_ in maps],
            space.types(),
            [out.init.type],
        )
        self.tensor(self.code.value(op), out.init.shape, ANY)

    def _named(self, op: Operation, shape: Sequence[int], grade: Grade) -> None:
        self.tensor(self.code.value(op), shape, grade)
