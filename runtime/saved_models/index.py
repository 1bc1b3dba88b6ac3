"""The index of a saved model, `saved_model.json`: what is in it, and a checksum of each file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...dialects.errors import DataLossError
from .checked import Fields, damaged
from .values import Json

FILE = "saved_model.json"
"""The name of the file."""
FORMAT, VERSION = "stepwell saved model", 1


def file_record(path: Path) -> dict[str, Json]:
    """How many bytes a file has, and the hash of them."""
    with open(path, "rb") as file:
        return {"bytes": path.stat().st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write_index(folder: Path, content: dict[str, Json], files: Iterable[str]) -> None:
    """Write the index of what else is in the folder."""
    index = {
        "format": FORMAT,
        "version": VERSION,
        **content,
        "files": {name: file_record(folder / name) for name in sorted(files)},
    }
    text = json.dumps({**index, "checksum": _checksum(index)}, indent=1, allow_nan=False)
    (folder / FILE).write_text(text + "\n", encoding="ascii")


def _checksum(index: Any) -> str:
    text = json.dumps(index, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def read_index(folder: Path) -> Fields:
    """The index of a saved model. Raises DataLossError for one that is damaged, or of a later version of the format."""
    path = folder / FILE
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DataLossError(f"saved_model.load: {path} is not JSON: {error}") from None
    index = Fields(found, str(path))
    if index.get("format") != FORMAT:
        raise damaged(index.at("format"), repr(FORMAT), index.get("format"))
    version = index.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise DataLossError(
            f"saved_model.load: {path} is of version {version!r} of the format; this stepwell reads versions up to "
            f"{VERSION}"
        )
    rest = {name: value for name, value in found.items() if name != "checksum"}
    if _checksum(rest) != index.text("checksum"):
        raise DataLossError(f"saved_model.load: {path} was changed after it was written: its checksum differs")
    return index


def own_files(folder: Path) -> list[str] | None:
    """The files of the saved model in a folder; None for a folder without one."""
    try:
        index = read_index(folder)
        return [FILE, *(name for name, _ in index.object("files").pairs())]
    except FileNotFoundError:
        return None
    except (OSError, DataLossError):
        return [FILE] if (folder / FILE).is_file() else None
