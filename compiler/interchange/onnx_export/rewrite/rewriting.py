"""Rules on ONNX graphs, and what applies them: a rule replaces the value of one node by that of others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from .....dialects.dtypes import DType
from .graph import UNKNOWN, Graph, Model, Node, ValueType
from .matching import Found, Op, matches

_MOST_SWEEPS = 200
"""More sweeps than any model needs: each pushes a value past one node at least."""


@dataclass
class Site:
    """Where a rule looks at: a node, and the nodes that are added in its place."""

    model: Model
    node: Node
    added: list[Node] = field(default_factory=list)

    @property
    def output(self) -> str:
        """The value that the node computes."""
        return self.node.outputs[0]

    @property
    def inputs(self) -> list[str]:
        """The node's inputs."""
        return self.node.inputs

    @property
    def dtype(self) -> DType | None:
        """The dtype of the node's value."""
        return self.model.type(self.output).dtype

    def emit(self, op: str, inputs: Sequence[str], type_: ValueType = UNKNOWN, /, **attributes: object) -> str:
        """Add a node with the user's line of the one that it helps to replace; return its value."""
        (name,) = self.emit_all(op, inputs, 1, **attributes)
        self.model.types[name] = type_
        return name

    def emit_all(self, op: str, inputs: Sequence[str], count: int, /, **attributes: object) -> list[str]:
        """Add a node like `emit`; return its `count` values."""
        names = [self.model.fresh(op.lower()) for _ in range(count)]
        given = {key: value for key, value in attributes.items() if value is not None}
        node = Node(op, list(inputs), names, given, self.model.fresh(f"{op}_node"), self.node.metadata)
        self.added.append(node)
        self.model.producers.update(dict.fromkeys(names, node))
        return list(names)

    def constant(self, value: Any, dtype: Any = None) -> str:
        """A constant."""
        return self.model.constant(np.array(value, dtype))


class Rule(ABC):
    """A replacement for the values of nodes of some operators.

    `OPS` are the operators of the nodes that `rewrite` looks at.
    """

    OPS: ClassVar[tuple[str, ...]]

    @abstractmethod
    def rewrite(self, site: Site) -> str | None:
        """The value that replaces that of the node; None where the rule does not fit."""


class PatternRule(Rule):
    """A rule that is a pattern, and what replaces it."""

    PATTERNS: ClassVar[tuple[Op, ...]]

    @abstractmethod
    def replace(self, site: Site, found: Found) -> str | None:
        """The value that replaces the match; None where it does not fit after all."""

    def rewrite(self, site: Site) -> str | None:
        """Replace the first match that fits."""
        for pattern in self.PATTERNS:
            if pattern.op != site.node.op:
                continue
            for found in matches(site.model, pattern, site.output):
                value = self.replace(site, found)
                if value is not None:
                    return value
        return None


def apply_rules(model: Model, rules: Iterable[Rule]) -> bool:
    """Apply rules to every node until none fits, or so often that they must undo each other; tell whether one did."""
    by_op: dict[str, list[Rule]] = {}
    for rule in rules:
        for op in rule.OPS:
            by_op.setdefault(op, []).append(rule)
    for sweep in range(_MOST_SWEEPS):
        merge_equal(model)
        model.remove_unused()
        model.index()
        if not sum(_sweep(model, graph, by_op) for graph in list(model.graph.walk())):
            return sweep > 0
    return True


def _sweep(model: Model, graph: Graph, by_op: dict[str, list[Rule]]) -> bool:
    names: dict[str, str] = {}
    nodes: list[Node] = []
    results = {value.name for value in graph.outputs}
    changed = False
    model.transposed.clear()
    for node in graph.nodes:
        node.inputs = [_current(names, name) for name in node.inputs]
        if node.op == "Transpose" and "perm" in node.attributes:
            model.transposed.setdefault((node.inputs[0], tuple(node.attributes["perm"])), node.outputs[0])
        site, value = _rewritten(model, node, by_op.get(node.op, ()))
        if value is None:
            nodes.append(node)
            continue
        changed = True
        model.transposed = {key: name for key, name in model.transposed.items() if name != site.output}
        nodes.extend(site.added)
        if site.added and value == site.added[-1].outputs[0]:
            site.added[-1].outputs = [site.output]
            model.producers[site.output] = site.added[-1]
        elif site.output in results:
            nodes.append(Node("Identity", [value], [site.output], {}, model.fresh("Identity_node"), node.metadata))
        else:
            names[site.output] = value
    graph.nodes = nodes
    model.rename(names)
    return changed


def _rewritten(model: Model, node: Node, rules: Sequence[Rule]) -> tuple[Site, str | None]:
    for rule in rules:
        site = Site(model, node)
        value = rule.rewrite(site)
        if value is not None:
            return site, value
    return Site(model, node), None


def _current(names: dict[str, str], name: str) -> str:
    while name in names:
        name = names[name]
    return name


def merge_equal(model: Model) -> None:
    """Let equal nodes be one; those of a nested graph may be one with those around it."""
    names: dict[str, str] = {}
    _merge(model.graph, {}, names)
    model.rename(names)


def _merge(graph: Graph, seen: dict[Any, Node], names: dict[str, str]) -> None:
    results = {value.name for value in graph.outputs}
    kept = []
    for node in graph.nodes:
        node.inputs = [_current(names, name) for name in node.inputs]
        key = node.op, tuple(node.inputs), repr(sorted(node.attributes.items())), len(node.outputs)
        other = None if node.nested else seen.get(key)
        if other is None or results & {*node.outputs}:
            for inner in node.nested:
                _merge(inner, dict(seen), names)
            if not node.nested:
                seen.setdefault(key, node)
            kept.append(node)
        else:
            names.update(zip(node.outputs, other.outputs, strict=True))
    graph.nodes = kept
