"""What has to be known before a model runs, such as axes: traced back to the inputs and initializers it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import onnx

from ....dialects.diagnostics import UnsupportedError

Need = tuple[str, bool]
"""The name of a value, and whether it is its shape that has to be known, and not its elements."""


class NotKnownError(UnsupportedError):
    """Elements or a shape that a rule has to know while the graph is traced.

    Attributes:
        needs: what would have to be known for it.
    """

    def __init__(self, message: str, needs: Iterable[Need]):
        super().__init__(message)
        self.needs = frozenset(needs)

    def before(self, nodes: Sequence[onnx.NodeProto]) -> NotKnownError:
        """The same error, told of what those nodes compute their results from."""
        needs = set(self.needs)
        for node in reversed(nodes):
            for by_shape in (False, True):
                found = {(name, by_shape) for name in node.output if name} & needs
                if found:
                    needs -= found
                    needs |= {(name, by_shape or node.op_type in ("Shape", "Size")) for name in _uses(node)}
        return NotKnownError(self.message, needs)

    def outside(self, names: Mapping[str, str]) -> NotKnownError:
        """The same error, with the names that the values have around a function."""
        return NotKnownError(self.message, {(names[name], by_shape) for name, by_shape in self.needs if name in names})


def _uses(node: onnx.NodeProto) -> set[str]:
    """The names that a node reads, and the graphs in it."""
    found = set(node.input)
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs] if attribute.HasField("g") else attribute.graphs:
            own = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
            made = own | {name for each in graph.node for name in each.output}
            found |= {name for each in graph.node for name in _uses(each)} - made
            found |= {value.name for value in graph.output} - made
    return found - {""}
