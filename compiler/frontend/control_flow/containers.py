"""Values that hold others: lists, dicts and objects such as TensorArrays that control flow carries and changes."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import FunctionType
from typing import Any, Self, TypeAlias

import optree

from ..values.composite import Composite


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
    def is_like(self, other: Self) -> bool:
        """Whether both have the very same contents."""

    @abstractmethod
    def spoil(self, why: str) -> None:
        """Make every further use an error, which says why."""

    @abstractmethod
    def fitted(self, like: Self) -> Self | None:
        """An object that means the same and has the structure of `like`, whose leaves need only have shapes.

        None where there is none. Ops that it takes go to where ops go now.
        """


Container: TypeAlias = list | dict | set | deque | CarriedObject
"""What has contents that control flow copies, replaces and restores."""


_FITTED = CarriedObject, Composite
"""What may mean the same in several structures."""


def flatten(value: Any) -> tuple[list[object], optree.PyTreeSpec]:
    """The leaves of nested containers, `None` among them, and their structure."""
    return optree.tree_flatten(value, none_is_leaf=True)


def copied(value: object) -> object:
    """A container or object as it is now."""
    if isinstance(value, list | dict | set | deque):
        return value.copy()
    return value.copied() if isinstance(value, CarriedObject) else value


def in_place(old: object, new: object) -> object:
    """What a variable held, with its new contents, where it is a container or an object; the new value elsewhere."""
    if old is new or type(old) is not type(new) or not isinstance(old, list | dict | set | deque | CarriedObject):
        return new
    replace_contents(old, new)
    return old


def replace_contents(container: Container, contents: Any) -> None:
    """Make a container or object hold what `contents`, one of its kind, holds."""
    if isinstance(container, CarriedObject):
        container.become(contents)
    elif isinstance(container, list):
        container[:] = contents
    elif isinstance(container, deque):
        contents = list(contents)
        container.clear()
        container.extend(contents)
    else:
        contents = contents.copy()
        container.clear()
        container.update(contents)


def fitted(value: Any, like: Any) -> object:
    """`value` with its objects in the structure of those of `like`; None where they do not fit."""
    objects: dict[str, Any] = {"is_leaf": lambda node: isinstance(node, _FITTED), "none_is_leaf": True}
    leaves, spec = optree.tree_flatten(value, **objects)
    wanted, wanted_spec = optree.tree_flatten(like, **objects)
    if spec != wanted_spec:
        return None
    found = []
    for leaf, other in zip(leaves, wanted, strict=True):
        fits = isinstance(leaf, _FITTED) and type(leaf) is type(other)
        found.append(leaf.fitted(other) if fits else leaf)
    if any(new is None for new, old in zip(found, leaves) if isinstance(old, _FITTED)):
        return None
    return optree.tree_unflatten(spec, found)


def describe_container(value: object) -> str | None:
    """What a container is, for an error; None for anything else."""
    if isinstance(value, list | tuple | deque):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, dict):
        return f"a dict with keys {', '.join(map(repr, value))}"
    return repr(value) if isinstance(value, CarriedObject) else None


class Snapshot:
    """What the containers that variables hold contain, to undo what a trace that is discarded did to them."""

    def __init__(self, values: Sequence[object]):
        self._saved: dict[int, tuple[Container, object]] = {}
        for value in values:
            self._visit(value)

    def _visit(self, value: object) -> None:
        if id(value) in self._saved:
            return
        if isinstance(value, list | dict | set | deque | CarriedObject):
            self._saved[id(value)] = (value, copied(value))
        if isinstance(value, list | tuple | dict | deque):
            for inner in value.values() if isinstance(value, dict) else value:
                self._visit(inner)

    def restore(self) -> None:
        """Give each its contents back."""
        for container, contents in self._saved.values():
            replace_contents(container, contents)


class CapturedObjects:
    """The objects that functions reach through their closures, and that a branch or loop may change unseen.

    Each trace of a branch or body starts with their original contents. One that was changed is invalidated afterwards:
    its values belong to the branch or loop, which returns its results in other ways.
    """

    def __init__(self, functions: Iterable[Callable[..., object]]):
        self._saved = [(found, found.copied()) for found in _captured(functions)]
        self._changed: list[CarriedObject] = []

    def restore(self) -> None:
        """Give each its contents back, and note which had others."""
        for found, before in self._saved:
            if not found.is_like(before):
                self._changed.append(found)
                found.become(before)

    def invalidate_changed(self) -> bool:
        """Make further uses of those that were changed errors; whether there are any."""
        self.restore()
        for found in self._changed:
            found.spoil(
                "it was changed in a branch or loop on a tensor that does not return it; use the one that the branch "
                "or loop returns, or assign it there"
            )
        return bool(self._changed)


def _captured(functions: Iterable[Callable[..., object]]) -> Iterator[CarriedObject]:
    seen: set[int] = set()
    waiting: list[object] = list(functions)
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, CarriedObject):
            yield value
        elif isinstance(value, FunctionType):
            waiting.extend(_contents(value))
        elif isinstance(value, functools.partial):
            waiting.extend((value.func, *value.args, *value.keywords.values()))
        elif isinstance(value, list | tuple):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())


def _contents(function: FunctionType) -> Iterator[object]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
