"""Evaluating graphs: node by node, in their order, with the rule of each operator or its definition by ONNX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx

from ....dialects.diagnostics import InvalidArgumentError, StepwellError, UnsupportedError
from ....dialects.locations import Place
from ...frontend.tracing.tracer import current_tracer
from .arrays import array_of, dense_of
from .definitions import body_of, with_attributes
from .model_file import ModelFile
from .needs import NotKnownError
from .rules import Call, Entry, find_rule
from .values import Value, tensor_of, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_NODES = 100_000
"""How many nodes one evaluation takes: functions that call functions can be exponentially many."""

_SOURCE = "stepwell.source"


@dataclass
class Scope:
    """The names that a graph knows.

    Attributes:
        values: what they refer to.
        opsets: the version of each domain.
        outer: the names around the graph.
        attributes: those of the function whose body it is, which nodes refer to.
        nodes: what computes them.
    """

    values: dict[str, Value]
    opsets: Mapping[str, int]
    outer: Scope | None = None
    attributes: Mapping[str, onnx.AttributeProto] = field(default_factory=dict)
    nodes: Sequence[onnx.NodeProto] = ()

    def find(self, name: str) -> Value:
        """The value of a name; None for the empty one, which is an input that is absent."""
        if not name:
            return None
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        raise InvalidArgumentError(f"it uses {name!r}, which no node before it computes")


class Evaluation:
    """One evaluation of a model, with tensors for its inputs.

    Args:
        model: the model.
        functions: the functions that it defines, by domain, name and overload.
        stored: its initializers, as values.
    """

    def __init__(
        self,
        model: ModelFile,
        functions: Mapping[tuple[str, str, str], onnx.FunctionProto],
        stored: Mapping[str, Value],
    ):
        self.model, self.functions, self.stored = model, functions, stored
        self._arrays: dict[int, Any] = {}
        self._count = 0
        self._calling: list[tuple[str, str, str]] = []

    def array(self, tensor: onnx.TensorProto) -> np.ndarray:
        """The elements of a stored tensor."""
        return array_of(tensor, self.model.folder)

    def run(self, inputs: Mapping[str, Value]) -> list[Value]:
        """The results of the model's graph."""
        scope = Scope({**self.stored, **inputs}, self.model.opsets)
        return self._graph(self.model.proto.graph, scope)

    def subgraph(self, graph: onnx.GraphProto, inputs: Sequence[Value], around: Scope) -> list[Value]:
        """The results of a graph that is an attribute, for values of its inputs."""
        names = [value.name for value in graph.input]
        if len(names) != len(inputs):
            raise InvalidArgumentError(f"graph {graph.name!r} has {len(names)} inputs, expected {len(inputs)}")
        scope = Scope(dict(zip(names, inputs)), around.opsets, around, around.attributes)
        for tensor in graph.initializer:
            scope.values.setdefault(tensor.name, value_of(self.array(tensor)))
        for sparse in graph.sparse_initializer:
            scope.values.setdefault(sparse.values.name, value_of(dense_of(sparse, self.model.folder)))
        try:
            return self._graph(graph, scope)
        except NotKnownError as error:
            if any(name in names for name, _ in error.needs):
                raise UnsupportedError(error.message) from None
            raise

    def _graph(self, graph: onnx.GraphProto, scope: Scope) -> list[Value]:
        self._nodes(graph.node, scope)
        try:
            return [scope.find(value.name) for value in graph.output]
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"onnx.load: the results of graph {graph.name!r}: {error}") from None

    def again(self, scope: Scope, given: dict[str, Value], wanted: str) -> Value:
        """A value of a graph that is being evaluated, computed once more with others in place of some."""
        kept, needed = [], {wanted}
        for node in reversed(scope.nodes):
            if needed & set(node.output) - given.keys():
                kept.append(node)
                needed |= set(node.input)
        values = {name: value for name, value in scope.values.items() if not any(name in n.output for n in kept)}
        inner = Scope({**values, **given}, scope.opsets, scope.outer, scope.attributes)
        self._nodes(kept[::-1], inner)
        return inner.find(wanted)

    def _nodes(self, nodes: Sequence[onnx.NodeProto], scope: Scope) -> None:
        scope.nodes = nodes
        for index, node in enumerate(nodes):
            self._count += 1
            if self._count > _MOST_NODES:
                raise InvalidArgumentError(f"onnx.load: the model has more than {_MOST_NODES} nodes")
            try:
                with self._at(node, index):
                    results = self._node(node, scope)
            except NotKnownError as error:
                raise error.before(nodes[:index]) from None
            for name, value in zip(node.output, results, strict=False):
                if name:
                    scope.values[name] = value

    @contextmanager
    def _at(self, node: onnx.NodeProto, index: int) -> Iterator[None]:
        """Ops have the location of their node, and errors its name."""
        tracer, place = current_tracer(), _place(self.model.name, node, index)
        try:
            if tracer is None:
                yield
            else:
                with tracer.at(place.location):
                    yield
        except (_NamedError, NotKnownError):
            raise
        except Exception as error:
            raise named(error, node) from error

    def _node(self, node: onnx.NodeProto, scope: Scope) -> Sequence[Value]:
        domain = "" if node.domain == "ai.onnx" else node.domain
        inputs = [scope.find(name) for name in node.input]
        attributes = with_attributes(node, scope.attributes)
        own = self.functions.get((domain, node.op_type, node.overload))
        if own is not None:
            return self._function(node, own, inputs, attributes, scope.opsets)
        version = scope.opsets.get(domain)
        if version is None:
            raise InvalidArgumentError(f"the model does not say which version of domain {domain!r} it is of")
        entry = find_rule(domain, node.op_type, version)
        if entry is not None:
            return self._by_rule(entry, Call(node, version, inputs, self, scope, attributes))
        body = body_of(node, domain, version, inputs, attributes)
        if body is None:
            raise UnsupportedError(f"operator {domain or 'ai.onnx'}.{node.op_type} of version {version}")
        return self._function(node, body, inputs, attributes, scope.opsets)

    def _by_rule(self, entry: Entry, call: Call) -> Sequence[Value]:
        inputs: list[Any] = list(call.inputs)
        if not entry.takes_values:
            inputs = [None if value is None else tensor_of(value) for value in inputs]
        found = entry.run(call, *inputs)
        return found if isinstance(found, tuple) else (found,)

    def _function(
        self,
        node: onnx.NodeProto,
        body: onnx.FunctionProto,
        inputs: Sequence[Value],
        attributes: Mapping[str, onnx.AttributeProto],
        opsets: Mapping[str, int],
    ) -> Sequence[Value]:
        """The results of a function's body; attributes that are not given have their defaults."""
        key = body.domain, body.name, body.overload
        if key in self._calling:
            raise InvalidArgumentError(f"function {body.name} calls itself")
        given = {each.name: each for each in body.attribute_proto} | dict(attributes)
        names = [*inputs, *[None] * (len(body.input) - len(inputs))]
        own = {"" if each.domain == "ai.onnx" else each.domain: each.version for each in body.opset_import}
        scope = Scope(dict(zip(body.input, names)), {**opsets, **own}, None, given)
        self._calling.append(key)
        try:
            self._nodes(body.node, scope)
            return [scope.values.get(name) for name in body.output]
        except NotKnownError as error:
            raise error.outside(dict(zip(body.input, node.input))) from None
        finally:
            self._calling.pop()


