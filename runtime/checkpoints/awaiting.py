"""Objects that wait for others, whose values a checkpoint has."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Self, SupportsIndex

import optree

from ...compiler.frontend.values.awaited import AWAITED, Awaiting
from .keras_objects import is_list_of_keras, is_of_keras
from .objects import as_saved, is_saved, is_without_value

if TYPE_CHECKING:
    from .restoration import Position


class Names:
    """The names under which objects are awaited, and what is restored into them. Copies await nothing."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Position]] = {}

    def add(self, positions: Mapping[str, Position]) -> None:
        """Await more."""
        for name, position in positions.items():
            self._waiting.setdefault(name, []).append(position)

    def given(self, name: str, value: object) -> object:
        """Restore what waits for a name, the latest first; returns what takes the value's place."""
        thing = as_saved(value)
        if name not in self._waiting or not is_saved(thing):
            return value
        for position in sorted(self._waiting.pop(name), key=lambda each: each.restoration.number, reverse=True):
            result = position.restore(thing)
            if result is not thing:
                thing = value = result
        return value

    def __deepcopy__(self, memo: object) -> Names:
        return Names()

    def __reduce__(self) -> tuple[Callable[[], Names], tuple[()]]:
        return Names, ()


def can_wait(thing: object) -> bool:
    """Whether an object notices what it is given later."""
    own = isinstance(thing, Awaiting | WaitingList | WaitingDict)
    return own or is_of_keras(thing) or is_list_of_keras(thing) or is_without_value(thing)


def await_under(thing: object, positions: Mapping[str, Position]) -> None:
    """Restore objects when another one gets them under these names."""
    if is_of_keras(thing) or is_list_of_keras(thing):
        _let_keras_wait()
    attributes = vars(thing)
    if AWAITED not in attributes:
        attributes[AWAITED] = Names()
    attributes[AWAITED].add(positions)


def give(owner: object, name: str, value: Any) -> Any:
    """What an object that may wait for a name holds under it."""
    awaited = vars(owner).get(AWAITED)
    return value if awaited is None else awaited.given(name, value)


def can_change(owner: object) -> bool:
    """Whether another list or dict can take the place of one that an object holds: Keras notes which it holds."""
    return isinstance(owner, Awaiting | list | dict) and not is_of_keras(owner)


def put(owner: Any, name: str, value: object) -> None:
    """Let an object that can be changed hold another one under a name."""
    match owner:
        case list():
            list.__setitem__(owner, int(name), value)
        case dict():
            dict.__setitem__(owner, name, value)
        case _:
            vars(owner)[name] = value


def waiting_container(thing: object) -> WaitingList | WaitingDict | None:
    """A list or dict like another one, that waits; None for what is neither."""
    if type(thing) is list:
        return WaitingList(thing)
    return WaitingDict(thing) if type(thing) is dict else None


@cache
def _let_keras_wait() -> None:
    """Let objects of Keras notice what they are given, from the first time on that one waits."""
    saveable = sys.modules["keras.src.saving.keras_saveable"].KerasSaveable
    tracking = sys.modules["keras.src.utils.tracking"]

    def __setattr__(self: Any, name: str, value: Any) -> None:
        super(saveable, self).__setattr__(name, give(self, name, value))

    saveable.__setattr__ = __setattr__
    _notice(tracking.TrackedList, "append", lambda self, value: (give(self, str(len(self)), value),))
    _notice(
        tracking.TrackedList,
        "extend",
        lambda self, values: ([give(self, str(place), value) for place, value in enumerate(values, len(self))],),
    )
    for each in (tracking.TrackedDict, tracking.TrackedOrderedDict):
        _notice(each, "__setitem__", lambda self, key, value: (key, give(self, key, value)))
        _notice(each, "update", lambda self, values: ({key: give(self, key, each) for key, each in values.items()},))


def _notice(kind: Any, method: str, changed: Callable[..., tuple[Any, ...]]) -> None:
    """Let a method of a class have other arguments."""
    before = getattr(kind, method)
    setattr(kind, method, wraps(before)(lambda self, *arguments: before(self, *changed(self, *arguments))))


class WaitingList(list[Any]):
    """A list to which objects are added that a checkpoint has values for."""

    def append(self, value: Any, /) -> None:
        """Add an object."""
        super().append(give(self, str(len(self)), value))

    def extend(self, values: Iterable[Any], /) -> None:
        """Add objects."""
        for value in values:
            self.append(value)

    def __iadd__(self, values: Iterable[Any], /) -> Self:
        self.extend(values)
        return self

    def __setitem__(self, index: Any, value: Any, /) -> None:
        if isinstance(index, SupportsIndex):
            place = index.__index__()
            value = give(self, str(place + len(self) if place < 0 else place), value)
        super().__setitem__(index, value)


class WaitingDict(dict[Any, Any]):
    """A dict to which objects are added that a checkpoint has values for."""

    def __setitem__(self, key: Any, value: Any, /) -> None:
        super().__setitem__(key, give(self, key, value) if isinstance(key, str) else value)

    def setdefault(self, key: Any, default: Any = None, /) -> Any:
        """The value of a key, which is added if it is not there."""
        if key not in self:
            self[key] = default
        return self[key]

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Add or replace values."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def __ior__(self, other: Any, /) -> Self:
        self.update(other)
        return self


def _register() -> None:
    """Let trees of lists and dicts have these for what they are."""
    everywhere = vars(optree.registry)["__GLOBAL_NAMESPACE"]  # pyright: ignore[reportAttributeAccessIssue]
    optree.register_pytree_node(
        WaitingList, lambda thing: (list(thing), None), lambda _, parts: list(parts), namespace=everywhere
    )
    optree.register_pytree_node(
        WaitingDict,
        lambda thing: ([value for _, value in sorted(thing.items())], tuple(sorted(thing))),  # pyright: ignore
        lambda keys, parts: dict(zip(keys, parts, strict=True)),  # pyright: ignore
        namespace=everywhere,
    )


_register()
