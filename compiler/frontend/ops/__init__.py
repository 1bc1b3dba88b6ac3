"""The public functions on tensors, one file a family."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import FunctionType, SimpleNamespace

_OTHERS = tuple(f"{__name__}.{kind}" for kind in ("strings", "sparse", "ragged"))


@cache
def namespace() -> SimpleNamespace:
    """All functions on numbers by name, public ones and others that rules need: what gradient rules are given.

    Functions on strings have no gradients, those on SparseTensors and RaggedTensors are made of others; and some names
    of them are those of functions on numbers: `split`.
    """
    names: dict[str, object] = {}
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        if not module.name.startswith(_OTHERS):
            found = _functions(module.name)
            assert not names.keys() & found.keys(), f"{module.name} defines {names.keys() & found.keys()} again"
            names |= found
    return SimpleNamespace(**names)


def _functions(module: str) -> dict[str, object]:
    """The functions that a module defines, but for private ones."""
    items = vars(import_module(module)).items()
    own = {name: value for name, value in items if isinstance(value, FunctionType) and value.__module__ == module}
    return {name: value for name, value in own.items() if not name.startswith("_")}
