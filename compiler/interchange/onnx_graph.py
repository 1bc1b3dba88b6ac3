"""An ONNX graph under construction: names, nodes with the user's line, constants, nested graphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from xdsl.dialects.builtin import FileLineColLoc, IndexType, LocationAttr, TensorType, UnknownLoc
from xdsl.ir import Attribute

from ...dialects.types import DYNAMIC, dtype_of, shape_of

SOURCE_KEY = "stepwell.source"
"""The key of the node metadata that holds the user's `file:line:column`."""


def onnx_dtype(dtype: np.dtype) -> int:
    """ONNX's number for a dtype."""
    return helper.np_dtype_to_tensor_dtype(np.dtype(dtype))


def value_info(name: str, type_: Attribute, sizes: Sequence[int | str | None] | None = None) -> onnx.ValueInfoProto:
    """The declaration of a value; `sizes` overrides the type's, with names for dynamic ones."""
    if sizes is None and isinstance(type_, TensorType):
        sizes = [None if size == DYNAMIC else size for size in shape_of(type_)]
    element = np.dtype(np.int64) if isinstance(type_, IndexType) else dtype_of(type_)
    return helper.make_tensor_value_info(name, onnx_dtype(element), sizes if sizes is not None else [])


class Names:
    """Fresh names for one model."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._counts: dict[str, int] = {}

    def fresh(self, base: str) -> str:
        """`base`, with a number when it is taken."""
        name = base
        while name in self._used:
            self._counts[base] = self._counts.get(base, 0) + 1
            name = f"{base}_{self._counts[base]}"
        self._used.add(name)
        return name


class GraphBuilder:
    """Collects the nodes of one (possibly nested) graph; the `OnnxGraph` that ops' ONNX rules are given."""

    def __init__(self, names: Names, location: LocationAttr | None = None):
        self.names = names
        self.protos: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.location: LocationAttr = location or UnknownLoc()
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}

    def child(self) -> GraphBuilder:
        """A builder for a graph nested in this one."""
        return GraphBuilder(self.names, self.location)

    def node(self, op_type: str, inputs: Sequence[str], /, **attributes: Any) -> str:
        """Add a node with one output; return the output's name."""
        return self.nodes(op_type, inputs, 1, **attributes)[0]

    def nodes(self, op_type: str, inputs: Sequence[str], outputs: int, /, **attributes: Any) -> list[str]:
        """Add a node with several outputs; return their names."""
        results = [self.names.fresh(op_type.lower()) for _ in range(outputs)]
        given = {name: value for name, value in attributes.items() if value is not None}
        proto = helper.make_node(op_type, list(inputs), results, name=self.names.fresh(f"{op_type}_node"), **given)
        if isinstance(self.location, FileLineColLoc):
            location = self.location
            entry = proto.metadata_props.add()
            entry.key = SOURCE_KEY
            entry.value = f"{location.filename.data}:{location.line.data}:{location.column.data}"
        self.protos.append(proto)
        return results

    def constant(self, value: np.ndarray) -> str:
        """Add a constant, once for equal ones; return its name."""
        array = np.ascontiguousarray(value).reshape(np.shape(value))
        key = (array.dtype.str, array.shape, array.tobytes())
        name = self._constants.get(key)
        if name is None:
            name = self._constants[key] = self.names.fresh("constant")
            self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def cast(self, name: str, dtype: np.dtype) -> str:
        """Add a `Cast`."""
        return self.node("Cast", [name], to=onnx_dtype(dtype))

    def graph(
        self, name: str, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.GraphProto:
        """The finished graph."""
        return helper.make_graph(self.protos, name, list(inputs), list(outputs), initializer=self.initializers)
