"""Branches, loops and calls of generated programs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import IndexType, StringAttr, TensorType, i1, i32
from xdsl.ir import Attribute, Block, Region, SSAValue

from stepwell.compiler.frontend.tracing.tracer import Tracer, tracing
from stepwell.dialects.hl import OPS

from .module_effects import printed, unfit, unfit_cast
from .module_values import BOOL, Value, joined

if TYPE_CHECKING:
    from .module_builder import Builder


def called(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """A call of a function of its own, which sees nothing but its arguments."""
    given = b.some(values)
    b.calls += 1
    outer, b.tracer = b.tracer, Tracer(f"callee{b.calls}")
    with b.here(), tracing(b.tracer):
        inside = [Value(b.tracer.argument(value.ssa.type, "y"), value.array) for value in given]
        saved = b.variables, b.inputs, b.effects
        b.variables, b.inputs, b.effects, b.closed = [], [], False, True
        ends = b.some(b.statements(inside, b.integer(1, 2), depth - 1))
        b.variables, b.inputs, b.effects = saved
        b.closed = outer.name != "main"
        module = b.tracer.finish([end.ssa for end in ends])
    name, b.tracer = b.tracer.name, outer
    function = module.body.block.first_op
    assert isinstance(function, func.FuncOp)
    function.detach()
    function.sym_visibility = StringAttr("private")
    b.functions.append(function)
    with b.here():
        call = func.CallOp(name, [value.ssa for value in given], [end.ssa.type for end in ends])
        made = b.tracer.add(call)
    return [Value(ssa, end.array) for ssa, end in zip(made.results, ends, strict=True)]


def _truth(b: Builder, values: Sequence[Value]) -> Value:
    """A boolean scalar."""
    scalars = [value for value in values if value.kind == (BOOL, ())]
    return b.choice(scalars) if scalars else b.leaf(np.array(b.boolean()))


def branch(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """`scf.if`, whose branches may give values of different sizes."""
    test = _truth(b, values)
    with b.here():
        condition = b.tracer.add(tensor.ExtractOp(test.ssa, [], i1)).result
    with b.tracer.region() as then:
        left = b.some(b.statements(values, b.integer(0, 2), depth - 1))
    with b.tracer.region() as otherwise:
        others = b.statements(values, b.integer(0, 2), depth - 1)
        right = _like(b, left, others, of_any_size=b.boolean())
    types = [joined(one.ssa.type, other.ssa.type) for one, other in zip(left, right, strict=True)]
    for block, ends in ((then, left), (otherwise, right)):
        _yield(b, block, ends, types)
    with b.here():
        made = b.tracer.add(scf.IfOp(condition, types, Region(then), Region(otherwise)))
    taken = left if test.array else right
    return [Value(ssa, end.array) for ssa, end in zip(made.results, taken, strict=True)]


def _like(b: Builder, wanted: Sequence[Value], values: Sequence[Value], of_any_size: bool = False) -> list[Value]:
    """For each value another of its dtype and sizes, or of its dtype and rank."""

    def fits(other: Value, value: Value) -> bool:
        alike = other.array.dtype == value.array.dtype and other.array.ndim == value.array.ndim
        return alike and (of_any_size or other.array.shape == value.array.shape)

    found = []
    for value in wanted:
        options = [other for other in values if fits(other, value)][::-1]
        found.append(b.choice(options) if options else b.leaf(np.zeros_like(value.array)))
    return found


def _yield(
    b: Builder, block: Any, ends: Sequence[Value], types: Sequence[Attribute], leading: Sequence[Any] = ()
) -> None:
    """End a body with values cast to the types agreed on."""
    b.tracer._open.append(block)
    with b.here():
        casts = [b.cast(end.ssa, type_) for end, type_ in zip(ends, types, strict=True)]
        b.tracer.add(scf.YieldOp(*leading, *casts))
    b.tracer._open.pop()


def _index(b: Builder, number: int) -> SSAValue:
    return b.tracer.add(arith.ConstantOp.from_int_and_width(number, IndexType())).result


def unreached(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """An op or a cast that would fail, in a loop of no round or in a branch that is not taken: the program goes on.

    Everything it needs is there before, so that it may be moved out, by whoever overlooks that it is not to run.
    """
    emit = unfit_cast(b) if b.integer(0, 3) == 0 else unfit(b)
    if emit is None:
        return []
    with b.tracer.region() as body:
        emit()
    if b.boolean():
        _skipped_branch(b, body)
    elif b.boolean():
        _skipped_for(b, body)
    else:
        _skipped_while(b, body)
    return []


def stopped(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """An op that fails in a loop that runs, or in a branch that is taken, behind what is seen before that.

    What is before it is a print, or another op that fails. So the program stops there, and tells of the first one; an
    op that was moved out of the loop, or over the other one, is one that stops too soon.
    """
    emit, first = unfit(b), unfit(b) if b.boolean() else partial(printed, b, values, depth)
    if emit is None or first is None:
        return []
    with b.tracer.region() as body:
        first()
        emit()
    if b.integer(0, 2):
        _run_for(b, body)
    else:
        _branch_of(b, body, taken=True)
    return []


def _run_for(b: Builder, body: Block) -> None:
    """`scf.for` of one or two rounds."""
    _yield(b, body, [], [])
    body.insert_arg(IndexType(), 0).location = b.tracer.location
    with b.here():
        low, high, step = (_index(b, number) for number in (0, b.integer(1, 2), 1))
        b.tracer.add(scf.ForOp(low, high, step, [], Region(body)))


def _skipped_branch(b: Builder, body: Block) -> None:
    """`scf.if` whose other branch is taken."""
    _branch_of(b, body, taken=False)


def _branch_of(b: Builder, body: Block, taken: bool) -> None:
    """`scf.if` with a body in the branch that is taken, or in the other one; nothing else is in it."""
    truth = b.boolean()
    _yield(b, body, [], [])
    with b.tracer.region() as other:
        pass
    _yield(b, other, [], [])
    branches = (body, other) if truth == taken else (other, body)
    test = b.leaf(np.array(truth))
    with b.here():
        condition = b.tracer.add(tensor.ExtractOp(test.ssa, [], i1)).result
        b.tracer.add(scf.IfOp(condition, [], Region(branches[0]), Region(branches[1])))


def _skipped_for(b: Builder, body: Block) -> None:
    """`scf.for` up to 0, which it may take from the program's input."""
    _yield(b, body, [], [])
    body.insert_arg(IndexType(), 0).location = b.tracer.location
    limit = b.leaf(np.array(0, np.int32)) if b.boolean() else None
    with b.here():
        low, high, step = (_index(b, number) for number in (0, 0, 1))
        if limit is not None:
            number = b.tracer.add(tensor.ExtractOp(limit.ssa, [], i32)).result
            high = b.tracer.add(arith.IndexCastOp(number, IndexType())).result
        b.tracer.add(scf.ForOp(low, high, step, [], Region(body)))


