# Written by `python -m stepwell.tools.public_api --write`.

import os
from collections.abc import Callable, Mapping
from pathlib import Path

def export(
    function: Callable[..., object] | Mapping[str, Callable[..., object]],
    path: str | os.PathLike[str],
    *specs: object,
    name: str | None = None,
    target: str = ...,
    cpu: str = '',
    drop_prints: bool = False,
) -> Path:
    """Write functions as machine code for any target, with an interface for C: programs without Python."""

def export_npm(
    function: Callable[..., object] | Mapping[str, Callable[..., object]],
    path: str | os.PathLike[str],
    *specs: object,
    name: str | None = None,
    drop_prints: bool = False,
) -> Path:
    """Write functions as a package for JavaScript: a WebAssembly module, `index.js` with types, `package.json`."""
