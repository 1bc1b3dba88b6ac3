"""Values of the nodes of an ONNX file, with the user's lines that the file says they are from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, StringAttr

from ...compiler.interchange.onnx_export.graph import SOURCE_KEY
from ..engines.onnx import OnnxSession
from .values import Record


def node_values(path: str | os.PathLike[str], arrays: Sequence[np.ndarray]) -> list[Record]:
    """The results of each node at the top of the model, in order; nodes without a source line are left out.

    A file that another program wrote has no lines, and so no values here.
    """
    model = onnx.load_from_string(Path(path).read_bytes())
    named = [(node, name) for node in model.graph.node for name in node.output if name and _source(node)]
    known = {value.name for value in model.graph.output}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for _, name in named if name not in known)
    session = OnnxSession(model.SerializeToString(), os.fspath(path))
    values = session.run([name for _, name in named], dict(zip(session.inputs, arrays, strict=True)))
    return [
        Record(node.op_type, _location(_source(node)), value)
        for (node, _), value in zip(named, values)
        if isinstance(value, np.ndarray)
    ]


def _source(node: onnx.NodeProto) -> str:
    return next((entry.value for entry in node.metadata_props if entry.key == SOURCE_KEY), "")


def _location(source: str) -> FileLineColLoc:
    file, line, column = source.rsplit(":", 2)
    return FileLineColLoc(StringAttr(file), IntAttr(int(line)), IntAttr(int(column)))
