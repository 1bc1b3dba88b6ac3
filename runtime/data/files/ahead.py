"""Files that threads read ahead: what `num_parallel_reads` is for."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeAlias

from ....dialects.errors import CancelledError

_PIECES = 2
"""How many pieces of a file may be ready, or being read."""

_LOOK_EVERY = 1.0
"""Seconds between two looks whether a thread is alive, and the longest that the end of one is waited for."""

_Piece: TypeAlias = bytes | Exception


class ReadAhead(io.RawIOBase):
    """The bytes of another file, of which a thread reads pieces before they are asked for.

    Reading and decompressing do not hold Python's lock, so that several files are read at a time; taking records out of
    the bytes does, and is done by whoever asks for them: threads that did that too took twice as long as none.

    The thread begins with the first read, and ends with the file or with `close`. It does not know this object, so that
    the object's end ends it too.
    """

    def __init__(self, source: io.RawIOBase, size: int, waits: bool):
        """Of a file `source`, pieces of `size` bytes; `waits` says that reading may wait for another program."""
        self._source, self._size, self._waits = source, size, waits
        self._rest = memoryview(b"")
        self._over = False
        self._pieces: SimpleQueue[_Piece] = SimpleQueue()
        self._asked: SimpleQueue[bool] = SimpleQueue()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """Before the first read, where the other file is."""
        return self._thread is None and self._source.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place of the other file, before the first read."""
        assert self._thread is None, "a file is moved in before it is read"
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        """The place in the other file, before the first read."""
        return self._source.tell()

    def readinto(self, buffer: object) -> int:
        """The next bytes; raises what reading the other file raised there."""
        view = memoryview(buffer)  # pyright: ignore[reportArgumentType]
        if not self._rest:
            self._rest = memoryview(self._next_piece())
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _next_piece(self) -> bytes:
        """The next piece, which is empty at the end of the file; after an error there is none."""
        piece = b"" if self._over else self._taken(self._thread or self._started())
        self._over = not piece or isinstance(piece, Exception)
        if isinstance(piece, Exception):
            try:
                raise piece
            finally:
                del piece  # whose traceback has this frame: the two would keep this object, and so its thread
        return piece

    def _taken(self, thread: threading.Thread) -> _Piece:
        self._asked.put(True)
        while True:
            alive = thread.is_alive()  # before the queue is looked at: what it put there before its end counts
            try:
                return self._pieces.get(timeout=_LOOK_EVERY if alive else 0)
            except Empty:
                if not alive:
                    return CancelledError("the thread that reads the file has ended")

    def _started(self) -> threading.Thread:
        arguments = self._source, self._size, self._pieces, self._asked, self._stop.is_set
        thread = self._thread = threading.Thread(target=_read, args=arguments, name="stepwell-read", daemon=True)
        for _ in range(_PIECES - 1):
            self._asked.put(True)
        thread.start()
        return thread

    def close(self) -> None:
        """End the thread, and close the other file."""
        if self.closed:
            return
        super().close()
        self._stop.set()
        self._asked.put(False)
        thread = self._thread
        if thread is not None and not self._waits and thread is not threading.current_thread():
            thread.join(_LOOK_EVERY)
        if thread is None or not thread.is_alive():
            self._source.close()


def _read(
    source: io.RawIOBase,
    size: int,
    pieces: SimpleQueue[_Piece],
    asked: SimpleQueue[bool],
    stopped: Callable[[], bool],
) -> None:
    """Put pieces of a file into a queue, as many as are asked for, up to its end or an error; close it if stopped."""
    try:
        while asked.get() and not stopped():
            piece: _Piece
            try:
                piece = source.read(size) or b""
            except Exception as error:  # it is raised where the piece is asked for
                piece = error
            pieces.put(piece)
            if not piece or isinstance(piece, Exception):
                return
    finally:
        if stopped():
            source.close()
