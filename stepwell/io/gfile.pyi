# Written by `python -m stepwell.tools.public_api --write`.

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

@dataclass(frozen=True)
class FileStatistics:
    """What `stat` returns."""
    length: int
    mtime_nsec: int
    is_directory: bool

class GFile:
    """A file of bytes or, unless `mode` has a `b`, of text in UTF-8; it is opened when it is first read or written."""
    def __init__(self, name: str | bytes | os.PathLike[str], mode: str = 'r') -> None: ...
    @property
    def name(self) -> Any:
        """The path as it was given."""
    @property
    def mode(self) -> str:
        """The mode as it was given."""
    def read(self, n: int = -1) -> Any:
        """The next `n` bytes or characters; all that is left if it is negative."""
    def readline(self) -> Any:
        """The next line, with its end; empty at the end of the file."""
    def readlines(self) -> list[Any]:
        """The lines that are left."""
    def write(self, file_content: str | bytes) -> None:
        """Write a text, or bytes."""
    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Go to a position: from the begin, from where it is (`whence=1`), or from the end (`whence=2`)."""
    def tell(self) -> int:
        """The position."""
    def size(self) -> int:
        """The number of bytes of the file."""
    def seekable(self) -> bool:
        """True."""
    def flush(self) -> None:
        """Write what is still to be written."""
    def close(self) -> None:
        """Write what is still to be written, and close the file; it is opened again when it is used again."""
    def __del__(self) -> None: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __next__(self) -> Any: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        ...

def copy(src: str | bytes | os.PathLike[str], dst: str | bytes | os.PathLike[str], overwrite: bool = False) -> None:
    """Copy a file. AlreadyExistsError if there is one of the new name, unless `overwrite`."""

def exists(path: str | bytes | os.PathLike[str]) -> bool:
    """Whether there is a file or folder of that name."""

def get_registered_schemes() -> list[str]:
    """The kinds of file systems that paths may name: this machine's."""

def glob(pattern: str | bytes | os.PathLike[str] | Sequence[str | bytes | os.PathLike[str]]) -> list[str]:
    """The names of the files and folders that a pattern, or one of several, matches; sorted for each pattern."""

def isdir(path: str | bytes | os.PathLike[str]) -> bool:
    """Whether there is a folder of that name."""

def join(path: str | bytes | os.PathLike[str], *paths: str | bytes | os.PathLike[str]) -> str:
    """Parts of a path as one."""

def listdir(path: str | bytes | os.PathLike[str]) -> list[str]:
    """The sorted names of what is in a folder. NotFoundError if there is no such folder."""

def makedirs(path: str | bytes | os.PathLike[str]) -> None:
    """Make a folder, and those around it that are not there."""

def mkdir(path: str | bytes | os.PathLike[str]) -> None:
    """Make a folder in one that is there; nothing if it is there already. NotFoundError if the other one is not there."""

def remove(path: str | bytes | os.PathLike[str]) -> None:
    """Remove a file. NotFoundError if it is not there, FailedPreconditionError if it is a folder."""

def rename(
    src: str | bytes | os.PathLike[str],
    dst: str | bytes | os.PathLike[str],
    overwrite: bool = False,
) -> None:
    """Give a file or folder another name. AlreadyExistsError if there is one of that name, unless `overwrite`."""

def rmtree(path: str | bytes | os.PathLike[str]) -> None:
    """Remove a folder and all that is in it. NotFoundError if it is not there."""

def stat(path: str | bytes | os.PathLike[str]) -> FileStatistics:
    """The size of a file or folder, and when it was changed. NotFoundError if it is not there."""

def walk(
    top: str | bytes | os.PathLike[str],
    topdown: bool = True,
    onerror: Callable[[OSError], object] | None = None,
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each folder in a folder, itself included, with the names of the folders and of the files in it."""
