"""`Dataset.snapshot`: a folder that the first iteration writes and later ones read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...checksums import crc32c
from ..node import Iteration, Node, State
from ..structure import Element
from .encoding import agreed, plain
from .folder import FolderWriter, Shard, ShardOf, has_index, shards

Joined = Callable[[Sequence[Shard]], Node]
"""The dataset of all files together."""


@dataclass(eq=False)
class Snapshot(Node):
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

    def start(self) -> Iteration:
        return _Snapshot(self)

    def reading(self) -> Iteration:
        """The elements of the folder."""
        structure, _, nodes = shards(self.path)
        agreed(structure, self.structure, f"Dataset.snapshot: {self.path}")
        return self.joined(nodes).start()


class _Snapshot(Iteration):
    """Reads the folder, or writes it; one that goes on where another was writes nothing."""

    def __init__(self, node: Snapshot):
        self._node = node
        self._begin(has_index(node.path))

    def _begin(self, reads: bool) -> None:
        node = self._node
        self._reads, self._writer = reads, None
        self._iteration = node.reading() if reads else node.source.start()
        if not reads:
            self._writer = FolderWriter(node.path, node.structure, "Dataset.snapshot", node.compression, node.shard_of)

    def __next__(self) -> Element:
        try:
            element = next(self._iteration)
            if self._writer is not None:
                self._writer.write(element)
            return element
        except StopIteration:
            writer, self._writer = self._writer, None
            if writer is not None:
                writer.finish()
            raise
        except BaseException:
            self._abandon()
            raise

    def _abandon(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.abandon()

    def state(self) -> Any:
        return [self._reads, self._iteration.state()]

    def restore(self, state: State) -> None:
        self.close()
        self._begin(state[0])
        self._abandon()
        self._iteration.restore(state[1])

    def close(self) -> None:
        self._abandon()
        self._iteration.close()

    def __del__(self) -> None:
        if hasattr(self, "_writer"):
            self._abandon()
