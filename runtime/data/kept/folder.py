"""Folders of elements: what `save` and `snapshot` write.

`dataset.json` names the files of elements and is written last, as a whole: without it, or before it is replaced, new
files of elements are of no account.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....dialects.errors import DataLossError, NotFoundError
from ....dialects.files import file_errors
from ...checkpoints.atomic import write_whole
from ..node import Iteration, Node
from ..structure import Element, Structure
from .encoding import header, read_header, structure_of
from .file import ElementReader, ElementWriter

INDEX, SUFFIX = "dataset.json", ".elements"
_ASK_EVERY = 0.1
"""Seconds between two looks for a dataset that is being written."""

ShardOf = Callable[[Element], int]


@dataclass(eq=False)
class Shard(Node):
    """The elements of one file."""

    path: str
    structure: Structure
    count: int
    compression: str

    def cardinality(self) -> int:
        return self.count

    def start(self) -> Iteration:
        return ElementReader(self.path, self.compression, self.structure)


class FolderWriter:
    """Writes the elements of a dataset to a folder.

    Args:
        folder: its path.
        structure: of the elements.
        what: what errors call it.
        compression: `"GZIP"` or nothing.
        shard_of: returns the number of the file for an element; all are in one if it is None.
    """

    def __init__(self, folder: str, structure: Structure, what: str, compression: str, shard_of: ShardOf | None = None):
        self._folder, self._structure, self._what, self._compression = folder, structure, what, compression
        self._shard_of, self._run = shard_of, uuid.uuid4().hex[:12]
        self._writers: dict[int, ElementWriter] = {}
        if shard_of is None:
            self._writer(0)

    def _name(self, shard: int) -> str:
        return f"{self._run}-{shard:05}{SUFFIX}"

    def _writer(self, shard: int) -> ElementWriter:
        found = self._writers.get(shard)
        if found is None:
            path = os.path.join(self._folder, self._name(shard))
            found = self._writers[shard] = ElementWriter(path, self._structure, self._what, self._compression)
        return found

    def write(self, element: Element) -> None:
        """Add an element."""
        self._writer(0 if self._shard_of is None else self._shard_of(element)).write(element)

    def finish(self) -> None:
        """Complete all files, then name them in the index, which replaces what was in the folder before."""
        shards = sorted(self._writers)
        for shard in shards:
            self._writers[shard].finish()
        files = [[self._name(shard), self._writers[shard].count] for shard in shards]
        self._writers = {}
        index = header(self._structure, self._what, compression=self._compression, files=files)
        os.makedirs(self._folder, exist_ok=True)
        before = _files_in(self._folder)
        write_whole(os.path.join(self._folder, INDEX), lambda path: _written(path, index))
        _remove(self._folder, before)

    def abandon(self) -> None:
        """Leave nothing behind."""
        writers, self._writers = self._writers, {}
        for writer in writers.values():
            writer.abandon()


def _written(path: str, data: bytes) -> None:
    Path(path).write_bytes(data)


def _files_in(folder: str) -> list[str]:
    """The files of elements that the index names."""
    try:
        return [name for name, _ in read_index(folder)["files"]]
    except (NotFoundError, DataLossError):
        return []


def _remove(folder: str, names: Iterable[str]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            os.remove(os.path.join(folder, name))


def write_all(writer: FolderWriter, elements: Iteration) -> None:
    """Write all elements, or nothing if there is an error."""
    try:
        for element in elements:
            writer.write(element)
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    finally:
        elements.close()


def has_index(folder: str) -> bool:
    """Whether a folder has a dataset that is complete."""
    return os.path.exists(os.path.join(folder, INDEX))


def read_index(folder: str, wait: bool = False) -> dict[str, Any]:
    """What the index of a folder says; with `wait`, once there is one."""
    while wait and not has_index(folder):
        time.sleep(_ASK_EVERY)
    path = os.path.join(folder, INDEX)
    with file_errors(path):
        text = Path(path).read_bytes()
    found = read_header(text, path)
    files = found.get("files")
    good = isinstance(files, list) and all(
        isinstance(each, list) and list(map(type, each)) == [str, int] and os.path.basename(each[0]) == each[0]
        for each in files
    )
    if not good:
        raise DataLossError(f"{path}: the names of the files are damaged: {json.dumps(files)}")
    return found


def shards(folder: str, wait: bool = False) -> tuple[Structure, str, list[Shard]]:
    """The structure of the elements in a folder, their compression, and the node for each file."""
    found = read_index(folder, wait)
    structure = structure_of(found["spec"], os.path.join(folder, INDEX))
    kind = found.get("compression") or ""
    nodes = [Shard(os.path.join(folder, name), structure, count, kind) for name, count in found["files"]]
    return structure, kind, nodes
