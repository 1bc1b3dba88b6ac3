"""`io.gfile`: files and folders of this machine, with the errors that TensorFlow raises."""

from __future__ import annotations

import glob as python_glob
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

from ..dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ..dialects.errors import AlreadyExistsError, NotFoundError, PermissionDeniedError
from ..dialects.files import file_errors, path_text
from ..dialects.public import public
from ..dialects.strings import as_bytes

Path = str | bytes | os.PathLike[str]
_MODES = ("r", "w", "a", "r+", "w+", "a+")


@public("io.gfile")
class GFile:
    """A file of bytes or, unless `mode` has a `b`, of text in UTF-8; it is opened when it is first read or written.

    Args:
        name: the path.
        mode: `"r"`, `"w"` or `"a"`, with a `+` for both reading and writing, and a `b` for bytes.

    Raises NotFoundError where there is no such file, and PermissionDeniedError where the mode does not allow it.

    Example:
        >>> import stepwell as sw
        >>> with sw.io.gfile.GFile("/tmp/stepwell_gfile.txt", "w") as file:
        ...     file.write("one\\ntwo\\n")
        >>> [line.strip() for line in sw.io.gfile.GFile("/tmp/stepwell_gfile.txt")]
        ['one', 'two']
    """

    def __init__(self, name: Path, mode: str = "r"):
        plain = mode.replace("b", "")
        if plain not in _MODES:
            raise InvalidArgumentError(f"GFile: mode: expected one of {', '.join(_MODES)}, got {mode!r}")
        self._path = path_text(name, "GFile: name")
        self._name, self._mode, self._bytes = name, mode, "b" in mode
        self._plain = plain
        self._file: IO[bytes] | None = None

    @property
    def name(self) -> Any:
        """The path as it was given."""
        return self._name

    @property
    def mode(self) -> str:
        """The mode as it was given."""
        return self._mode

    def _open(self, reading: bool) -> IO[bytes]:
        if reading and self._plain in ("w", "a"):
            raise PermissionDeniedError(f"{self._path}: the file is not open for reading, but with mode {self._mode!r}")
        if not reading and self._plain == "r":
            raise PermissionDeniedError(f"{self._path}: the file is not open for writing, but with mode {self._mode!r}")
        return self._opened()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            with file_errors(self._path):
                self._file = open(self._path, f"{self._plain}b")  # noqa: SIM115 - `close` closes it
        return self._file

    def _text(self, data: bytes) -> Any:
        return data if self._bytes else data.decode()

    def read(self, n: int = -1) -> Any:
        """The next `n` bytes or characters; all that is left if it is negative."""
        file = self._open(reading=True)
        if self._bytes or n < 0:
            return self._text(file.read(n))
        found = b""
        while (missing := n - len(found.decode(errors="ignore"))) > 0 and (more := file.read(missing)):
            found += more  # of a character that is not complete yet nothing is counted
        return self._text(found)

    def readline(self) -> Any:
        """The next line, with its end; empty at the end of the file."""
        return self._text(self._open(reading=True).readline())

    def readlines(self) -> list[Any]:
        """The lines that are left."""
        return list(self)

    def write(self, file_content: str | bytes) -> None:
        """Write a text, or bytes."""
        if not isinstance(file_content, str | bytes):
            raise InvalidTypeError(f"GFile.write: file_content: expected text or bytes, got {file_content!r}")
        self._open(reading=False).write(as_bytes(file_content))

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Go to a position: from the begin, from where it is (`whence=1`), or from the end (`whence=2`)."""
        given = position if offset is None else offset
        if given is None:
            raise InvalidTypeError("GFile.seek: offset: expected an integer, got None")
        with file_errors(self._path):
            self._opened().seek(given, whence)

    def tell(self) -> int:
        """The position."""
        return self._opened().tell()

    def size(self) -> int:
        """The number of bytes of the file."""
        return stat(self._path).length

    def seekable(self) -> bool:
        """True."""
        return True

    def flush(self) -> None:
        """Write what is still to be written."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """Write what is still to be written, and close the file; it is opened again when it is used again."""
        if self._file is None and self._plain[0] in "wa":
            self._opened()  # it is made, though nothing was written
        if self._file is not None:
            self._file.close()
            self._file = None

    def __del__(self) -> None:
        file = getattr(self, "_file", None)
        if file is not None:
            file.close()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


@public("io.gfile")
@dataclass(frozen=True)
class FileStatistics:
    """What `stat` returns.

    Attributes:
        length: the number of bytes.
        mtime_nsec: when it was changed last, in nanoseconds since 1970.
        is_directory: whether it is a folder.
    """

    length: int
    mtime_nsec: int
    is_directory: bool


@public("io.gfile")
def exists(path: Path) -> bool:
    """Whether there is a file or folder of that name.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.exists("/nowhere/at/all")
        False
    """
    return os.path.exists(path_text(path, "exists: path"))


@public("io.gfile")
def isdir(path: Path) -> bool:
    """Whether there is a folder of that name.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.isdir("/tmp")
        True
    """
    return os.path.isdir(path_text(path, "isdir: path"))


@public("io.gfile")
def listdir(path: Path) -> list[str]:
    """The sorted names of what is in a folder. NotFoundError if there is no such folder.

    Example:
        >>> import stepwell as sw
        >>> isinstance(sw.io.gfile.listdir("/tmp"), list)
        True
    """
    text = path_text(path, "listdir: path")
    if not os.path.isdir(text):
        raise NotFoundError(f"listdir: path: there is no folder {text}")
    with file_errors(text):
        return sorted(os.listdir(text))


@public("io.gfile")
def glob(pattern: Path | Sequence[Path]) -> list[str]:
    """The names of the files and folders that a pattern, or one of several, matches; sorted for each pattern.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.glob("/nowhere/*.txt")
        []
    """
    patterns: Sequence[Any] = pattern if isinstance(pattern, list | tuple) else [pattern]
    texts = [path_text(each, "glob: pattern") for each in patterns]
    return [found for text in texts for found in sorted(python_glob.glob(text))]


@public("io.gfile")
def mkdir(path: Path) -> None:
    """Make a folder in one that is there; nothing if it is there already. NotFoundError if the other one is not there.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.mkdir("/tmp/stepwell_mkdir")
    """
    text = path_text(path, "mkdir: path")
    if not os.path.isdir(text):
        with file_errors(text):
            os.mkdir(text)


@public("io.gfile")
def makedirs(path: Path) -> None:
    """Make a folder, and those around it that are not there.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.makedirs("/tmp/stepwell_makedirs/inner")
    """
    text = path_text(path, "makedirs: path")
    with file_errors(text):
        os.makedirs(text, exist_ok=True)


@public("io.gfile")
def copy(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Copy a file. AlreadyExistsError if there is one of the new name, unless `overwrite`.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_copy_2.txt", "text")
        >>> sw.io.gfile.copy("/tmp/stepwell_copy_2.txt", "/tmp/stepwell_copy_2.txt", overwrite=True)
    """
    _moved("copy", shutil.copyfile, src, dst, overwrite)


