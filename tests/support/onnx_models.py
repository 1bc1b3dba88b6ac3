"""What tests ask of ONNX models."""

from __future__ import annotations

from collections.abc import Iterator

import onnx
from xdsl.dialects.builtin import FileLineColLoc, ModuleOp
from xdsl.ir import Operation

from stepwell.compiler.interchange.onnx_export.graph import SOURCE_KEY
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.base import Because

EXPORTED = sorted(name for name, op in OPS.items() if not isinstance(op.onnx, Because))
"""The `hl` ops that have an ONNX form."""


def nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    """The nodes of a graph and of the graphs nested in it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from nodes(attribute.g)


def check_model(proto: onnx.ModelProto, module: ModuleOp) -> None:
    """Assert that a model is valid, that its names are unique, and that every node has the line of an op."""
    onnx.checker.check_model(proto, full_check=True)
    found = list(nodes(proto.graph))
    names = [name for node in found for name in (node.name, *node.output)]
    assert len(set(names)) == len(names)
    lines = {_as_written(op) for op in module.walk()}
    for node in found:
        assert {entry.key: entry.value for entry in node.metadata_props}[SOURCE_KEY] in lines, node.name


def _as_written(op: Operation) -> str:
    """An op's location as nodes have it; every op of a drawn program has one."""
    location = op.location
    assert isinstance(location, FileLineColLoc), op
    return f"{location.filename.data}:{location.line.data}:{location.column.data}"
