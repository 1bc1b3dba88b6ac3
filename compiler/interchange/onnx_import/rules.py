"""The table of rules: what an operator of ONNX means, since which version of its domain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import onnx
from onnx import AttributeProto

from ....dialects.diagnostics import InvalidArgumentError
from ...frontend.ops.arguments import Size
from ...frontend.values.tensor import Tensor
from .needs import NotKnownError
from .values import Value, known, sizes, tensor_of

if TYPE_CHECKING:
    from .evaluation import Evaluation, Scope

MOST_UNROLLED = 1000
"""How often a rule repeats what it does at most, where that is as often as a size or a count in the model says."""

Rule = Callable[..., Any]
RuleT = TypeVar("RuleT", bound=Rule)

ML, TRAINING, PREVIEW = "ai.onnx.ml", "ai.onnx.preview.training", "ai.onnx.preview"
"""ONNX's own domains besides the standard one, which is empty."""


@dataclass(frozen=True)
class Entry:
    """A rule in the table.

    Attributes:
        since: the first version of the domain that it is of.
        run: returns the results, given a `Call` and the inputs.
        takes_values: whether inputs are given as they are, sequences and sizes included, and not as tensors.
    """

    since: int
    run: Rule
    takes_values: bool


_table: dict[tuple[str, str], list[Entry]] = {}


def rule(*ops: str, since: int = 1, domain: str = "", takes_values: bool = False) -> Callable[[RuleT], RuleT]:
    """Let a function be the rule of some operators, from a version of their domain on until the next one's."""

    def add(run: RuleT) -> RuleT:
        for op in ops:
            entries = _table.setdefault((domain, op), [])
            entries.append(Entry(since, run, takes_values))
            entries.sort(key=lambda entry: -entry.since)
        return run

    return add


def declare(since: int, rules: Mapping[str, Callable[..., Any]], domain: str = "") -> None:
    """Rules of operators that are functions of their inputs and have no attributes."""
    for op, function in rules.items():
        rule(op, since=since, domain=domain)(_plain(function))


def _plain(function: Callable[..., Any]) -> Rule:
    return lambda call, *inputs: function(*inputs)


@cache
def _loaded() -> dict[tuple[str, str], list[Entry]]:
    """The table, with the rules of all families."""
    package = import_module(f"{__package__}.ops")
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        import_module(module.name)
    return _table


def find_rule(domain: str, op: str, version: int) -> Entry | None:
    """The rule of an operator in a version of its domain."""
    return next((entry for entry in _loaded().get((domain, op), ()) if entry.since <= version), None)


def supported_ops() -> Iterable[tuple[str, str]]:
    """Domains and names of the operators with rules."""
    return _loaded().keys()


_FIELDS: dict[int, str] = {
    AttributeProto.FLOAT: "f", AttributeProto.INT: "i", AttributeProto.STRING: "s", AttributeProto.TENSOR: "t",
    AttributeProto.GRAPH: "g", AttributeProto.FLOATS: "floats", AttributeProto.INTS: "ints",
    AttributeProto.STRINGS: "strings", AttributeProto.TENSORS: "tensors", AttributeProto.GRAPHS: "graphs",
    AttributeProto.TYPE_PROTO: "tp", AttributeProto.SPARSE_TENSOR: "sparse_tensor",
}  # fmt: skip


