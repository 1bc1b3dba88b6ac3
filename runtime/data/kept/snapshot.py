"""`Dataset.snapshot`: a folder that the first iteration writes and later ones read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...checksums import crc32c
from ..node import Iteration, Node
from .encoding import agreed, plain
from .folder import FolderWriter, Shard, ShardOf, has_index, shards
from .once import Writer, WrittenOnce

Joined = Callable[[Sequence[Shard]], Node]
"""The dataset of all files together."""


@dataclass(eq=False)
class Snapshot(WrittenOnce):
    """The elements of a folder, which the first iteration that reaches their end writes.

    Attributes:
        folder: has a folder for each pipeline, told apart by its transformations and the spec of its elements.
    """

    source: Node
    folder: str
    compression: str
    shard_of: ShardOf | None
    joined: Joined

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        text = f"{self.source.text()} {plain(self.structure.element_spec, 'Dataset.snapshot')}"
        self.path = os.path.join(self.folder, f"{crc32c(text.encode()):08x}")

    def is_written(self) -> bool:
        return has_index(self.path)

    def reading(self) -> Iteration:
        structure, _, nodes = shards(self.path)
        agreed(structure, self.structure, f"Dataset.snapshot: {self.path}")
        return self.joined(nodes).start()

    def writer(self) -> Writer:
        return FolderWriter(self.path, self.structure, "Dataset.snapshot", self.compression, self.shard_of)
