"""One op of `hl` or `scf` as ONNX nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IndexType, IntegerAttr
from xdsl.ir import Attribute, Block, Operation, SSAValue

from ...dialects.hl.base import Because, HLOp
from ...dialects.hl.facets import OpCall
from ...dialects.types import array_of, dtype_of
from ..diagnostics import UnsupportedError
from .onnx_graph import GraphBuilder, value_info

Names = dict[SSAValue, str]
_INT64 = np.dtype(np.int64)


def export_block(g: GraphBuilder, block: Block, names: Names) -> list[str]:
    """Export the ops of a block; return the names of what its terminator hands over."""
    for op in block.ops:
        g.location = op.location
        if isinstance(op, func.ReturnOp | scf.YieldOp | scf.ConditionOp):
            return [names[operand] for operand in op.operands]
        results = _export(g, op, names)
        names.update(zip(op.results, results, strict=True))
    raise AssertionError("a block without terminator")


def _export(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    if isinstance(op, HLOp):
        return _export_hl(g, op, names)
    rule = _RULES.get(type(op))
    if rule is None:
        raise UnsupportedError(f"ONNX export: '{op.name}' has no ONNX form", location=op.location)
    return rule(g, op, names)


def _export_hl(g: GraphBuilder, op: HLOp, names: Names) -> Sequence[str]:
    rule = type(op).onnx
    if isinstance(rule, Because):
        raise UnsupportedError(f"ONNX export: '{op.name}' is {rule.what} because {rule.reason}", location=op.location)
    types = [operand.type for operand in op.operands]
    call = OpCall(
        [names[operand] for operand in op.operands],
        (),
        op.attrs(),
        types,  # pyright: ignore[reportArgumentType]
        [result.type for result in op.results],  # pyright: ignore[reportArgumentType]
    )
    return rule(g, call)


def _constant(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, arith.ConstantOp)
    if isinstance(op.value, DenseIntOrFPElementsAttr):
        return [g.constant(array_of(op.value))]
    assert isinstance(op.value, IntegerAttr)
    dtype = _INT64 if isinstance(op.value.type, IndexType) else dtype_of(op.value.type)
    return [g.constant(np.array(op.value.value.data, dtype))]


def _same(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """An element of a rank-0 tensor is that tensor: scalars are rank 0 in ONNX."""
    if isinstance(op, tensor.FromElementsOp) and op.results[0].type.get_shape() != ():  # pyright: ignore
        parts = [g.node("Unsqueeze", [names[o], g.constant(np.array([0]))]) for o in op.operands]
        return [g.node("Concat", parts, axis=0)]
    return [names[op.operands[0]]]


def _index_cast(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    type_ = op.results[0].type
    return [g.cast(names[op.operands[0]], _INT64 if isinstance(type_, IndexType) else dtype_of(type_))]


def _types(values: Sequence[SSAValue]) -> list[Attribute]:
    return [value.type for value in values]


def _if(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, scf.IfOp)
    branches = []
    for region, label in ((op.true_region, "then"), (op.false_region, "else")):
        inner = g.child()
        results = export_block(inner, region.block, dict(names)) if region.blocks else []
        renamed = [inner.node("Identity", [result]) for result in results]
        outputs = [value_info(name, type_) for name, type_ in zip(renamed, _types(op.results), strict=True)]
        branches.append(inner.graph(g.names.fresh(label), [], outputs))
    if not op.results:
        return []
    return g.nodes("If", [names[op.cond]], len(op.results), then_branch=branches[0], else_branch=branches[1])


def _before(g: GraphBuilder, block: Block, arguments: Sequence[str], names: Names) -> list[str]:
    """The condition and the values handed to the body, for the given arguments of the `before` block."""
    return export_block(g, block, {**names, **dict(zip(block.args, arguments, strict=True))})


def _while(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """The condition is computed once before the loop, and again at the end of each iteration."""
    assert isinstance(op, scf.WhileOp)
    before, after = op.before_region.block, op.after_region.block
    first, *start = _before(g, before, [names[o] for o in op.arguments], names)
    inner = g.child()
    step, go_on = g.names.fresh("iteration"), g.names.fresh("condition")
    states = [g.names.fresh("state") for _ in start]
    carried = export_block(inner, after, {**names, **dict(zip(after.args, states, strict=True))})
    following = _before(inner, before, carried, names)
    inputs = [_scalar(step, _INT64), _scalar(go_on, np.dtype(bool))]
    inputs += [value_info(name, type_) for name, type_ in zip(states, _types(op.results), strict=True)]
    renamed = [inner.node("Identity", [name]) for name in following]
    outputs = [_scalar(renamed[0], np.dtype(bool))]
    outputs += [value_info(name, type_) for name, type_ in zip(renamed[1:], _types(op.results), strict=True)]
    body = inner.graph(g.names.fresh("body"), inputs, outputs)
    return g.nodes("Loop", ["", first, *start], len(start), body=body) if start else []


def _for(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """A `Loop` with a trip count; the induction variable is computed from the iteration's number."""
    assert isinstance(op, scf.ForOp)
    if not op.results:
        return []
    low, high, step = names[op.lb], names[op.ub], names[op.step]
    one = g.constant(np.array(1, _INT64))
    span = g.node("Sub", [g.node("Add", [g.node("Sub", [high, low]), step]), one])
    trips = g.node("Max", [g.node("Div", [span, step]), g.constant(np.array(0, _INT64))])
    inner = g.child()
    number, go_on = g.names.fresh("iteration"), g.names.fresh("condition")
    induction = inner.node("Add", [low, inner.node("Mul", [number, step])])
    states = [g.names.fresh("state") for _ in op.iter_args]
    block = op.body.block
    results = export_block(inner, block, {**names, **dict(zip(block.args, [induction, *states], strict=True))})
    renamed = [inner.node("Identity", [name]) for name in (go_on, *results)]
    types = _types(op.results)
    inputs = [_scalar(number, _INT64), _scalar(go_on, np.dtype(bool))]
    inputs += [value_info(name, type_) for name, type_ in zip(states, types, strict=True)]
    outputs = [_scalar(renamed[0], np.dtype(bool))]
    outputs += [value_info(name, type_) for name, type_ in zip(renamed[1:], types, strict=True)]
    body = inner.graph(g.names.fresh("body"), inputs, outputs)
    return g.nodes("Loop", [trips, "", *(names[o] for o in op.iter_args)], len(states), body=body)


def _scalar(name: str, dtype: np.dtype) -> object:
    from ...dialects.types import element_type

    return value_info(name, element_type(dtype))


_RULES: dict[type[Operation], Callable[[GraphBuilder, Operation, Names], Sequence[str]]] = {
    arith.ConstantOp: _constant,
    arith.IndexCastOp: _index_cast,
    tensor.ExtractOp: _same,
    tensor.FromElementsOp: _same,
    tensor.CastOp: _same,
    scf.IfOp: _if,
    scf.WhileOp: _while,
    scf.ForOp: _for,
}
