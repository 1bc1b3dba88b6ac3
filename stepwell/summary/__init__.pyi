# Written by `python -m stepwell.tools.public_api --write`.

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from stepwell import Tensor
from . import experimental as experimental

class SummaryWriter:
    """Where summaries go: the base class of what `create_file_writer` and `create_noop_writer` return."""
    def set_as_default(self, step: Any = None) -> None:
        """Let summaries of this thread go here from now on."""
    def as_default(self, step: Any = None) -> AbstractContextManager[SummaryWriter | None]:
        """A context in which summaries of this thread go here; it is flushed at the end."""
    def init(self) -> None:
        """Nothing: a writer has its file when it is made."""
    def flush(self) -> None:
        """Write what waits in memory to the file; in a `function` each time that it runs."""
    def close(self) -> None:
        """Flush, and close the file; nothing can be written afterwards."""
    def add_event(self, event: bytes, what: str) -> None:
        """Write an event, a message of `tensorflow.Event`; `what` names the caller in errors."""

def audio(
    name: str,
    data: Any,
    sample_rate: Any,
    step: Any = None,
    max_outputs: Any = 3,
    encoding: str | None = None,
    description: str | None = None,
) -> Tensor:
    """Write sounds to the default writer, if there is one: WAV files with 16 bits a sample."""

def create_file_writer(
    logdir: str | os.PathLike[str],
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
    experimental_trackable: bool = False,
    experimental_mesh: object = None,
) -> SummaryWriter:
    """A writer of summaries to a new file in a folder, which is made if it is missing."""

def create_noop_writer() -> SummaryWriter:
    """A writer that does nothing, for code that needs one."""

def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Write what waits in memory to the file; in a `function` each time that it runs."""

def graph(graph_data: Any) -> Tensor:
    """Write the graph of a function to the default writer, if there is one."""

def histogram(
    name: str,
    data: Any,
    step: Any = None,
    buckets: Any = None,
    description: str | None = None,
) -> Tensor:
    """Write how the elements of a tensor are distributed to the default writer, if there is one."""

def hparams(
    hparams: Mapping[Any, Any],
    trial_id: str | None = None,
    start_time_secs: float | None = None,
) -> Tensor:
    """Write the hyperparameters of a run to the default writer, if there is one, as TensorBoard's `hp.hparams` does."""

def image(name: str, data: Any, step: Any = None, max_outputs: Any = 3, description: str | None = None) -> Tensor:
    """Write images to the default writer, if there is one. Needs Pillow."""

@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """A context in which summaries are written only where `condition` holds."""

def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Write a number to the default writer, if there is one: a point of a curve in TensorBoard."""

def should_record_summaries() -> Tensor:
    """Whether summaries are written here and now: there is a default writer, and the condition of `record_if` holds."""

def text(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Write strings to the default writer, if there is one; TensorBoard shows them as Markdown, lists as tables."""

def trace_export(name: str, step: Any = None, profiler_outdir: str | None = None) -> None:
    """Write the graphs that have been noted since `trace_on` to the default writer, if there is one, and note no more."""

def trace_off() -> None:
    """Note graphs no longer, and forget those that were noted."""

def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: str | None = None) -> None:
    """Note the graphs of the functions that run from now on, in all threads, until `trace_export` or `trace_off`."""

def write(tag: str, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None) -> Tensor:
    """Write a tensor as a summary to the default writer, if there is one: what `scalar`, `image` and others do."""