def _skipped_while(b: Builder, body: Block) -> None:
    """`scf.while` whose condition does not hold at first."""
    _yield(b, body, [], [])
    test = b.leaf(np.array(False))
    with b.tracer.region() as before, b.here():
        condition = b.tracer.add(tensor.ExtractOp(test.ssa, [], i1)).result
        b.tracer.add(scf.ConditionOp(condition))
    with b.here():
        b.tracer.add(scf.WhileOp([], [], Region(before), Region(body)))


def _iteration(
    b: Builder,
    counter: Value,
    arguments: Sequence[SSAValue],
    carried: Sequence[Value],
    outer: Sequence[Value],
    depth: int,
) -> list[Value]:
    """The statements of a body, which may use its counter; what it hands to the next iteration."""
    inside = [Value(argument, value.array) for argument, value in zip(arguments, carried, strict=True)]
    ends = b.statements([*outer, counter, *inside], b.integer(1, 3), depth - 1)
    return _like(b, inside, ends)


def _counter(b: Builder, index: SSAValue) -> Value:
    """The counter of a loop as a tensor."""
    with b.here():
        number = b.tracer.add(arith.IndexCastOp(index, i32)).result
        scalar = b.tracer.add(tensor.FromElementsOp(number, result_type=TensorType(i32, [])))
    return Value(scalar.result, np.array(0, np.int32))


def counted(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """`scf.for`, run 0 to 3 times."""
    carried, trips = b.some(values), b.integer(0, 3)
    with b.here():
        low, high, step = (_index(b, number) for number in (0, trips, 1))
    types = [value.ssa.type for value in carried]
    with b.tracer.region([IndexType(), *types]) as block:
        ends = _iteration(b, _counter(b, block.args[0]), block.args[1:], carried, values, depth)
    _yield(b, block, ends, types)
    with b.here():
        made = b.tracer.add(scf.ForOp(low, high, step, [value.ssa for value in carried], Region(block)))
    arrays = [end.array if trips else start.array for start, end in zip(carried, ends, strict=True)]
    return [Value(ssa, array) for ssa, array in zip(made.results, arrays, strict=True)]


def repeated(b: Builder, values: Sequence[Value], depth: int) -> list[Value]:
    """`scf.while` that counts, since a generated program has to end."""
    carried, trips = b.some(values), b.integer(0, 3)
    types = [value.ssa.type for value in carried]
    with b.here():
        first, limit, one = (b.tracer.constant(np.array(number, np.int32)) for number in (0, trips, 1))
    scalar = first.type
    with b.tracer.region([scalar, *types]) as before, b.here():
        test = b.tracer.emit(OPS["hl.less"], [before.args[0], limit], {}).results[0]
        condition = b.tracer.add(tensor.ExtractOp(test, [], i1)).result
        b.tracer.add(scf.ConditionOp(condition, *before.args))
    with b.tracer.region([scalar, *types]) as after:
        ends = _iteration(b, Value(after.args[0], np.array(0, np.int32)), after.args[1:], carried, values, depth)
        with b.here():
            following = b.tracer.emit(OPS["hl.add"], [after.args[0], one], {}).results[0]
    _yield(b, after, ends, types, [following])
    with b.here():
        starts = [first, *(value.ssa for value in carried)]
        made = b.tracer.add(scf.WhileOp(starts, [scalar, *types], Region(before), Region(after)))
    arrays = [end.array if trips else start.array for start, end in zip(carried, ends, strict=True)]
    return [Value(ssa, array) for ssa, array in zip(made.results[1:], arrays, strict=True)]
