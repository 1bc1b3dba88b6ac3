"""The public functions on tensors, one file a family."""

from __future__ import annotations

import pkgutil
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

_OTHERS = tuple(f"{__name__}.{kind}" for kind in ("strings", "sparse", "ragged"))
_FUNCTION = re.compile(r"^def ([A-Za-z]\w*)\(", re.MULTILINE)


class Namespace:
    """All functions on numbers by name, public ones and others that rules need: what gradient rules are given.

    Functions on strings have no gradients, those on SparseTensors and RaggedTensors are made of others; and some names
    of them are those of functions on numbers: `split`. A function's module is imported when it is first asked for.

    Example:
        >>> Namespace().negative(2.0).numpy()
        np.float32(-2.0)
    """

    def __getattr__(self, name: str) -> Any:
        module = _modules().get(name)
        if module is None:
            raise AttributeError(f"no module of {__name__} defines a function {name!r}")
        value = self.__dict__[name] = getattr(import_module(module), name)
        return value


@cache
def namespace() -> Namespace:
    """The namespace, one for all."""
    return Namespace()


@cache
def _modules() -> dict[str, str]:
    """The module of each function, by its name: found in the text, since importing all modules takes long."""
    found: dict[str, str] = {}
    for info in pkgutil.walk_packages(__path__, f"{__name__}."):
        if not info.name.startswith(_OTHERS):
            place = Path(__file__).parent.joinpath(*info.name.removeprefix(f"{__name__}.").split("."))
            text = (place / "__init__.py" if info.ispkg else place.with_suffix(".py")).read_text(encoding="utf-8")
            names = dict.fromkeys(_FUNCTION.findall(text), info.name)
            assert not found.keys() & names.keys(), f"{info.name} defines {found.keys() & names.keys()} again"
            found |= names
    return found
