"""The files that are generated, and which of them are stale."""

from __future__ import annotations

from pathlib import Path

from .definitions import definitions, namespaces
from .stubs import stubs
from .table import UNLISTED, table


def generated(root: Path) -> dict[Path, str]:
    """The text of every generated file of the checkout at `root`."""
    found = definitions()
    package = root / "stepwell"
    modules = [*namespaces(found), *UNLISTED]
    files = {package / "_table.py": table(found)}
    for name, text in stubs(found, modules).items():
        folder = package.joinpath(*name.split(".")) if name else package
        files[folder / "__init__.pyi" if folder.is_dir() else folder.with_suffix(".pyi")] = text
    return files


def stale(files: dict[Path, str]) -> list[Path]:
    """The files that do not have their text."""
    return [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
