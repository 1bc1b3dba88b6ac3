"""The public functions on tensors, one file a family; each module's `__all__` is what it offers."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import SimpleNamespace


@cache
def namespace() -> SimpleNamespace:
    """All public functions by name: what gradient rules are given."""
    names: dict[str, object] = {}
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        loaded = import_module(module.name)
        names |= {name: getattr(loaded, name) for name in getattr(loaded, "__all__", ())}
    return SimpleNamespace(**names)
