"""The objects that checkpoints save, and the names by which they hold one another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any

from ...compiler.frontend.ops.random.generator import Generator
from ...compiler.frontend.tables.static import TABLES
from ...compiler.frontend.values.module import Module
from ...compiler.frontend.values.variable import Variable, represented_by
from ...dialects.diagnostics import InvalidArgumentError
from ..data.iterator import DatasetIterator
from .keras_objects import attributes_of_keras, is_of_keras, variable_of_keras
from .python_state import PythonState

KINDS = "a Variable, a Module, a Keras layer, model or optimizer, a Generator, an iterator of a dataset, a "
KINDS += "lookup table, a PythonState, another Checkpoint, or a list, tuple or dict of these"
"""What checkpoints save, for messages."""


class Holder:
    """A base for objects whose public attributes checkpoints save."""

    def _held(self) -> Mapping[str, object]:
        """The objects that it holds, by name."""
        raise NotImplementedError


def as_saved(value: object) -> object:
    """The object that a checkpoint saves for another one: of Keras's Variable that of stepwell."""
    held = variable_of_keras(value)
    return represented_by(value) if held is None else held


def is_without_value(value: object) -> bool:
    """Whether it is a Variable of Keras whose value is still to be made."""
    return value is not None and variable_of_keras(value) is value


def is_saved(value: object) -> bool:
    """Whether checkpoints save such objects."""
    kinds = (Variable, Module, list, tuple, dict, Generator, DatasetIterator, PythonState, Holder, *TABLES)
    return isinstance(value, kinds) or is_of_keras(value) or is_without_value(value)


def children_of(thing: object) -> dict[str, object]:
    """The objects that one holds, by name, in their order."""
    match thing:
        case tuple() if hasattr(thing, "_fields"):  # a namedtuple
            named = zip(thing._fields, thing, strict=True)  # pyright: ignore[reportAttributeAccessIssue]
        case list() | tuple():
            named = ((str(index), value) for index, value in enumerate(thing))
        case dict():
            named = _entries(thing)
        case Holder():
            named = thing._held().items()
        case Generator():
            named = [("_state_var", thing.state)]  # TensorFlow's name
        case Module():
            named = vars(thing).items()
        case _:
            named = attributes_of_keras(thing) if is_of_keras(thing) else ()
    pairs = ((name, as_saved(value)) for name, value in named)
    return {name: value for name, value in pairs if is_saved(value)}


def _entries(thing: dict[Any, Any]) -> Iterator[tuple[str, object]]:
    for key, value in thing.items():
        if isinstance(key, str):
            yield key, value
        elif is_saved(as_saved(value)) and not all(
            isinstance(each.thing, list | tuple | dict) for each in walk(as_saved(value))
        ):
            raise InvalidArgumentError(
                f"train.Checkpoint: expected strings as the keys of a dict that is saved, got {key!r}: {value!r}"
            )


@dataclass(frozen=True)
class Found:
    """An object below another one.

    Attributes:
        path: the shortest path of names to it.
        thing: the object.
        children: what it holds.
    """

    path: tuple[str, ...]
    thing: object
    children: Mapping[str, object]


def walk(root: object, children: Callable[[object], Mapping[str, object]] = children_of) -> list[Found]:
    """Each object below one, once, the root first."""
    found: list[Found] = []
    seen, waiting = {id(root)}, deque[tuple[tuple[str, ...], object]]([((), root)])
    while waiting:
        path, thing = waiting.popleft()
        found.append(Found(path, thing, children(thing)))
        for name, child in found[-1].children.items():
            if id(child) not in seen:
                seen.add(id(child))
                waiting.append(((*path, name), child))
    return found


def count_of(things: Sized, name: str) -> str:
    """How many there are, for messages."""
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
