"""`python -m stepwell.tools.public_api`: says which generated files are stale; with `--write`, writes them."""

from __future__ import annotations

import sys
from pathlib import Path

from .definitions import PACKAGE
from .files import generated, stale


def main(arguments: list[str]) -> int:
    """Write the files with `--write`, else name those that differ; the exit code is 1 then."""
    if arguments not in ([], ["--write"]):
        print("usage: python -m stepwell.tools.public_api [--write]", file=sys.stderr)
        return 2
    root = PACKAGE.parent
    files = generated(root)
    changed = stale(files, root)
    for path in changed:
        print(f"{'wrote' if arguments else 'stale:'} {_short(path, root)}")
        if arguments:
            _write(path, files.get(path))
    return 1 if changed and not arguments else 0


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _short(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
