"""Blocks of ops as ONNX graphs: `scf.if` as `If`, `scf.for` and `scf.while` as `Loop`.

A nested graph names values of the graphs around it, as the regions of `scf` do. A graph that has checks gives their
token as one more result (see `GraphBuilder`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.dialects import func, scf
from xdsl.dialects.builtin import i1, i64
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from ....dialects.diagnostics import UnsupportedError
from .graph import CHECK_KEY, TOKEN, GraphBuilder, annotate, value_info
from .loops.loops import known_integer
from .loops.ops import CollectedOp, CollectOp
from .ops import Names, export_op

DEEPEST = 30
"""Levels of branches and loops in a model: each takes three messages of the 100 in each other that protobuf reads."""


def require_depth(block: Block) -> None:
    """Raise `UnsupportedError` at the first branch or loop that is nested too deeply for a model."""
    waiting = [(block, 0)]
    while waiting:
        inside, depth = waiting.pop()
        for op in inside.ops:
            if op.regions and depth == DEEPEST:
                raise UnsupportedError(
                    f"branches and loops are nested more than {DEEPEST} deep, which no reader of ONNX models accepts",
                    location=op.location,
                    remedy="put the inner ones one after the other, or run the function natively",
                )
            waiting.extend((part, depth + 1) for region in op.regions for part in region.blocks)


def export_block(g: GraphBuilder, block: Block, names: Names) -> list[str]:
    """Add the nodes of a block's ops; return the names of what its terminator hands over."""
    for op in block.ops:
        g.location = op.location
        if isinstance(op, func.ReturnOp | scf.YieldOp | scf.ConditionOp):
            return [names[operand] for operand in op.operands]
        rule = _RULES.get(type(op))
        results = rule(g, op, names) if rule is not None else export_op(g, op, names)
        names.update(zip(op.results, results, strict=True))
    raise AssertionError("a block without terminator")


def _inside(names: Names, block: Block, arguments: Sequence[str]) -> Names:
    """The names that the ops of a nested block see."""
    return {**names, **dict(zip(block.args, arguments, strict=True))}


def _types(values: Sequence[SSAValue]) -> list[Attribute]:
    return [value.type for value in values]


def _if(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, scf.IfOp)
    sides = [_side(g, region, names) for region in (op.true_region, op.false_region)]
    return g.branch(names[op.cond], sides, _types(op.results))


def _side(g: GraphBuilder, region: Region, names: Names) -> tuple[GraphBuilder, list[str]]:
    inner = g.child()
    return inner, export_block(inner, region.block, dict(names)) if region.blocks else []


Body = Callable[[GraphBuilder, str, str, Sequence[str]], tuple[str, Sequence[str]]]
"""Adds the nodes of an iteration, given its number, the condition so far and the values carried into it; gives the
condition for another one and the values carried out of it."""


def _loop(
    g: GraphBuilder, trips: str, condition: str, start: Sequence[str], types: Sequence[Attribute], body: Body
) -> Sequence[str]:
    """A `Loop`: at most `trips` iterations (`""`: no limit) while `condition` (`""`: always) holds.

    What the body collects are further results, which are kept for the ops that ask for them.
    """
    inner = g.child()
    number, go_on = g.names.fresh("iteration"), g.names.fresh("condition")
    carried = [g.names.fresh("carried") for _ in types]
    following, ends = body(inner, number, go_on, carried)
    checked = bool(inner.tokens)
    if checked:
        types, start = [*types, TOKEN], [*start, g.constant(np.array([0]))]
        carried.append(g.names.fresh("carried"))
        ends = [*ends, inner.node("Add", [carried[-1], inner.token()])]
    if not types and not inner.collected:
        return []
    parts, part_types = [part for part, _, _ in inner.collected], [type_ for _, type_, _ in inner.collected]
    inputs = [value_info(name, type_) for name, type_ in zip([number, go_on, *carried], [i64, i1, *types], strict=True)]
    graph = inner.nested("body", inputs, [following, *ends, *parts], [i1, *types, *part_types])
    found = g.nodes("Loop", [trips, condition, *start], len(types) + len(parts), body=graph)
    g.last_collected = found[len(types) :]
    for message in [message for _, _, message in inner.collected if message][:1]:
        annotate(g.protos[-1], CHECK_KEY, message)
    return g.results(found[: len(types)], types, checked)


def _collect(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, CollectOp)
    g.collected.append((names[op.value], op.value.type, op.message.data))
    return []


def _collected(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, CollectedOp)
    name = g.last_collected[op.index.value.data]
    g.declare(name, op.result.type)
    return [name]


def _while(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """The condition is computed once before the loop, and again at the end of each iteration."""
    assert isinstance(op, scf.WhileOp)
    before, after = op.before_region.block, op.after_region.block

    def test(at: GraphBuilder, values: Sequence[str]) -> list[str]:
        return export_block(at, before, _inside(names, before, values))

    def body(inner: GraphBuilder, number: str, condition: str, carried: Sequence[str]) -> tuple[str, Sequence[str]]:
        yielded = export_block(inner, after, _inside(names, after, carried))
        following, *ends = test(inner, yielded)
        return following, ends

    first, *start = test(g, [names[operand] for operand in op.arguments])
    g.location = op.location
    return _loop(g, "", first, start, _types(op.results), body)


def _for(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """A trip count; the induction variable is computed from the number of the iteration."""
    assert isinstance(op, scf.ForOp)
    low, high, step = names[op.lb], names[op.ub], names[op.step]
    block, plain = op.body.block, (known_integer(op.lb), known_integer(op.step)) == (0, 1)

    def body(inner: GraphBuilder, number: str, condition: str, carried: Sequence[str]) -> tuple[str, Sequence[str]]:
        induction = number if plain else inner.node("Add", [low, inner.node("Mul", [number, step])])
        return condition, export_block(inner, block, _inside(names, block, [induction, *carried]))

    if plain:
        trips = g.node("Max", [high, g.constant(np.array(0))])
    else:
        span = g.node("Sub", [g.node("Add", [g.node("Sub", [high, low]), step]), g.constant(np.array(1))])
        trips = g.node("Max", [g.node("Div", [span, step]), g.constant(np.array(0))])
    return _loop(g, trips, "", [names[operand] for operand in op.iter_args], _types(op.results), body)


_RULES: dict[type[Operation], Callable[[GraphBuilder, Operation, Names], Sequence[str]]] = {
    scf.IfOp: _if,
    scf.WhileOp: _while,
    scf.ForOp: _for,
    CollectOp: _collect,
    CollectedOp: _collected,
}
