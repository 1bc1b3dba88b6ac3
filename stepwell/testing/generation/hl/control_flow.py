"""Branches, loops and calls of generated programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import IndexType, StringAttr, TensorType, i1, i32
from xdsl.ir import Attribute, Block, Region, SSAValue

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.dialects.hl.registry import OPS

from .body import Function
from .effects import EffectBody
from .values import BOOL, Value, joined


class ControlFlowBody(EffectBody):
    """A body in which branches, loops and calls may stand."""

    def called(self) -> list[Value]:
        """A call of a function of its own, which sees nothing but its arguments."""
        given = self.program.some(self.values)
        tracer = Tracer(self.program.name("callee"))
        tracer.location = self.program.place()
        with tracer.at(tracer.location), tracing(tracer):
            inside = [Value(tracer.argument(value.ssa.type, "y"), value.array) for value in given]
            body = type(self)(self.program, Function(tracer, open=False, effects=False), inside, self.depth - 1)
            body.statements(self.program.integer(1, 2))
            ends = self.program.some(body.values)
            module = tracer.finish([end.ssa for end in ends])
        function = module.body.block.first_op
        assert isinstance(function, func.FuncOp)
        function.detach()
        function.sym_visibility = StringAttr("private")
        self.program.functions.append(function)
        with self.here():
            call = func.CallOp(tracer.name, [value.ssa for value in given], [end.ssa.type for end in ends])
            made = self.tracer.add(call)
        return _results(made.results, [end.array for end in ends])

    def _truth(self) -> Value:
        """A boolean scalar."""
        scalars = [value for value in self.values if value.kind == (BOOL, ())]
        return self.program.choice(scalars) if scalars else self.leaf(np.array(self.program.boolean()))

    def branch(self) -> list[Value]:
        """`scf.if`, whose branches may give values of different sizes."""
        test = self._truth()
        with self.here():
            condition = self.tracer.add(tensor.ExtractOp(test.ssa, [], i1)).result
        with self.tracer.region() as then:
            body = self.inner()
            body.statements(self.program.integer(0, 2))
            left = self.program.some(body.values)
        with self.tracer.region() as otherwise:
            body = self.inner()
            body.statements(self.program.integer(0, 2))
            right = self._like(left, body.values, of_any_size=self.program.boolean())
        types = [joined(one.ssa.type, other.ssa.type) for one, other in zip(left, right, strict=True)]
        for block, ends in ((then, left), (otherwise, right)):
            self._yield(block, ends, types)
        with self.here():
            made = self.tracer.add(scf.IfOp(condition, types, Region(then), Region(otherwise)))
        return _results(made.results, [end.array for end in (left if test.array else right)])

    def _like(self, wanted: Sequence[Value], values: Sequence[Value], of_any_size: bool = False) -> list[Value]:
        """For each value another of its dtype and sizes, or of its dtype and rank."""

        def fits(other: Value, value: Value) -> bool:
            alike = other.array.dtype == value.array.dtype and other.array.ndim == value.array.ndim
            return alike and (of_any_size or other.array.shape == value.array.shape)

        found = []
        for value in wanted:
            options = [other for other in values if fits(other, value)][::-1]
            found.append(self.program.choice(options) if options else self.leaf(np.zeros_like(value.array)))
        return found

    def _yield(
        self, block: Any, ends: Sequence[Value], types: Sequence[Attribute], leading: Sequence[Any] = ()
    ) -> None:
        """End a body with values cast to the types agreed on."""
        self.tracer._open.append(block)
        with self.here():
            casts = [self.cast(end.ssa, type_) for end, type_ in zip(ends, types, strict=True)]
            self.tracer.add(scf.YieldOp(*leading, *casts))
        self.tracer._open.pop()

    def _index(self, number: int) -> SSAValue:
        return self.tracer.add(arith.ConstantOp.from_int_and_width(number, IndexType())).result

    def unreached(self) -> None:
        """An op or a cast that would fail, in a loop of no round or in a branch that is not taken: the program goes on.

        Everything it needs is there before, so that it may be moved out, by whoever overlooks that it is not to run.
        """
        emit = self.unfit_cast() if self.program.integer(0, 3) == 0 else self.unfit()
        if emit is None:
            return
        with self.tracer.region() as body:
            emit()
        if self.program.boolean():
            self._branch_of(body, taken=False)
        elif self.program.boolean():
            self._skipped_for(body)
        else:
            self._skipped_while(body)

    def stopped(self) -> None:
        """An op that fails in a loop that runs, or in a branch that is taken, behind what is seen before that.

        What is before it is a print, or another op that fails. So the program stops there, and tells of the first one;
        an op that was moved out of the loop, or over the other one, is one that stops too soon.
        """
        emit, first = self.unfit(), self.unfit() if self.program.boolean() else self.printed
        if emit is None or first is None:
            return
        with self.tracer.region() as body:
            first()
            emit()
        if self.program.integer(0, 2):
            self._run_for(body)
        else:
            self._branch_of(body, taken=True)

    def _run_for(self, body: Block) -> None:
        """`scf.for` of one or two rounds."""
        self._yield(body, [], [])
        body.insert_arg(IndexType(), 0).location = self.tracer.location
        with self.here():
            low, high, step = (self._index(number) for number in (0, self.program.integer(1, 2), 1))
            self.tracer.add(scf.ForOp(low, high, step, [], Region(body)))

    def _branch_of(self, body: Block, taken: bool) -> None:
        """`scf.if` with a body in the branch that is taken, or in the other one; nothing else is in it."""
        truth = self.program.boolean()
        self._yield(body, [], [])
        with self.tracer.region() as other:
            pass
        self._yield(other, [], [])
        branches = (body, other) if truth == taken else (other, body)
        test = self.leaf(np.array(truth))
        with self.here():
            condition = self.tracer.add(tensor.ExtractOp(test.ssa, [], i1)).result
            self.tracer.add(scf.IfOp(condition, [], Region(branches[0]), Region(branches[1])))

    def _skipped_for(self, body: Block) -> None:
        """`scf.for` up to 0, which it may take from the program's input."""
        self._yield(body, [], [])
        body.insert_arg(IndexType(), 0).location = self.tracer.location
        limit = self.leaf(np.array(0, np.int32)) if self.program.boolean() else None
        with self.here():
            low, high, step = (self._index(number) for number in (0, 0, 1))
            if limit is not None:
                number = self.tracer.add(tensor.ExtractOp(limit.ssa, [], i32)).result
                high = self.tracer.add(arith.IndexCastOp(number, IndexType())).result
            self.tracer.add(scf.ForOp(low, high, step, [], Region(body)))

    def _skipped_while(self, body: Block) -> None:
        """`scf.while` whose condition does not hold at first."""
        self._yield(body, [], [])
        test = self.leaf(np.array(False))
        with self.tracer.region() as before, self.here():
            condition = self.tracer.add(tensor.ExtractOp(test.ssa, [], i1)).result
            self.tracer.add(scf.ConditionOp(condition))
        with self.here():
            self.tracer.add(scf.WhileOp([], [], Region(before), Region(body)))

    def _iteration(self, counter: Value, arguments: Sequence[SSAValue], carried: Sequence[Value]) -> list[Value]:
        """The statements of a body, which may use its counter; what it hands to the next iteration."""
        inside = _results(arguments, [value.array for value in carried])
        body = self.inner([counter, *inside])
        body.statements(self.program.integer(1, 3))
        return self._like(inside, body.values)

    def _counter(self, index: SSAValue) -> Value:
        """The counter of a loop as a tensor."""
        with self.here():
            number = self.tracer.add(arith.IndexCastOp(index, i32)).result
            scalar = self.tracer.add(tensor.FromElementsOp(number, result_type=TensorType(i32, [])))
        return Value(scalar.result, np.array(0, np.int32))

    def counted(self) -> list[Value]:
        """`scf.for`, run 0 to 3 times."""
        carried, trips = self.program.some(self.values), self.program.integer(0, 3)
        with self.here():
            low, high, step = (self._index(number) for number in (0, trips, 1))
        types = [value.ssa.type for value in carried]
        with self.tracer.region([IndexType(), *types]) as block:
            ends = self._iteration(self._counter(block.args[0]), block.args[1:], carried)
        self._yield(block, ends, types)
        with self.here():
            made = self.tracer.add(scf.ForOp(low, high, step, [value.ssa for value in carried], Region(block)))
        arrays = [end.array if trips else start.array for start, end in zip(carried, ends, strict=True)]
        return _results(made.results, arrays)

    def repeated(self) -> list[Value]:
        """`scf.while` that counts, since a generated program has to end."""
        carried, trips = self.program.some(self.values), self.program.integer(0, 3)
        types = [value.ssa.type for value in carried]
        with self.here():
            first, limit, one = (self.tracer.constant(np.array(number, np.int32)) for number in (0, trips, 1))
        scalar = first.type
        with self.tracer.region([scalar, *types]) as before, self.here():
            test = self.tracer.emit(OPS["hl.less"], [before.args[0], limit], {}).results[0]
            condition = self.tracer.add(tensor.ExtractOp(test, [], i1)).result
            self.tracer.add(scf.ConditionOp(condition, *before.args))
        with self.tracer.region([scalar, *types]) as after:
            ends = self._iteration(Value(after.args[0], np.array(0, np.int32)), after.args[1:], carried)
            with self.here():
                following = self.tracer.emit(OPS["hl.add"], [after.args[0], one], {}).results[0]
        self._yield(after, ends, types, [following])
        with self.here():
            starts = [first, *(value.ssa for value in carried)]
            made = self.tracer.add(scf.WhileOp(starts, [scalar, *types], Region(before), Region(after)))
        arrays = [end.array if trips else start.array for start, end in zip(carried, ends, strict=True)]
        return _results(made.results[1:], arrays)


def _results(results: Sequence[SSAValue], arrays: Sequence[np.ndarray]) -> list[Value]:
    """Values with the arrays that they may hold."""
    return [Value(ssa, array) for ssa, array in zip(results, arrays, strict=True)]