@public("io.gfile")
def rename(src: Path, dst: Path, overwrite: bool = False) -> None:
    """Give a file or folder another name. AlreadyExistsError if there is one of that name, unless `overwrite`.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_rename.txt", "text")
        >>> sw.io.gfile.rename("/tmp/stepwell_rename.txt", "/tmp/stepwell_rename_2.txt", overwrite=True)
    """
    _moved("rename", os.replace, src, dst, overwrite)


def _moved(function: str, move: Callable[[str, str], object], src: Path, dst: Path, overwrite: bool) -> None:
    source, target = path_text(src, f"{function}: src"), path_text(dst, f"{function}: dst")
    with file_errors(source):
        os.stat(source)
    if os.path.exists(target) and not overwrite:
        raise AlreadyExistsError(f"{function}: dst: there is {target} already; overwrite=True replaces it")
    with file_errors(target):
        move(source, target)


@public("io.gfile")
def remove(path: Path) -> None:
    """Remove a file. NotFoundError if it is not there, FailedPreconditionError if it is a folder.

    Example:
        >>> import stepwell as sw
        >>> sw.io.write_file("/tmp/stepwell_remove.txt", "text")
        >>> sw.io.gfile.remove("/tmp/stepwell_remove.txt")
    """
    text = path_text(path, "remove: path")
    with file_errors(text):
        os.remove(text)


@public("io.gfile")
def rmtree(path: Path) -> None:
    """Remove a folder and all that is in it. NotFoundError if it is not there.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.makedirs("/tmp/stepwell_rmtree/inner")
        >>> sw.io.gfile.rmtree("/tmp/stepwell_rmtree")
    """
    text = path_text(path, "rmtree: path")
    with file_errors(text):
        shutil.rmtree(text)


@public("io.gfile")
def stat(path: Path) -> FileStatistics:
    """The size of a file or folder, and when it was changed. NotFoundError if it is not there.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.stat("/tmp").is_directory
        True
    """
    text = path_text(path, "stat: path")
    with file_errors(text):
        found = os.stat(text)
    return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(text))


@public("io.gfile")
def walk(
    top: Path, topdown: bool = True, onerror: Callable[[OSError], object] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each folder in a folder, itself included, with the names of the folders and of the files in it.

    Example:
        >>> import stepwell as sw
        >>> list(sw.io.gfile.walk("/nowhere"))
        []
    """
    return os.walk(path_text(top, "walk: top"), topdown, onerror)


@public("io.gfile")
def join(path: Path, *paths: Path) -> str:
    """Parts of a path as one.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.join("folder", "file.txt")
        'folder/file.txt'
    """
    return os.path.join(*(path_text(part, "join: path") for part in (path, *paths)))


@public("io.gfile")
def get_registered_schemes() -> list[str]:
    """The kinds of file systems that paths may name: this machine's.

    Example:
        >>> import stepwell as sw
        >>> sw.io.gfile.get_registered_schemes()
        ['', 'file']
    """
    return ["", "file"]
