"""The files that are generated, and which of them are stale."""

from __future__ import annotations

from pathlib import Path

from .definitions import definitions, namespaces
from .pages import pages
from .rules import functions
from .stubs import stubs
from .table import UNLISTED, table

REFERENCE = Path("docs", "reference")
"""Where the pages are in a checkout."""


def generated(root: Path) -> dict[Path, str]:
    """The text of every generated file of the checkout at `root`."""
    found = definitions()
    package = root / "stepwell"
    modules = [*namespaces(found), *UNLISTED]
    files = {package / "_table.py": table(found)}
    files[root / "dialects" / "hl" / "rules" / "functions.pyi"] = functions()
    written = stubs(found, modules)
    for name, text in written.items():
        folder = package.joinpath(*name.split(".")) if name else package
        files[folder / "__init__.pyi" if folder.is_dir() else folder.with_suffix(".pyi")] = text
    return files | {root / REFERENCE / name: text for name, text in pages(found, written).items()}


def stale(files: dict[Path, str], root: Path) -> list[Path]:
    """The files that do not have their text, and those of names that are no longer public."""
    present = {*(root / REFERENCE).glob("*.md"), *(root / "stepwell").rglob("*.pyi")}
    changed = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    return [*changed, *sorted(present - set(files))]
