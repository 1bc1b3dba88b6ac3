"""stepwell: a compiler for Python tensor programs in which every level can be read, transformed, run and checked.

Names and semantics follow TensorFlow 2: `import stepwell as tf` works too.

Importing this package loads nothing else but a table of names: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ._table import DTYPES, MODULES, NAMES, OPS

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in DTYPES:
        value: Any = _dtype(name)
    elif name in MODULES:
        value = import_module(f"{__name__}.{name}")
    elif name in NAMES:
        _load_runtime()
        value = getattr(import_module(f"{__name__}.{NAMES[name]}"), name)
    elif name in OPS:
        _load_runtime()
        from .compiler.frontend.ops import namespace  # loads numpy and xdsl

        value = getattr(namespace(), name)
    elif name.startswith("_"):
        raise AttributeError(f"module 'stepwell' has no attribute {name!r}")
    else:
        from ._names import hinting  # as above

        return hinting(__name__)(name)
    globals()[name] = value
    return value


def _dtype(name: str) -> Any:
    import numpy as np

    return np.dtype(name)


def _load_runtime() -> None:
    """Tensors have their operators once any public name was used."""
    import_module(f"{__name__}.compiler.frontend.ops.operators")


def __dir__() -> list[str]:
    return sorted({*DTYPES, *MODULES, *NAMES, *OPS, "__version__"})