def _place(file: str, node: onnx.NodeProto, index: int) -> Place:
    """Where a node comes from: the line that the model keeps for it, else its number in the file."""
    source = next((entry.value for entry in node.metadata_props if entry.key == _SOURCE), "")
    path, line, column = (*source.rsplit(":", 2), "", "")[:3]
    if path and line.isdecimal() and column.isdecimal():
        return Place(path, int(line), int(column))
    return Place(f"{file}#{node.name or node.op_type}", index + 1)


class _NamedError(Exception):
    """A base of errors that say which node they are about."""


def named(error: Exception, node: onnx.NodeProto) -> Exception:
    """The error of a node, with its name in the text."""
    domain = f"{node.domain}." if node.domain else ""
    where = f"onnx.load: node {node.name!r} ({domain}{node.op_type}) with result {', '.join(node.output)!r}"
    message = error.message if isinstance(error, StepwellError) else " ".join(str(error).split())
    text = f"{where}: {message or type(error).__name__}"
    location = error.location if isinstance(error, StepwellError) else None
    if isinstance(error, UnsupportedError | NotImplementedError):
        return _named_class(UnsupportedError)(text, location=location)
    if isinstance(error, StepwellError) and type(error).__init__ in _PLAIN:
        return _named_class(type(error))(text, location=location)
    return _named_class(InvalidArgumentError)(text, location=location)


_PLAIN = (StepwellError.__init__, InvalidArgumentError.__init__)
_named_classes: dict[type, type] = {}


def _named_class(base: Any) -> Any:
    """The class of errors of a kind that are about a node."""
    if base not in _named_classes:
        own = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}
        _named_classes[base] = type(base.__name__, (base, _NamedError), own)
    return _named_classes[base]
