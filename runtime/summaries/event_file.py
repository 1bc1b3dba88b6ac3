"""The file that a writer appends events to: records in TensorFlow's format, whole or not at all."""

from __future__ import annotations

import itertools
import logging
import os
import socket
import threading
import time
import weakref
from pathlib import Path

from ...dialects.files import file_errors
from ..data.files.framing import framed

_log = logging.getLogger("stepwell")
_counter = itertools.count()
"""Tells apart the files that one process begins in one second."""


class EventFile:
    """Events that wait in memory until they are as many, or as old, as was said; then they are appended to the file.

    A failure to write them leaves the file as it was before, and the events waiting. What a killed process had not
    flushed is lost, the file is readable.

    Attributes:
        folder: where the file is.
        path: the file.
    """

    def __init__(self, folder: str, max_queue: int, flush_millis: int, suffix: str):
        self.folder = folder
        self._max_queue, self._flush_seconds, self._suffix = max_queue, flush_millis / 1000, suffix
        self._begin()
        self.flush()

    def _begin(self) -> None:
        """Begin a file."""
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._waiting: list[bytes] = []
        self._flushed = time.monotonic()
        head = f"events.out.tfevents.{int(time.time())}.{socket.gethostname()}.{self._process}.{next(_counter)}"
        self.path = str(Path(self.folder) / f"{head}{self._suffix}")
        with file_errors(self.folder):
            os.makedirs(self.folder, exist_ok=True)
        with file_errors(self.path):
            file = open(self.path, "xb", buffering=0)  # noqa: SIM115 - `close` closes it, or the end of the object
        self._file = file
        self._end = weakref.finalize(self, file.close)
        self._end.atexit = False  # the writer still flushes then
        self._waiting.append(framed(first_event()))

    def add(self, event: bytes) -> None:
        """Let an event wait, and flush where that is due."""
        if self._process != os.getpid():  # a fork: its parent goes on with the file, and writes what waits
            self._end.detach()
            self._begin()
        with self._lock:
            self._waiting.append(framed(event))
            is_old = time.monotonic() - self._flushed > self._flush_seconds
            if len(self._waiting) > self._max_queue or is_old:
                self.flush()

    def flush(self) -> None:
        """Append the waiting events to the file. Raises an error of the system, with the events still waiting."""
        if self._process != os.getpid():
            return
        with self._lock:
            if not self._waiting:
                return
            self._check_that_it_exists()
            with file_errors(self.path):
                _append(self._file.fileno(), b"".join(self._waiting))
            self._waiting.clear()
            self._flushed = time.monotonic()

    def close(self) -> None:
        """Flush, and close the file."""
        with self._lock:
            try:
                self.flush()
            finally:
                self._end()

    def _check_that_it_exists(self) -> None:
        """Begin another file where this one has been deleted, as TensorFlow does."""
        if os.fstat(self._file.fileno()).st_nlink:
            return
        _log.warning("the file of events %s has been deleted; there is a new one", self.path)
        waiting = self._waiting
        self._end()
        self._begin()
        self._waiting += waiting


def first_event() -> bytes:
    """The event that says what the file is."""
    from .protos import Event  # loads Protocol Buffers

    return Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString()


def _append(file: int, content: bytes) -> None:
    """Append all of `content`, or nothing."""
    before = os.fstat(file).st_size
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
    except BaseException:
        os.ftruncate(file, before)
        os.lseek(file, before, os.SEEK_SET)
        raise
