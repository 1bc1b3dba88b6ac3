"""The graph of a trace, for TensorBoard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...dialects.public import public

if TYPE_CHECKING:
    from ...compiler.frontend.values.tensor import Tensor
    from .concrete import ConcreteFunction


@public("types")
@dataclass(frozen=True)
class FunctionGraph:
    """The graph of a traced function: `f.get_concrete_function(…).graph`, which `sw.summary.graph` writes.

    Attributes:
        function: the trace.
    """

    function: ConcreteFunction

    @property
    def name(self) -> str:
        """The function's name in the IR."""
        return self.function.name

    @property
    def inputs(self) -> list[Tensor]:
        """The tensor arguments, as values of the trace, which have names, shapes and dtypes."""
        return self.function.inputs

    @property
    def outputs(self) -> list[Tensor]:
        """The results, as values of the trace, which have names, shapes and dtypes."""
        return self.function.outputs

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> Any:
        """The graph as a message of `tensorflow.GraphDef`, which TensorBoard draws; TensorFlow cannot run it.

        Args:
            from_version: accepted as in TensorFlow; unused.
            add_shapes: accepted as in TensorFlow; nodes always have the shapes of their results.

        Each operation of the `hl` program is a node, which has the user's line as its attribute `line`.
        """
        del from_version, add_shapes
        from ..summaries.graphs.convert import graph_def  # loads Protocol Buffers

        return graph_def(self.function.function)
