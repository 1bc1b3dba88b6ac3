"""Under which names users find what is defined here: said at each definition, and read from the source.

`python -m stepwell.tools.public_api --write` reads these calls, without running them, and writes the table of names,
the stubs and the reference pages from them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Definition = TypeVar("Definition")


def public(*namespaces: str, top: bool = False, aliases: tuple[str, ...] = ()) -> Callable[[Definition], Definition]:
    """Offer a function or class to users, under its own name in each of the namespaces.

    Args:
        namespaces: modules of the package, such as `"math"` or `"data.experimental"`.
        top: whether the package itself has the name too: `sw.add`.
        aliases: other names, in full: `"math.mod"` for `floormod`.

    All arguments are literals. The definition stays as it is.
    """
    del namespaces, top, aliases
    return _unchanged


def public_values(namespace: str, *names: str) -> None:
    """Offer values that this module defines, such as type aliases, which cannot have a decorator."""
    del namespace, names


def _unchanged(definition: Definition) -> Definition:
    return definition
