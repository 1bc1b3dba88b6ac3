"""`graph`: the program of a function, drawn by TensorBoard."""

from __future__ import annotations

import time
from typing import Any

from ....compiler.frontend.ops.arguments import shown
from ....compiler.frontend.tracing.tracer import current_tracer
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ...functions.concrete import ConcreteFunction
from ...functions.function_graph import FunctionGraph
from ..state import recording_condition, state


@public("summary")
def graph(graph_data: Any) -> Tensor:
    """Write the graph of a function to the default writer, if there is one.

    Args:
        graph_data: the `graph` of a concrete function, or that function, or a message of `tensorflow.GraphDef`.

    TensorBoard shows a node for each operation of the `hl` program, with shapes, attributes and the user's line, in
    boxes for loops, branches and the Python functions that they are from.

    Returns whether it was written, as a tensor. Raises ValueError inside a `function`, and for other data.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> f = sw.function(lambda x: sw.sin(x) * 2.0)
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default():
        ...     sw.summary.graph(f.get_concrete_function(sw.TensorSpec([None])).graph).numpy()
        np.True_
    """
    if current_tracer() is not None:
        raise InvalidArgumentError("summary.graph: expected to be called eagerly, not inside a function")
    writer = state.writer
    if writer is None or not recording_condition():
        return as_tensor(False)
    if isinstance(graph_data, ConcreteFunction):
        graph_data = graph_data.graph
    if isinstance(graph_data, FunctionGraph):
        graph_data = graph_data.as_graph_def()
    if not (hasattr(graph_data, "SerializeToString") and hasattr(graph_data, "node")):
        got = shown(graph_data)
        raise InvalidArgumentError(
            f"summary.graph: graph_data: expected the graph of a concrete function or a GraphDef, got {got}"
        )
    from ..protos import Event  # loads Protocol Buffers

    event = Event(wall_time=time.time(), step=0, graph_def=graph_data.SerializeToString())
    writer.add_event(event.SerializeToString(), "summary.graph")
    return as_tensor(True)
