"""Blocks of ops as ONNX graphs: `scf.if` as `If`, `scf.for` and `scf.while` as `Loop`.

A nested graph names values of the graphs around it, as the regions of `scf` do. A graph that has checks gives their
token as one more result (see `GraphBuilder`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
from xdsl.dialects import func, scf
from xdsl.dialects.builtin import TensorType, i1, i64
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from .onnx_graph import GraphBuilder, value_info
from .onnx_ops import Names, export_op

_TOKEN = TensorType(i64, [1])


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


def _finished(
    g: GraphBuilder,
    label: str,
    inputs: Sequence[onnx.ValueInfoProto],
    results: Sequence[str],
    types: Sequence[Attribute],
) -> onnx.GraphProto:
    """A nested graph with results under names of its own, since they may be values of a graph around it."""
    renamed = [g.alias(result, g.names.fresh("result")) for result in results]
    outputs = [value_info(name, type_) for name, type_ in zip(renamed, types, strict=True)]
    return g.graph(g.names.fresh(label), inputs, outputs)


def _if(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, scf.IfOp)
    sides = [_side(g, region, names) for region in (op.true_region, op.false_region)]
    checked = any(inner.tokens for inner, _ in sides)
    types = [*_types(op.results), *([_TOKEN] if checked else [])]
    if not types:
        return []
    graphs = []
    for (inner, results), label in zip(sides, ("then", "else"), strict=True):
        results = [*results, inner.token()] if checked else results
        graphs.append(_finished(inner, label, [], results, types))
    found = g.nodes("If", [names[op.cond]], len(types), then_branch=graphs[0], else_branch=graphs[1])
    return _results(g, found, types, checked)


def _side(g: GraphBuilder, region: Region, names: Names) -> tuple[GraphBuilder, list[str]]:
    inner = g.child()
    return inner, export_block(inner, region.block, dict(names)) if region.blocks else []


def _results(g: GraphBuilder, found: list[str], types: Sequence[Attribute], checked: bool) -> list[str]:
    """The results of a node with nested graphs, whose token becomes one of the graph around it."""
    for name, type_ in zip(found, types, strict=True):
        g.declare(name, type_)
    if checked:
        g.tokens.append(found.pop())
    return found


Body = Callable[[GraphBuilder, str, str, Sequence[str]], tuple[str, Sequence[str]]]
"""Adds the nodes of an iteration, given its number, the condition so far and the values carried into it; gives the
condition for another one and the values carried out of it."""


def _loop(
    g: GraphBuilder, trips: str, condition: str, start: Sequence[str], types: Sequence[Attribute], body: Body
) -> Sequence[str]:
    """A `Loop`: at most `trips` iterations (`""`: no limit) while `condition` (`""`: always) holds."""
    inner = g.child()
    number, go_on = g.names.fresh("iteration"), g.names.fresh("condition")
    carried = [g.names.fresh("carried") for _ in types]
    following, ends = body(inner, number, go_on, carried)
    checked = bool(inner.tokens)
    if checked:
        types, start = [*types, _TOKEN], [*start, g.constant(np.array([0]))]
        carried.append(g.names.fresh("carried"))
        ends = [*ends, inner.node("Add", [carried[-1], inner.token()])]
    if not types:
        return []
    inputs = [value_info(name, type_) for name, type_ in zip([number, go_on, *carried], [i64, i1, *types], strict=True)]
    graph = _finished(inner, "body", inputs, [following, *ends], [i1, *types])
    found = g.nodes("Loop", [trips, condition, *start], len(types), body=graph)
    return _results(g, found, types, checked)


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
    block = op.body.block

    def body(inner: GraphBuilder, number: str, condition: str, carried: Sequence[str]) -> tuple[str, Sequence[str]]:
        induction = inner.node("Add", [low, inner.node("Mul", [number, step])])
        return condition, export_block(inner, block, _inside(names, block, [induction, *carried]))

    span = g.node("Sub", [g.node("Add", [g.node("Sub", [high, low]), step]), g.constant(np.array(1))])
    trips = g.node("Max", [g.node("Div", [span, step]), g.constant(np.array(0))])
    return _loop(g, trips, "", [names[operand] for operand in op.iter_args], _types(op.results), body)


_RULES: dict[type[Operation], Callable[[GraphBuilder, Operation, Names], Sequence[str]]] = {
    scf.IfOp: _if,
    scf.WhileOp: _while,
    scf.ForOp: _for,
}
