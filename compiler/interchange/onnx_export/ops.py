"""One op of `hl`, or of the few others that stand among them, as ONNX nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IndexType, IntegerAttr
from xdsl.ir import Operation, SSAValue

from ....dialects import debug, host
from ....dialects.diagnostics import UnsupportedError
from ....dialects.dtypes import HALVES, dtype_of
from ....dialects.hl.rules.base import Because, HLOp
from ....dialects.hl.rules.elementwise import shape_text
from ....dialects.hl.rules.facets import OpCall
from ....dialects.hl.rules.onnx_checks import check_all, sizes_along
from ....dialects.types import DYNAMIC, array_of, shape_of, tensor_type
from .graph import INT64, GraphBuilder

Names = dict[SSAValue, str]
"""The name in the graph of each value so far."""


def export_op(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """Add the nodes of an op without regions; the names of its results. `UnsupportedError` where there are none."""
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
    inputs = [names[operand] for operand in op.operands]
    for name, operand in zip(inputs, op.operands, strict=True):
        g.note(name, operand.type)
    types, results = [operand.type for operand in op.operands], [result.type for result in op.results]
    wide = type(op).wide_types(types) if g.exact or all(dtype_of(t) not in HALVES for t in types) else None  # pyright: ignore[reportArgumentType]
    if wide is None:
        found = rule(g, OpCall(inputs, (), op.attrs(), types, results))  # pyright: ignore[reportArgumentType]
    else:
        found = _export_widened(g, type(op), OpCall(inputs, (), op.attrs(), wide, results))  # pyright: ignore
    for name, type_ in zip(found, results, strict=True):
        g.note(name, type_)
    return found


def _export_widened(g: GraphBuilder, kind: type[HLOp], call: OpCall) -> Sequence[str]:
    """The nodes of an op that computes in other dtypes than its operands': these are cast before, its results after."""
    inputs = [g.cast(x, dtype_of(type_)) for x, type_ in zip(call.inputs, call.input_types, strict=True)]
    dtypes = [dtype_of(type_) for type_ in call.output_types]
    inferred = [dtype_of(type_) for type_ in kind.infer(call.input_types, call.attrs)]
    wide = [tensor_type(shape_of(type_), d) for type_, d in zip(call.output_types, inferred, strict=True)]
    found = kind.onnx(g, OpCall(inputs, (), call.attrs, call.input_types, wide))
    return [x if i == d else g.cast(x, d) for x, d, i in zip(found, dtypes, inferred, strict=True)]


def _constant(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, arith.ConstantOp)
    if isinstance(op.value, DenseIntOrFPElementsAttr):
        return [g.constant(array_of(op.value))]
    assert isinstance(op.value, IntegerAttr | FloatAttr), op.value
    return [g.constant(np.array(op.value.value.data, dtype_of(op.value.type)))]


def _extract(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """The element of a tensor without dimensions is that tensor: scalars have rank 0 in ONNX."""
    assert isinstance(op, tensor.ExtractOp)
    source = names[op.tensor]
    if not op.indices:
        return [source]
    zero = g.constant(np.array([0]))
    place = [g.node("Unsqueeze", [names[index], zero]) for index in op.indices]
    return [g.node("GatherND", [source, g.node("Concat", place, axis=0)])]


def _from_elements(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, tensor.FromElementsOp)
    shape = shape_of(op.results[0].type)  # pyright: ignore[reportArgumentType]
    if not shape:
        return [names[op.elements[0]]]
    parts = [g.node("Unsqueeze", [names[element], g.constant(np.array([0]))]) for element in op.elements]
    return [g.node("Reshape", [g.node("Concat", parts, axis=0), g.constant(np.array(shape, INT64))])]


def _tensor_cast(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    """The same tensor; a size that becomes known is checked."""
    assert isinstance(op, tensor.CastOp)
    source = names[op.source]
    old, new = shape_of(op.source.type), shape_of(op.dest.type)  # pyright: ignore[reportArgumentType]
    axes = [axis for axis, (a, b) in enumerate(zip(old, new, strict=True)) if a == DYNAMIC != b]
    if axes:
        wanted = g.constant(np.array([new[axis] for axis in axes]))
        check_all(g, g.node("Equal", [sizes_along(g, source, axes), wanted]), f"expected shape {shape_text(new)}")
    return [source]


def _dim(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, tensor.DimOp)
    return [g.node("Gather", [g.node("Shape", [names[op.source]]), names[op.index]])]


def _index_cast(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    type_ = op.results[0].type
    return [g.cast(names[op.operands[0]], INT64 if isinstance(type_, IndexType) else dtype_of(type_))]


def _assert(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, debug.AssertOp)
    g.check(names[op.condition], op.message.data, op.kind.data if op.kind else "")
    return []


def _print(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    raise UnsupportedError(
        "ONNX export: 'debug.print' has no ONNX form, since a model cannot print",
        location=op.location,
        remedy="remove it, run the function on another engine, or export it with drop_prints=True",
    )


def _break(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    raise UnsupportedError(
        "ONNX export: 'debug.break' has no ONNX form, since a model cannot stop",
        location=op.location,
        remedy="remove it, run the function on another engine, or export it with drop_prints=True",
    )


def _python(g: GraphBuilder, op: Operation, names: Names) -> Sequence[str]:
    assert isinstance(op, host.PythonOp)
    if op.callee.data.observes:
        raise UnsupportedError(
            f"ONNX export: '{op.callee.data.label}' has no ONNX form, since a model cannot write summaries",
            location=op.location,
            remedy="remove it, run the function on another engine, or export it with drop_prints=True",
        )
    raise UnsupportedError(
        f"ONNX export: 'host.python' has no ONNX form, since a model cannot call the Python function "
        f"'{op.callee.data.label}'",
        location=op.location,
        remedy="write it with stepwell's functions, or run the function on another engine",
    )


_RULES: dict[type[Operation], Callable[[GraphBuilder, Operation, Names], Sequence[str]]] = {
    arith.ConstantOp: _constant,
    arith.IndexCastOp: _index_cast,
    tensor.ExtractOp: _extract,
    tensor.FromElementsOp: _from_elements,
    tensor.CastOp: _tensor_cast,
    tensor.DimOp: _dim,
    debug.AssertOp: _assert,
    debug.PrintOp: _print,
    debug.BreakOp: _break,
    host.PythonOp: _python,
}
