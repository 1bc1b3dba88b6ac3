"""Places in source files, and the IR locations that name them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from xdsl.dialects.builtin import FileLineColLoc, IntAttr, LocationAttr, StringAttr


@dataclass(frozen=True)
class Place:
    """A location in a source file: line from 1, column from 0."""

    file: str
    line: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def location(self) -> LocationAttr:
        """The location as an IR attribute."""
        return _location(self.file, self.line, self.column)


@lru_cache(maxsize=4096)
def _location(file: str, line: int, column: int) -> LocationAttr:
    return FileLineColLoc(StringAttr(file), IntAttr(line), IntAttr(column))


def place_of(location: LocationAttr) -> Place | None:
    """The source location of an IR location; `None` for an unknown one."""
    if isinstance(location, FileLineColLoc):
        return Place(location.filename.data, location.line.data, location.column.data)
    return None
