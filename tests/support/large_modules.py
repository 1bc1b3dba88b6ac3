"""Large modules, the same ones each time: straight lines, nested control flow, calls, Variables and prints.

Hypothesis draws small examples well, and large ones hardly ever. These are for what needs size: reduction, timing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import FileLineColLoc, IndexType, IntAttr, ModuleOp, StringAttr, i1
from xdsl.ir import Attribute, Region, SSAValue

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.dialects import debug, state
from stepwell.dialects.dtypes import BOOL, as_dtype, dtype_of
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import shape_of, tensor_type

BOOL = BOOL
_KINDS = [(as_dtype(dtype), shape) for dtype in ("f4", "i4", "f8") for shape in ((), (4,), (3, 4))]
_BINARY = ("hl.add", "hl.sub", "hl.mul", "hl.maximum", "hl.minimum")
_UNARY = ("hl.neg", "hl.abs")
_COMPARE = ("hl.less", "hl.equal", "hl.greater_equal")


def large_module(seed: int, ops: int = 220, depth: int = 2, effects: bool = False, calls: bool = False) -> ModuleOp:
    """An `hl` module of at least `ops` ops, each with a line of its own.

    Args:
        seed: the same seed gives the same module.
        ops: how many ops there are at least, the module itself not counted.
        depth: how deep branches and loops nest; 0 for a straight line.
        effects: whether there are Variables and prints.
        calls: whether some of the work is done by private functions.

    Example:
        >>> sum(1 for _ in large_module(0).walk()) > 220
        True
    """
    return _Large(random.Random(seed), depth, effects, calls).module(ops)


@dataclass
class _Large:
    """Builds one module.

    Attributes:
        random: where choices come from.
        depth: how deep control flow may nest.
        effects: whether there are Variables and prints.
        calls: whether there are private functions.
        functions: those made so far.
        variables: parameters that are Variables.
        count: about how many ops there are.
    """

    random: random.Random
    depth: int
    effects: bool
    calls: bool
    tracer: Tracer = field(default_factory=lambda: Tracer("main"))
    functions: list[func.FuncOp] = field(default_factory=list)
    variables: list[SSAValue] = field(default_factory=list)
    count: int = 0

    def module(self, ops: int) -> ModuleOp:
        """The whole: statements until there are enough; the latest values are returned."""
        with tracing(self.tracer), self._line():
            values: list[SSAValue] = [self.tracer.argument(tensor_type(shape, dtype), "x") for dtype, shape in _KINDS]
            if self.effects:
                kind = VariableType(tensor_type((4,), "f4"))
                self.variables = [self.tracer.argument(kind, "v") for _ in range(2)]
        with tracing(self.tracer):
            while self.count < ops:
                values += self._statement(values, self.depth)
            with self._line():
                module = self.tracer.finish(values[-8:])
        for function in self.functions:
            module.body.block.add_op(function)
        module.verify()
        return module

    def _line(self) -> Any:
        """What is emitted inside is from the next line of a program."""
        self.count += 1
        return self.tracer.at(FileLineColLoc(StringAttr("large.py"), IntAttr(self.count), IntAttr(0)))

    def _statement(self, values: Sequence[SSAValue], depth: int) -> Sequence[SSAValue]:
        kinds: list[Callable[[Sequence[SSAValue], int], Sequence[SSAValue]]] = [self._apply] * 12
        if depth:
            kinds += [self._branch, self._loop, self._while]
        if depth and self.calls and depth == self.depth:
            kinds += [self._call] * 2
        if self.effects:
            kinds += [self._effect] * 4
        return self.random.choice(kinds)(values, depth)

    def _recent(self, values: Sequence[SSAValue], fits: Callable[[SSAValue], bool]) -> SSAValue | None:
        """A value that fits, mostly one of the last, so that long chains come about."""
        fitting = [value for value in values if fits(value)]
        if not fitting:
            return None
        return self.random.choice(fitting[-6:] if self.random.random() < 0.8 else fitting)

    def _number(self, values: Sequence[SSAValue]) -> SSAValue:
        found = self._recent(values, lambda value: dtype_of(value.type) != BOOL)
        assert found is not None
        return found

    def _emit(self, op: str, operands: Sequence[SSAValue], **attrs: Any) -> SSAValue:
        with self._line():
            return self.tracer.emit(OPS[op], operands, attrs).results[0]

    def _apply(self, values: Sequence[SSAValue], depth: int) -> list[SSAValue]:
        """An op on values at hand."""
        x = self._number(values)
        y = self._recent(values, lambda value: value.type == x.type)
        assert y is not None
        shape = shape_of(x.type)  # pyright: ignore[reportArgumentType]
        test = self._recent(values, lambda value: value.type == tensor_type(shape, BOOL))
        kind = self.random.choice(["binary"] * 5 + ["unary", "unary", "compare", "compare", "select", "move", "reduce"])
        if kind == "compare":
            return [self._emit(self.random.choice(_COMPARE), [x, y])]
        if kind == "select" and test is not None:
            return [self._emit("hl.select", [test, x, y])]
        if kind == "move" and len(shape) == 2:
            turned = self._emit("hl.transpose", [x], perm=(1, 0))
            return [turned, self._emit("hl.transpose", [self._emit("hl.neg", [turned])], perm=(1, 0))]
        if kind == "reduce" and len(shape) == 2:
            return [self._emit(self.random.choice(["hl.max", "hl.min"]), [x], axes=(0,), keepdims=False)]
        if kind == "unary":
            return [self._emit(self.random.choice(_UNARY), [x])]
        return [self._bounded(self._emit(self.random.choice(_BINARY), [x, y]))]

    def _bounded(self, value: SSAValue) -> SSAValue:
        """Now and then, values are made small again, so that they do not all end as infinity."""
        if self.random.random() < 0.7:
            return value
        with self._line():
            limit = self.tracer.constant(np.array(8, dtype_of(value.type)))
        return self._emit("hl.minimum", [self._emit("hl.maximum", [value, self._emit("hl.neg", [limit])]), limit])

    def _body(self, values: Sequence[SSAValue], depth: int) -> list[SSAValue]:
        found = list(values)
        for _ in range(self.random.randint(2, 4)):
            found += self._statement(found, depth - 1)
        return found

    def _like(self, values: Sequence[SSAValue], types: Sequence[Attribute]) -> list[SSAValue]:
        """Late values of these types."""
        found = []
        for type_ in types:
            value = self._recent(values, lambda value, type_=type_: value.type == type_)
            assert value is not None
            found.append(value)
        return found

    def _end(self, block: Any, make: Callable[[], Any]) -> None:
        self.tracer._open.append(block)
        with self._line():
            self.tracer.add(make())
        self.tracer._open.pop()

    def _starts(self, values: Sequence[SSAValue]) -> list[SSAValue]:
        return [self._number(values) for _ in range(self.random.randint(1, 2))]

    def _branch(self, values: Sequence[SSAValue], depth: int) -> Sequence[SSAValue]:
        test = self._recent(values, lambda value: value.type == tensor_type((), BOOL))
        if test is None:
            return []
        types = [start.type for start in self._starts(values)]
        with self._line():
            condition = self.tracer.add(tensor.ExtractOp(test, [], i1)).result
        blocks = []
        for _ in range(2):
            with self.tracer.region() as block:
                ends = self._like(self._body(values, depth), types)
            self._end(block, lambda ends=ends: scf.YieldOp(*ends))
            blocks.append(block)
        with self._line():
            return self.tracer.add(scf.IfOp(condition, types, Region(blocks[0]), Region(blocks[1]))).results

    def _index(self, number: int) -> SSAValue:
        with self._line():
            return self.tracer.add(arith.ConstantOp.from_int_and_width(number, IndexType())).result

    def _loop(self, values: Sequence[SSAValue], depth: int) -> Sequence[SSAValue]:
        starts = self._starts(values)
        bounds = [self._index(number) for number in (0, self.random.randint(2, 3), 1)]
        with self.tracer.region([IndexType(), *(start.type for start in starts)]) as block:
            ends = self._like(self._body([*values, *block.args[1:]], depth), [start.type for start in starts])
        self._end(block, lambda: scf.YieldOp(*ends))
        with self._line():
            return self.tracer.add(scf.ForOp(bounds[0], bounds[1], bounds[2], starts, Region(block))).results

    def _while(self, values: Sequence[SSAValue], depth: int) -> Sequence[SSAValue]:
        """Counts, since a generated program has to end."""
        starts = self._starts(values)
        types = [start.type for start in starts]
        with self._line():
            first, limit, one = (self.tracer.constant(np.array(number, "i4")) for number in (0, 2, 1))
        with self.tracer.region([first.type, *types]) as before:
            test = self._emit("hl.less", [before.args[0], limit])
            with self._line():
                condition = self.tracer.add(tensor.ExtractOp(test, [], i1)).result
                self.tracer.add(scf.ConditionOp(condition, *before.args))
        with self.tracer.region([first.type, *types]) as after:
            ends = self._like(self._body([*values, *after.args[1:]], depth), types)
            following = self._emit("hl.add", [after.args[0], one])
        self._end(after, lambda: scf.YieldOp(following, *ends))
        with self._line():
            loop = scf.WhileOp([first, *starts], [first.type, *types], Region(before), Region(after))
            return self.tracer.add(loop).results[1:]

    def _call(self, values: Sequence[SSAValue], depth: int) -> Sequence[SSAValue]:
        """A call of a function of its own, which gives two results of one type."""
        given = [self._number(values) for _ in range(3)]
        outer, self.tracer = self.tracer, Tracer(f"callee{len(self.functions)}")
        effects, self.effects = self.effects, False
        with tracing(self.tracer), self._line():
            inside: list[SSAValue] = [self.tracer.argument(value.type, "y") for value in given]
        with tracing(self.tracer):
            ends = self._like(self._body(inside, depth), [given[0].type] * 2)
            with self._line():
                function = self.tracer.finish(ends).body.block.first_op
        self.tracer, self.effects = outer, effects
        assert isinstance(function, func.FuncOp)
        function.detach()
        function.sym_visibility = StringAttr("private")
        self.functions.append(function)
        with self._line():
            call = func.CallOp(function.sym_name.data, given, [end.type for end in ends])
            return self.tracer.add(call).results

    def _effect(self, values: Sequence[SSAValue], depth: int) -> list[SSAValue]:
        variable = self.random.choice(self.variables)
        kind = self.random.choice(["read", "write", "print"])
        with self._line():
            if kind == "read":
                return [self.tracer.add(state.ReadOp(variable)).value]
            if kind == "print":
                shown = self._number(values)
                self.tracer.add(debug.PrintOp(f"at {self.count}: {{0}}", [shown]))
                return []
            assert isinstance(variable.type, VariableType)
            value = self._recent(values, lambda value: value.type == variable.type.value_type)  # pyright: ignore
            assert value is not None
            self.tracer.add(self.random.choice([state.AssignOp, state.AssignAddOp])(variable, value))
        return []
