"""Writers of summaries, and which of them is the default one."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ...compiler.frontend.tracing.tracer import current_tracer
from ...compiler.frontend.values.tensor import Tensor, is_tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.errors import FailedPreconditionError, NotFoundError
from ...dialects.files import path_text
from ...dialects.public import public
from .event_file import EventFile
from .staging import run_in_order
from .state import state

_MAX_QUEUE, _FLUSH_MILLIS, _SUFFIX = 10, 120_000, ".v2"


@public("summary")
class SummaryWriter:
    """Where summaries go: the base class of what `create_file_writer` and `create_noop_writer` return.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> writer = sw.summary.create_file_writer(tempfile.mkdtemp())
        >>> with writer.as_default(step=1):
        ...     sw.summary.scalar("loss", 0.5).numpy()
        np.True_
    """

    def set_as_default(self, step: Any = None) -> None:
        """Let summaries of this thread go here from now on.

        Args:
            step: what the step of summaries is that are given none; None leaves it as it is.
        """
        self.as_default(step).__enter__()

    def as_default(self, step: Any = None) -> AbstractContextManager[SummaryWriter | None]:
        """A context in which summaries of this thread go here; it is flushed at the end.

        Args:
            step: what the step of summaries is that are given none; None leaves it as it is.

        A function that is traced in the context keeps the writer; one that was traced before has that of then, or none.
        """
        return _Default(self, step)

    def init(self) -> None:
        """Nothing: a writer has its file when it is made."""
        raise NotImplementedError("SummaryWriter.init")

    def flush(self) -> None:
        """Write what waits in memory to the file; in a `function` each time that it runs."""
        raise NotImplementedError("SummaryWriter.flush")

    def close(self) -> None:
        """Flush, and close the file; nothing can be written afterwards."""
        raise NotImplementedError("SummaryWriter.close")

    def add_event(self, event: bytes, what: str) -> None:
        """Write an event, a message of `tensorflow.Event`; `what` names the caller in errors."""
        raise NotImplementedError("SummaryWriter.add_event")


class _Default:
    """The context of `SummaryWriter.as_default`."""

    def __init__(self, writer: SummaryWriter, step: Any):
        self._writer, self._step = writer, step
        self._before: tuple[SummaryWriter | None, Any] = (None, None)

    def __enter__(self) -> SummaryWriter:
        self._before = state.writer, state.step
        state.writer = self._writer
        if self._step is not None:
            state.step = self._step
        return self._writer

    def __exit__(self, kind: object, *_: object) -> None:
        writer, step = self._before
        state.writer = writer
        if self._step is not None:
            state.step = step
        if kind is None or current_tracer() is None:  # nothing is added to a trace that has failed
            self._writer.flush()


class FileWriter(SummaryWriter):
    """A writer to a file of events."""

    def __init__(self, file: EventFile):
        self._file = file
        self._is_closed = False
        self._end = weakref.finalize(self, file.close)

    @property
    def path(self) -> str:
        """The file of events."""
        return self._file.path

    def as_default(self, step: Any = None) -> AbstractContextManager[SummaryWriter | None]:
        """See `SummaryWriter.as_default`. Raises RuntimeError where it is closed."""
        self._require_open()
        return super().as_default(step)

    def init(self) -> None:
        """Nothing. Raises RuntimeError where it is closed."""
        self._require_open()

    def flush(self) -> None:
        """See `SummaryWriter.flush`; nothing where it is closed."""
        run_in_order("summary.flush", self._flush)

    def close(self) -> None:
        """See `SummaryWriter.close`; nothing where it is closed."""
        run_in_order("summary.close", self._close)

    def add_event(self, event: bytes, what: str) -> None:
        """Write an event. Raises NotFoundError, as TensorFlow, where the writer is closed."""
        if self._is_closed:
            raise NotFoundError(f"{what}: {self!r} is closed")
        self._file.add(event)

    def _flush(self) -> None:
        if not self._is_closed:
            self._file.flush()

    def _close(self) -> None:
        if not self._is_closed:
            self._file.flush()
            self._is_closed = True
            self._end()

    def _require_open(self) -> None:
        if self._is_closed:
            raise FailedPreconditionError(f"{self!r} is already closed")

    def __repr__(self) -> str:
        return f"<SummaryWriter of {self._file.path}>"


class NoopWriter(SummaryWriter):
    """A writer that does nothing; the default writer stays as it is."""

    def set_as_default(self, step: Any = None) -> None:
        """Nothing."""

    @contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter | None]:
        """A context in which nothing is different."""
        del step
        yield None

    def init(self) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


@public("summary")
def create_file_writer(
    logdir: str | os.PathLike[str],
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
    experimental_trackable: bool = False,
    experimental_mesh: object = None,
) -> SummaryWriter:
    """A writer of summaries to a new file in a folder, which is made if it is missing.

    Args:
        logdir: the folder, which TensorBoard is given as `--logdir`, or one in it: a run by that name.
        max_queue: how many summaries wait in memory at most; 10 by default.
        flush_millis: after how many milliseconds the next summary has all that wait written; 120 000 by default.
        filename_suffix: how the name of the file ends; `.v2` by default.
        name: accepted as in TensorFlow; unused, as the next ones.
        experimental_trackable: unused.
        experimental_mesh: unused.

    Inside a `function` it is made once, when that is traced. Raises an error of `sw.errors`, which also is Python's
    own, where the folder or the file cannot be made.

    Example:
        >>> import os, tempfile
        >>> import stepwell as sw
        >>> folder = tempfile.mkdtemp()
        >>> writer = sw.summary.create_file_writer(folder, filename_suffix=".mine")
        >>> writer.close()
        >>> os.listdir(folder)[0].endswith(".mine")
        True
    """
    del name, experimental_trackable, experimental_mesh
    if logdir is None:
        raise InvalidArgumentError("summary.create_file_writer: logdir: expected a path, got None")
    folder = path_text(_known("logdir", logdir), "summary.create_file_writer: logdir")
    queue = _count("max_queue", max_queue, _MAX_QUEUE)
    millis = _count("flush_millis", flush_millis, _FLUSH_MILLIS)
    suffix = _SUFFIX if filename_suffix is None else _known("filename_suffix", filename_suffix)
    if not isinstance(suffix, str) or "/" in suffix:
        raise InvalidTypeError(f"summary.create_file_writer: filename_suffix: expected a text, got {suffix!r}")
    return FileWriter(EventFile(os.path.abspath(folder), queue, millis, suffix))


def _known(argument: str, value: Any) -> Any:
    """An argument as Python's own value."""
    if isinstance(value, Tensor) and value.is_symbolic:
        raise InvalidArgumentError(
            f"summary.create_file_writer: {argument}: expected a value that is known when the function is traced, when "
            "the writer is made"
        )
    found = value.numpy() if is_tensor(value) else value  # pyright: ignore[reportAttributeAccessIssue]
    return os.fsdecode(found) if isinstance(found, bytes) else found


def _count(argument: str, value: Any, default: int) -> int:
    """A number of summaries or milliseconds."""
    if value is None:
        return default
    try:
        return int(_known(argument, value).__index__())
    except (AttributeError, TypeError):
        raise InvalidTypeError(f"summary.create_file_writer: {argument}: expected an int, got {value!r}") from None


@public("summary")
def create_noop_writer() -> SummaryWriter:
    """A writer that does nothing, for code that needs one.

    Example:
        >>> import stepwell as sw
        >>> with sw.summary.create_noop_writer().as_default():
        ...     sw.summary.scalar("loss", 0.5, step=1).numpy()
        np.False_
    """
    return NoopWriter()


@public("summary")
def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Write what waits in memory to the file; in a `function` each time that it runs.

    Args:
        writer: the writer; by default that of this thread, if there is one.
        name: accepted as in TensorFlow; unused.
    """
    del name
    writer = state.writer if writer is None else writer
    if writer is None:
        return
    if not isinstance(writer, SummaryWriter):
        raise InvalidArgumentError(f"summary.flush: writer: expected a SummaryWriter, got {writer!r}")
    writer.flush()
