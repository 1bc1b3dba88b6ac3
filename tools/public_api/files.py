"""The files that are generated, and which of them are stale."""

from __future__ import annotations

from pathlib import Path

from .definitions import definitions
from .table import table


def generated(root: Path) -> dict[Path, str]:
    """The text of every generated file of the checkout at `root`."""
    found = definitions()
    return {root / "stepwell" / "_table.py": table(found)}


def stale(files: dict[Path, str]) -> list[Path]:
    """The files that do not have their text."""
    return [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