@dataclass
class Call:
    """A node that is being evaluated: what its rule can ask.

    Attributes:
        node: the node.
        version: the version of its domain.
        inputs: the values of its inputs.
        evaluation: the evaluation of the model.
        scope: the names around the node.
    """

    node: onnx.NodeProto
    version: int
    inputs: Sequence[Value]
    evaluation: Evaluation
    scope: Scope
    attributes: Mapping[str, onnx.AttributeProto] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether an attribute is given."""
        return name in self.attributes

    def attribute(self, name: str, type_: int, default: Any = None) -> Any:
        """The value of an attribute; the error is the model's, if it has another type."""
        found = self.attributes.get(name)
        if found is None:
            return default
        if found.type != type_:
            kinds = AttributeProto.AttributeType
            raise InvalidArgumentError(f"attribute {name}: expected {kinds.Name(type_)}, got {kinds.Name(found.type)}")
        return getattr(found, _FIELDS[type_])

    def int(self, name: str, default: Any = None) -> Any:
        """An integer attribute."""
        return self.attribute(name, AttributeProto.INT, default)

    def float(self, name: str, default: Any = None) -> Any:
        """A floating-point attribute, as the float32 that it is."""
        return self.attribute(name, AttributeProto.FLOAT, default)

    def text(self, name: str, default: Any = None) -> Any:
        """A string attribute."""
        value = self.attribute(name, AttributeProto.STRING, default)
        return None if value is None else _text(value)

    def ints(self, name: str, default: Any = None) -> Any:
        """A list of integers."""
        value = self.attribute(name, AttributeProto.INTS, default)
        return None if value is None else list(value)

    def floats(self, name: str, default: Any = None) -> Any:
        """A list of floats."""
        value = self.attribute(name, AttributeProto.FLOATS, default)
        return None if value is None else list(value)

    def texts(self, name: str, default: Any = None) -> Any:
        """A list of strings."""
        value = self.attribute(name, AttributeProto.STRINGS, default)
        return None if value is None else [_text(each) for each in value]

    def array(self, name: str) -> np.ndarray | None:
        """The elements of a tensor attribute."""
        tensor = self.attribute(name, AttributeProto.TENSOR)
        return None if tensor is None else self.evaluation.array(tensor)

    def graph(self, name: str) -> onnx.GraphProto:
        """A graph."""
        graph = self.attribute(name, AttributeProto.GRAPH)
        if graph is None:
            raise InvalidArgumentError(f"attribute {name}: expected a graph, got none")
        return graph

    def wants(self, index: int) -> bool:
        """Whether a result is used."""
        return index < len(self.node.output) and bool(self.node.output[index])

    def value(self, index: int) -> Value:
        """An input as it is; None where it is absent."""
        return self.inputs[index] if index < len(self.inputs) else None

    def tensor(self, index: int) -> Tensor | None:
        """An input as a tensor; None where it is absent."""
        value = self.value(index)
        return None if value is None else tensor_of(value)

    def fixed(self, index: int, what: str) -> np.ndarray:
        """The elements of an input that has to be known."""
        found = known(self.value(index))
        if found is None:
            raise self.not_known(index, f"input {what} has to be known before the model runs")
        return found

    def not_known(self, index: int, message: str, by_shape: bool = False) -> NotKnownError:
        """The error for an input whose elements, or whose shape, the rule has to know."""
        node = self.node
        text = f"onnx.load: node {node.name!r} ({node.op_type}) with result {', '.join(node.output)!r}: {message}"
        return NotKnownError(text, [(node.input[index], by_shape)])

    def sizes(self, index: int, what: str) -> list[Size]:
        """The elements of an integer input, whose count has to be known."""
        found = sizes(self.value(index))
        if found is None:
            raise self.not_known(index, f"the number of elements of input {what} has to be known", by_shape=True)
        return found

    def known_ints(self, index: int, what: str) -> list[int]:
        """The elements of an integer input that have to be known."""
        return [int(each) for each in self.fixed(index, what).reshape(-1)]

    def axes(self, index: int, rank: int, attribute: str = "axes") -> list[int] | None:
        """Axes, given as an attribute or as an input, as numbers from 0; None where they are absent."""
        if self.has(attribute):
            found = self.ints(attribute)
        elif self.value(index) is not None:
            found = self.known_ints(index, attribute)
        else:
            return None
        return [axis_in(axis, rank) for axis in found]


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def axis_in(axis: int, rank: int) -> int:
    """An axis as a number from 0."""
    if not -rank <= axis < rank:
        raise InvalidArgumentError(f"expected an axis of {rank} axes, got {axis}")
    return axis % rank
