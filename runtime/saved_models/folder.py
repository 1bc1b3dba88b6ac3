"""Writing a folder so that it appears, or is replaced, only when all of it is there."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_CURRENT_FOLDER = -100
_EXCHANGE = 2


@contextmanager
def complete_folder(target: Path, own: Callable[[Path], Iterable[str] | None], what: str) -> Iterator[Path]:
    """A new folder to write into, which becomes `target` at the end of the `with` block, or goes when that fails.

    Args:
        target: the folder; those that it is in are made.
        own: returns the files of a folder that may be replaced, None for any other folder, which is not touched. Other
            files in a folder that is replaced are kept.
        what: the function and argument, for errors.

    Raises FileExistsError where there is something that may not be replaced.
    """
    target = Path(os.path.realpath(target))
    replaced = _replaceable(target, own, what)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    temporary.mkdir()
    try:
        yield temporary
        _flush(temporary)
        if replaced is None:
            os.rename(temporary, target)
        else:
            _exchange(temporary, target)
            _keep_others(temporary, target, replaced)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _replaceable(target: Path, own: Callable[[Path], Iterable[str] | None], what: str) -> set[str] | None:
    """The files to replace; None where there are none."""
    if not os.path.lexists(target):
        return None
    if not target.is_dir():
        raise FileExistsError(f"{what}: {target} is a file")
    if not any(target.iterdir()):
        return None  # what is renamed may replace it
    files = own(target)
    if files is None:
        raise FileExistsError(f"{what}: the folder {target} has other files than those of a saved model")
    return set(files)


def _flush(folder: Path) -> None:
    """Let the system write all files to the disk."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _exchange(new: Path, old: Path) -> None:
    """Exchange two folders: at once where the system can, else one after the other."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        done = rename(_CURRENT_FOLDER, os.fsencode(new), _CURRENT_FOLDER, os.fsencode(old), _EXCHANGE) == 0
    except (AttributeError, OSError):
        done = False
    if done:
        return
    aside = new.with_name(f"{new.name}.old")
    os.rename(old, aside)
    try:
        os.rename(new, old)
    except BaseException:
        os.rename(aside, old)
        raise
    os.rename(aside, new)


def _keep_others(old: Path, new: Path, replaced: set[str]) -> None:
    """Move files that are not of the model that was replaced into the new folder."""
    for path in sorted(old.rglob("*")):
        name = path.relative_to(old).as_posix()
        if name in replaced or (path.is_dir() and not path.is_symlink()):
            continue
        target = new / name
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(path, target)
