"""What of a model there are rules for, and which of its initializers are statistics: found before it is traced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import onnx

from ....dialects.diagnostics import UnsupportedError
from .definitions import has_body
from .model_file import ModelFile
from .rules import find_rule

_SHOWN = 40
"""How many nodes an error lists."""

Functions = Mapping[tuple[str, str, str], onnx.FunctionProto]


def check_coverage(model: ModelFile, functions: Functions) -> None:
    """Raise `UnsupportedError` naming every node that there is no rule for, and what those nodes are."""
    missing = [
        f"{node.name or '(no name)'}: {domain or 'ai.onnx'}.{node.op_type} of version {version}"
        for node, domain, version in _uses(model, functions)
        if not _is_covered(node, domain, version, functions)
    ]
    if missing:
        shown = "\n".join(f"  {each}" for each in missing[:_SHOWN])
        more = f"\n  and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        count = f"{len(missing)} node{'s' * (len(missing) > 1)}"
        raise UnsupportedError(f"onnx.load: {model.name}: there is no rule for {count}:\n{shown}{more}")


def _is_covered(node: onnx.NodeProto, domain: str, version: int | None, functions: Functions) -> bool:
    if (domain, node.op_type, node.overload) in functions:
        return True
    if version is None:
        return False
    return find_rule(domain, node.op_type, version) is not None or has_body(domain, node.op_type, version)


def _uses(model: ModelFile, functions: Functions) -> Iterator[tuple[onnx.NodeProto, str, int | None]]:
    """The nodes of the graph and of functions, with the domain and version of their operators."""
    for node in walk(model.proto.graph.node):
        domain = "" if node.domain == "ai.onnx" else node.domain
        yield node, domain, model.opsets.get(domain)
    for function in functions.values():
        opsets = {"" if each.domain == "ai.onnx" else each.domain: each.version for each in function.opset_import}
        for node in walk(function.node):
            domain = "" if node.domain == "ai.onnx" else node.domain
            yield node, domain, opsets.get(domain)


def walk(nodes: Sequence[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    """Nodes, and those of the graphs in them."""
    for node in nodes:
        yield node
        for attribute in node.attribute:
            for graph in [attribute.g, *attribute.graphs] if attribute.HasField("g") else attribute.graphs:
                yield from walk(graph.node)


def statistics_names(graph: onnx.GraphProto) -> frozenset[str]:
    """The names of means and variances of batch normalizations, which are not learned by gradients."""
    nodes = [node for node in walk(graph.node) if node.op_type == "BatchNormalization"]
    return frozenset(name for node in nodes for name in node.input[3:5])
