"""`Dataset.cache` with the name of a file."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..node import Iteration, Node
from .encoding import agreed, plain
from .file import ElementReader, ElementWriter
from .once import Writer, WrittenOnce


@dataclass(eq=False)
class FileCache(WrittenOnce):
    """The elements of a file, which the first iteration that reaches their end writes."""

    source: Node
    path: str

    def __post_init__(self) -> None:
        self.structure = self.source.structure
        plain(self.structure.element_spec, "Dataset.cache")

    def is_written(self) -> bool:
        return os.path.exists(self.path)

    def reading(self) -> Iteration:
        reader = ElementReader(self.path)
        agreed(reader.structure, self.structure, f"Dataset.cache: {self.path}")
        reader.structure = self.structure
        return reader

    def writer(self) -> Writer:
        return ElementWriter(self.path, self.structure, "Dataset.cache")
