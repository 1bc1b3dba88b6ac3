"""Files that are there as a whole or not at all: written elsewhere, flushed to the disk, then renamed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...dialects.files import file_errors

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_SUFFIX = ".incomplete"


def write_whole(path: str, write: Callable[[str], None]) -> None:
    """Make or replace a file by what `write` makes of a path.

    The file has all of it or is as it was, whatever ends the process or the machine, and however many processes write
    it: of these the last one prevails. Raises TensorFlow's errors for those of the system; then nothing is left behind.
    """
    with file_errors(path), whole_file(path) as temporary:
        write(temporary)


@contextmanager
def whole_file(path: str) -> Iterator[str]:
    """Give a path to write to, and make or replace the file at `path` by what is there in the end, if all went well."""
    folder, name = os.path.split(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    if os.path.isdir(path):
        raise IsADirectoryError(21, "expected a path for a file, which is a folder")
    _remove_left_over(folder)
    with _own_folder(folder, name) as own:
        temporary = os.path.join(own, name[-100:])
        yield temporary
        os.chmod(temporary, os.stat(own).st_mode & 0o666)
        _flush(temporary)
        os.replace(temporary, path)
    _flush(folder)


@contextmanager
def _own_folder(folder: str, name: str) -> Iterator[str]:
    """A new folder, held while the process lives: so others see whether what is in it is left over."""
    while True:
        own = tempfile.mkdtemp(prefix=f".{name[:100]}.", suffix=_SUFFIX, dir=folder)
        try:
            lock = os.open(own, os.O_RDONLY)
        except FileNotFoundError:  # another process took it for left over before it was held
            continue
        try:
            if _held(lock) and os.path.exists(own):
                os.chmod(own, os.stat(folder).st_mode & 0o777 | 0o700)
                yield own
                return
        finally:
            shutil.rmtree(own, ignore_errors=True)
            os.close(lock)


def _remove_left_over(folder: str) -> None:
    """Remove what processes left that were ended while they wrote."""
    with os.scandir(folder) as entries:
        found = [entry.path for entry in entries if re.fullmatch(rf"\..*\{_SUFFIX}", entry.name)]
    for path in found:
        with suppress(OSError):
            lock = os.open(path, os.O_RDONLY)
            try:
                if fcntl is not None and _held(lock):
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)


def _held(lock: int) -> bool:
    """Take the lock of an open folder, unless another process has it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: nothing is removed there either, as this is asked for what is ours
        return True
    return True


@contextmanager
def locked(folder: str) -> Iterator[None]:
    """Let one process at a time change what is in a folder."""
    if fcntl is None:
        yield
        return
    lock = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _flush(path: str) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        if not Path(path).is_dir():  # some file systems have no such thing for folders
            raise
    finally:
        os.close(descriptor)
