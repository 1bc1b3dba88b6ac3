"""Names of files, files that appear whole, and what the system says of them as TensorFlow's errors."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .diagnostics import InvalidTypeError, OpError, ResourceExhaustedError
from .errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
    PermissionDeniedError,
    UnimplementedError,
    UnknownError,
)


def path_text(path: object, what: str) -> str:
    """The path that a text, bytes or an object of `pathlib` represents.

    Raises TypeError, in which `what` names the argument, for anything else, and UnimplementedError for a path of
    another file system, such as `gs://bucket/file`.
    """
    if not isinstance(path, str | bytes | os.PathLike):
        raise InvalidTypeError(f"{what}: expected a path, got {path!r}")
    text = os.fsdecode(path)
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", text)
    if scheme is None:
        return text
    if scheme[1] != "file":
        raise UnimplementedError(f"{what}: there is no file system {scheme[1]!r}, of {text}")
    return text[scheme.end() :]


def file_error(error: OSError, path: str) -> OpError:
    """TensorFlow's error for what the system says of a file."""
    text = f"{path}; {error.strerror or error}"
    match error:
        case FileNotFoundError():
            return NotFoundError(text)
        case FileExistsError():
            return AlreadyExistsError(text)
        case PermissionError():
            return PermissionDeniedError(text)
        case IsADirectoryError() | NotADirectoryError():
            return FailedPreconditionError(text)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ResourceExhaustedError(text)
    return UnknownError(text)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A path to write a file to, which replaces `target` at the end of the `with` block, or goes when that fails.

    The file appears whole, with the permissions of the one that it replaces; `runtime.checkpoints.atomic` waits for
    the disk, too.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        yield temporary
        if target.exists():
            temporary.chmod(target.stat().st_mode)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def file_errors(path: str) -> Iterator[None]:
    """Raise TensorFlow's errors for those of the system inside the `with` block."""
    try:
        yield
    except OpError:
        raise
    except OSError as error:
        raise file_error(error, path) from None
