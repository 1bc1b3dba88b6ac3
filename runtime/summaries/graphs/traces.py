"""`trace_on`, `trace_export`: the graphs of the functions that a part of a program runs."""

from __future__ import annotations

import logging
from typing import Any

from ....compiler.frontend.tracing.tracer import current_tracer
from ....compiler.frontend.values.dispatch import as_tensor
from ....dialects.diagnostics import InvalidArgumentError, UnsupportedError
from ....dialects.public import public
from ...functions import executed
from ..writing import PluginMetadata, summary_scope, write

_log = logging.getLogger("stepwell")
_PLUGIN = "graph_run_metadata_graph"


@public("summary")
def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: str | None = None) -> None:
    """Note the graphs of the functions that run from now on, in all threads, until `trace_export` or `trace_off`.

    Args:
        graph: whether graphs are noted.
        profiler: TensorFlow's profiler, which stepwell does not have: `f.profile(*args)` measures a function.
        profiler_outdir: unused.

    Raises UnsupportedError for the profiler. Inside a `function`, or where it is on already, it only warns.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> f = sw.function(lambda x: sw.sin(x) * 2.0)
        >>> sw.summary.trace_on()
        >>> y = f(sw.constant(1.0))
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default():
        ...     sw.summary.trace_export("f", step=0)
    """
    del profiler_outdir
    if profiler:
        raise UnsupportedError(
            "summary.trace_on: profiler: there is no profiler for TensorBoard",
            remedy="trace_on(graph=True) notes graphs, and f.profile(*args) of a function measures its parts",
        )
    if current_tracer() is not None:
        _log.warning("summary.trace_on does nothing inside a function")
    elif executed.EXECUTED.traces is not None:
        _log.warning("summary.trace_on: it is on already")
    elif graph:
        executed.begin()


@public("summary")
def trace_export(name: str, step: Any = None, profiler_outdir: str | None = None) -> None:
    """Write the graphs that have been noted since `trace_on` to the default writer, if there is one, and note no more.

    Args:
        name: what TensorBoard calls them, after the name scopes around.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        profiler_outdir: unused.

    Raises ValueError where `trace_on` was not called, and where there is a writer and no step.
    """
    del profiler_outdir
    if current_tracer() is not None:
        _log.warning("summary.trace_export does nothing inside a function")
        return
    traces = executed.EXECUTED.traces
    if traces is None:
        raise InvalidArgumentError("summary.trace_export: there is nothing to export; call sw.summary.trace_on before")
    functions = list(traces.values())

    def message() -> Any:
        from ..protos import run_metadata  # loads Protocol Buffers

        return as_tensor(run_metadata([each.graph.as_graph_def() for each in functions]))

    with summary_scope(name, "graph_run_metadata_graph_summary") as (tag, _):
        write(tag, message, step, PluginMetadata(_PLUGIN, b"1"))
    executed.end()


@public("summary")
def trace_off() -> None:
    """Note graphs no longer, and forget those that were noted."""
    executed.end()
