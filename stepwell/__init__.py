"""stepwell: a compiler for Python tensor programs in which every level can be read, transformed, run and checked.

Names and semantics follow TensorFlow 2: `import stepwell as tf` works too.

Importing this package loads nothing else but a table of names: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ._table import DTYPES, modules_in, names_in

__version__ = "2.21.0+stepwell.0.1.0"
"""The version of TensorFlow whose names and semantics these are, and stepwell's own."""

_NAMES = names_in("")
_MODULES = modules_in("")


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value: Any = import_module(f"{__name__}.{name}")
    elif name.startswith("_"):
        raise AttributeError(f"module 'stepwell' has no attribute {name!r}")
    else:
        from ._names import load  # loads numpy and xdsl

        value = load("", name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*DTYPES, *_MODULES, *_NAMES, "__version__"})
