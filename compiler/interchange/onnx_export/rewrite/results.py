"""The names of results, given to the nodes that compute them."""

from __future__ import annotations

from .graph import Graph, Model, Node


def name_results(model: Model) -> None:
    """Let nodes compute results under the results' names, where they are known under another only."""
    for graph in model.graph.walk():
        model.index()
        _name(model, graph)


def _name(model: Model, graph: Graph) -> None:
    results = {value.name for value in graph.outputs}
    own = {name: node for node in graph.nodes for name in node.outputs}
    names: dict[str, str] = {}
    for node in graph.nodes:
        (source, *_), (result, *_) = node.inputs or [""], node.outputs
        if node.op == "Identity" and result in results and _is_free(own.get(source), source, results, names):
            names[source] = result
    for source, result in names.items():
        node = own[source]
        node.outputs = [result if name == source else name for name in node.outputs]
    given = set(names.values())
    graph.nodes = [node for node in graph.nodes if node.op != "Identity" or node.outputs[0] not in given]
    model.rename(names)


def _is_free(node: Node | None, source: str, results: set[str], names: dict[str, str]) -> bool:
    """Whether a value, computed by `node` of the same graph, can have another name."""
    return node is not None and node.op != "Identity" and source not in results and source not in names
