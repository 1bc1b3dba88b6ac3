"""Objects that own Variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import optree

from ....dialects.public import public
from .variable import Variable


@public(top=True)
class Module:
    """A base for objects whose attributes are Variables, other modules, and containers of them.

    Nothing is registered: a module's variables are found by walking its attributes.

    Example:
        >>> import stepwell as sw
        >>> class Line(sw.Module):
        ...     def __init__(self):
        ...         self.w = sw.Variable(1.0)
        ...         self.b = sw.Variable(0.0, trainable=False)
        >>> len(Line().variables), len(Line().trainable_variables)
        (2, 1)
    """

    name: str

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Every Variable below this module, each once, in the order of attributes' names, own ones first."""
        return tuple(thing for thing in _walk(self, set()) if isinstance(thing, Variable))

    @property
    def trainable_variables(self) -> tuple[Variable, ...]:
        """Those of `variables` that are trainable."""
        return tuple(variable for variable in self.variables if variable.trainable)

    @property
    def submodules(self) -> tuple[Module, ...]:
        """Every other module below this one, each once."""
        return tuple(thing for thing in _walk(self, set()) if isinstance(thing, Module) and thing is not self)


def _walk(thing: object, seen: set[int]) -> Iterator[object]:
    """`thing` and what it holds, breadth of each module before depth, each object once."""
    if id(thing) in seen:
        return
    if isinstance(thing, Variable):
        seen.add(id(thing))
        yield thing
    elif isinstance(thing, Module):
        seen.add(id(thing))
        yield thing
        leaves = [leaf for _, value in sorted(vars(thing).items(), key=_by_name) for leaf in _leaves(value)]
        for leaf in leaves:
            if isinstance(leaf, Variable):
                yield from _walk(leaf, seen)
        for leaf in leaves:
            if isinstance(leaf, Module):
                yield from _walk(leaf, seen)


def _by_name(item: tuple[object, object]) -> str:
    return str(item[0])


def _leaves(value: Any) -> list[object]:
    return optree.tree_leaves(value)
