"""Values that hold others: lists, dicts and objects such as TensorArrays that control flow carries and changes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import optree


class CarriedObject(ABC):
    """A mutable object that branches and loops carry as the tensors it holds.

    A subclass is registered with optree: its leaves are what is carried.
    """

    @abstractmethod
    def copied(self) -> Self:
        """Another object with the same contents."""

    @abstractmethod
    def become(self, other: Self) -> None:
        """Take the contents of `other`."""

    @abstractmethod
    def fitted(self, like: Self) -> Self | None:
        """An object that means the same and has the structure of `like`, whose leaves need only have shapes.

        None where there is none. Ops that it takes go to where ops go now.
        """


def flatten(value: Any) -> tuple[list[Any], Any]:
    """The leaves of nested containers, `None` among them, and their structure."""
    return optree.tree_flatten(value, none_is_leaf=True)


def copied(value: Any) -> Any:
    """A list, dict or object as it is now."""
    if type(value) in (list, dict):
        return value.copy()
    return value.copied() if isinstance(value, CarriedObject) else value


def in_place(old: Any, new: Any) -> Any:
    """What a variable held, with its new contents, where it is a list, a dict or an object; the new value elsewhere."""
    if old is new:
        return old
    if type(old) is list and type(new) is list:
        old[:] = new
        return old
    if type(old) is dict and type(new) is dict:
        old.clear()
        old.update(new)
        return old
    if isinstance(old, CarriedObject) and type(old) is type(new):
        old.become(new)
        return old
    return new


def fitted(value: Any, like: Any) -> Any:
    """`value` with its objects in the structure of those of `like`; None where they do not fit."""
    objects = {"is_leaf": lambda node: isinstance(node, CarriedObject), "none_is_leaf": True}
    leaves, spec = optree.tree_flatten(value, **objects)
    wanted, wanted_spec = optree.tree_flatten(like, **objects)
    if spec != wanted_spec:
        return None
    found = []
    for leaf, other in zip(leaves, wanted, strict=True):
        fits = isinstance(leaf, CarriedObject) and type(leaf) is type(other)
        found.append(leaf.fitted(other) if fits else leaf)
    if any(new is None for new, old in zip(found, leaves) if isinstance(old, CarriedObject)):
        return None
    return optree.tree_unflatten(spec, found)


def describe_container(value: Any) -> str | None:
    """What a container is, for an error; None for anything else."""
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return f"a dict with keys {', '.join(map(repr, value))}"
    return repr(value) if isinstance(value, CarriedObject) else None


class Snapshot:
    """What the containers that variables hold contain, to undo what a trace that is discarded did to them."""

    def __init__(self, values: Sequence[Any]):
        self._saved: dict[int, tuple[Any, Any]] = {}
        for value in values:
            self._visit(value)

    def _visit(self, value: Any) -> None:
        if id(value) in self._saved:
            return
        if isinstance(value, list | dict):
            self._saved[id(value)] = (value, value.copy())
        elif isinstance(value, CarriedObject):
            self._saved[id(value)] = (value, value.copied())
        if isinstance(value, list | tuple | dict):
            for inner in value.values() if isinstance(value, dict) else value:
                self._visit(inner)

    def restore(self) -> None:
        """Give each its contents back."""
        for container, contents in self._saved.values():
            if isinstance(container, list):
                container[:] = contents
            elif isinstance(container, CarriedObject):
                container.become(contents)
            else:
                container.clear()
                container.update(contents)
