"""ONNX graphs as mutable data: nodes by value, constants as arrays, what is known of each value's type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper, shape_inference

from .....dialects.dtypes import DType, as_dtype, dtype_of

Shape = tuple[int | str | None, ...]
"""For each axis a number, a name, or None where nothing is known."""


@dataclass(frozen=True)
class ValueType:
    """What is known of a value: its dtype (None if not known) and its shape (None if not even its rank is known)."""

    dtype: DType | None = None
    shape: Shape | None = None


UNKNOWN = ValueType()


@dataclass(eq=False)
class Node:
    """One node.

    Attributes:
        op: the operator, such as `"Relu"`.
        inputs, outputs: names of values; an input `""` is absent.
        attributes: Python values; a `Graph` where one is nested.
        name: the node's name.
        metadata: key and value pairs, among which the user's line is.
    """

    op: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    metadata: tuple[tuple[str, str], ...] = ()

    @property
    def nested(self) -> list[Graph]:
        """The graphs nested in the node."""
        return [value for value in self.attributes.values() if isinstance(value, Graph)]


@dataclass(eq=False)
class Graph:
    """A graph, or one nested in a node of another.

    Attributes:
        proto: the graph as it was, for its name.
        nodes: in an order in which they can run.
        inputs, outputs, declared: the declarations of its inputs and outputs, and of values in between.
        initializers: stored values by their names.
    """

    proto: onnx.GraphProto
    nodes: list[Node]
    inputs: list[onnx.ValueInfoProto]
    outputs: list[onnx.ValueInfoProto]
    declared: list[onnx.ValueInfoProto]
    initializers: dict[str, onnx.TensorProto]

    @classmethod
    def of(cls, proto: onnx.GraphProto) -> Graph:
        """The graph that a message holds."""
        return cls(
            proto,
            [_node_of(node) for node in proto.node],
            list(proto.input),
            list(proto.output),
            list(proto.value_info),
            {tensor.name: tensor for tensor in proto.initializer},
        )

    def to_proto(self) -> onnx.GraphProto:
        """The message."""
        return helper.make_graph(
            [_proto_of(node) for node in self.nodes],
            self.proto.name,
            self.inputs,
            self.outputs,
            initializer=list(self.initializers.values()),
            value_info=self.declared,
        )

    def walk(self) -> Iterator[Graph]:
        """The graph, then those nested in its nodes."""
        yield self
        for node in self.nodes:
            for inner in node.nested:
                yield from inner.walk()


def _node_of(proto: onnx.NodeProto) -> Node:
    attributes = {}
    for attribute in proto.attribute:
        value = helper.get_attribute_value(attribute)
        attributes[attribute.name] = Graph.of(value) if isinstance(value, onnx.GraphProto) else value
    metadata = tuple((entry.key, entry.value) for entry in proto.metadata_props)
    return Node(proto.op_type, list(proto.input), list(proto.output), attributes, proto.name, metadata)


def _proto_of(node: Node) -> onnx.NodeProto:
    attributes = {key: v.to_proto() if isinstance(v, Graph) else v for key, v in node.attributes.items()}
    proto = helper.make_node(node.op, node.inputs, node.outputs, name=node.name, **attributes)  # pyright: ignore
    for key, value in node.metadata:
        entry = proto.metadata_props.add()
        entry.key, entry.value = key, value
    return proto


class Model:
    """A model that is rewritten.

    Attributes:
        graph: the outermost graph.
        producers: for each value the node that computes it.
        uses: how often each value is used, in all graphs.
        types: what is known of the values.
        iterations: the values that count the rounds of loops.
        transposed: for values and permutations the transposes that the graph at hand has so far.
    """

    def __init__(self, proto: onnx.ModelProto):
        self.graph = Graph.of(proto.graph)
        self.types: dict[str, ValueType] = {}
        self.producers: dict[str, Node] = {}
        self.uses: Counter[str] = Counter()
        self.iterations: set[str] = set()
        self.transposed: dict[tuple[str, tuple[int, ...]], str] = {}
        self._stored: dict[str, onnx.TensorProto] = {}
        self._arrays: dict[str, np.ndarray] = {}
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._names: set[str] = set()
        self._numbers: Counter[str] = Counter()
        self._learn_types(shape_inference.infer_shapes(proto, strict_mode=False, data_prop=True).graph)
        self.index()

    def _learn_types(self, proto: onnx.GraphProto) -> None:
        for value in (*proto.input, *proto.value_info, *proto.output):
            self.types[value.name] = _type_of(value)
        for tensor in proto.initializer:
            dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
            self.types[tensor.name] = ValueType(as_dtype(dtype), tuple(tensor.dims))
        for node in proto.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    self._learn_types(attribute.g)

    def index(self) -> None:
        """Find producers, uses and names again."""
        for found in (self.producers, self.uses, self._stored, self.iterations):
            found.clear()
        for graph in self.graph.walk():
            inputs = {value.name for value in graph.inputs}
            self._stored.update({n: t for n, t in graph.initializers.items() if n not in inputs})
            self.uses.update(output.name for output in graph.outputs)
            self._names.update(inputs)
            self._names.update(graph.initializers)
            for node in graph.nodes:
                self.uses.update(node.inputs)
                self.producers.update(dict.fromkeys(node.outputs, node))
                self._names.update((*node.outputs, node.name))
                self.iterations.update(inner.inputs[0].name for inner in node.nested if node.op == "Loop")

    def fresh(self, base: str) -> str:
        """A name that nothing has."""
        name = base
        while name in self._names:
            self._numbers[base] += 1
            name = f"{base}_{self._numbers[base]}"
        self._names.add(name)
        return name

    def array(self, name: str) -> np.ndarray | None:
        """The value of a constant; None for what is none, such as a Variable that the model assigns."""
        if name not in self._arrays:
            if name not in self._stored:
                return None
            self._arrays[name] = numpy_helper.to_array(self._stored[name])
        return self._arrays[name]

    def constant(self, value: np.ndarray) -> str:
        """The name of a constant of the outermost graph, which all graphs see."""
        array = np.ascontiguousarray(value).reshape(np.shape(value))
        key = array.dtype.str, array.shape, array.tobytes()
        name = self._known.setdefault(key, "") or self.fresh("constant")
        if name not in self.graph.initializers:  # it is new, or was removed when nothing needed it
            self._known[key] = name
            self._stored[name] = self.graph.initializers[name] = numpy_helper.from_array(array, name)
            self._arrays[name] = array
            self.types[name] = ValueType(dtype_of(array), array.shape)
        return name

    def type(self, name: str) -> ValueType:
        """What is known of a value."""
        return self.types.get(name, UNKNOWN)

    def rank(self, name: str) -> int | None:
        """The rank of a value, if it is known."""
        shape = self.type(name).shape
        return None if shape is None else len(shape)

    def rename(self, names: dict[str, str]) -> None:
        """Use other values in place of some, everywhere."""
        if not names:
            return

        def current(name: str) -> str:
            while name in names:
                name = names[name]
            return name

        for graph in self.graph.walk():
            for node in graph.nodes:
                node.inputs = [current(name) for name in node.inputs]
            for output in graph.outputs:
                assert output.name not in names, output.name

    def remove_unused(self) -> None:
        """Drop nodes and stored values that nothing needs; inputs stay."""
        used = _needed(self.graph)
        for graph in self.graph.walk():
            kept = {value.name for value in (*graph.inputs, *graph.outputs)}
            graph.initializers = {n: t for n, t in graph.initializers.items() if n in used or n in kept}
            alive = {name for node in graph.nodes for name in node.outputs}
            graph.declared = [value for value in graph.declared if value.name in alive]


def _needed(graph: Graph) -> set[str]:
    """Drop what a graph does not need; return the names that it does need."""
    needed = {output.name for output in graph.outputs}
    kept = []
    for node in reversed(graph.nodes):
        if any(name in needed for name in node.outputs):
            kept.append(node)
            needed.update(node.inputs)
            for inner in node.nested:
                needed.update(_needed(inner))
    graph.nodes = kept[::-1]
    return needed


def _type_of(value: onnx.ValueInfoProto) -> ValueType:
    type_ = value.type.tensor_type
    dtype = as_dtype(helper.tensor_dtype_to_np_dtype(type_.elem_type)) if type_.elem_type else None
    if not type_.HasField("shape"):
        return ValueType(dtype)
    return ValueType(dtype, tuple(_size(dim) for dim in type_.shape.dim))


def _size(dim: Any) -> int | str | None:
    return dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None
