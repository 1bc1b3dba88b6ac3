"""The graph of objects that is saved: modules, containers, Variables and functions, each once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from ...compiler.frontend.ops.random.generator import Generator
from ...compiler.frontend.tables.static import TABLES
from ...compiler.frontend.values.module import Module
from ...compiler.frontend.values.variable import Variable, represented_by
from ..functions.concrete import ConcreteFunction
from ..functions.function import Function
from .asset import Asset
from .loaded import SignatureMap
from .loaded_function import LoadedFunction
from .structures import is_tuple_class
from .tables import table_record
from .values import Json, NotSaved, encode_value

CHILDREN = "__stepwell_children__"
"""The method by which an object that is no Module says what of it is saved: a mapping from names to objects."""

_CONTAINERS: dict[type, str] = {list: "list", tuple: "tuple", dict: "dict", OrderedDict: "ordered_dict"}


class Objects:
    """The objects below a root, numbered in the order of a walk by names, depth first.

    Attributes:
        things: the objects; the first is the root.
        paths: how each is reached first, such as `layers[0].w`.
        records: what the saved model says of each; functions and Variables are completed by others.
    """

    def __init__(self, root: object, children: Children):
        self._children_of = children
        self.things: list[Any] = []
        self.paths: list[str] = []
        self.records: list[dict[str, Json]] = []
        self._numbers: dict[int, int] = {}
        self._add(root, "")

    def number(self, thing: object) -> int | None:
        """The number of an object; None for one that is not part of what is saved."""
        return self._numbers.get(id(represented_by(thing)))

    def of_type(self, *types: type) -> Iterator[tuple[int, Any]]:
        """The objects of some types, with their numbers."""
        return ((number, thing) for number, thing in enumerate(self.things) if isinstance(thing, types))

    def _add(self, thing: object, path: str) -> int:
        thing = represented_by(thing)
        known = self._numbers.get(id(thing))
        if known is not None:
            return known
        number = self._numbers[id(thing)] = len(self.things)
        record: dict[str, Json] = {}
        self.things.append(thing)
        self.paths.append(path)
        self.records.append(record)
        record |= self._record(thing, path)
        return number

    def _record(self, thing: Any, path: str) -> dict[str, Json]:
        if isinstance(thing, Variable):
            return {"kind": "variable"}
        if isinstance(thing, Function):
            return {"kind": "function"}
        if isinstance(thing, ConcreteFunction):
            return {"kind": "concrete_function"}
        if isinstance(thing, Asset):
            return {"kind": "asset"}
        if isinstance(thing, Generator):
            return {"kind": "generator", "state": self._add(thing.state, f"{path}.state"), "algorithm": thing.algorithm}
        if isinstance(thing, TABLES):
            return table_record(thing, path, self._add)
        kind = _container_kind(thing)
        if kind is not None:
            return {"kind": kind, **self._container(thing, path)}
        children = {name: self._add(child, f"{path}.{name}" if path else name) for name, child in self._children(thing)}
        return {"kind": "module", "class": class_name(thing), "name": getattr(thing, "name", ""), "children": children}

    def _container(self, thing: Any, path: str) -> dict[str, Json]:
        if isinstance(thing, dict):
            keys = [encode_value(key) for key in thing]
            return {"keys": keys, "items": [self._item(item, f"{path}[{key!r}]") for key, item in thing.items()]}
        items = [self._item(item, f"{path}[{i}]") for i, item in enumerate(thing)]
        if is_tuple_class(type(thing)):
            return {"class": type(thing).__name__, "fields": list(thing._fields), "items": items}
        return {"items": items}

    def _item(self, item: object, path: str) -> Json:
        """The number of an element, or its value where it is no object that is saved: None for what has no form."""
        if self.bears(item):
            return self._add(item, path)
        try:
            return {"value": encode_value(item)}
        except NotSaved:
            return {"value": None}

    def _children(self, thing: Any) -> list[tuple[str, object]]:
        return [(name, child) for name, child in sorted(self._children_of.of(thing).items()) if self.bears(child)]

    def bears(self, thing: object) -> bool:
        """Whether an object is saved: by its type, or as a container that is empty or holds one that is."""
        waiting, seen = [thing], set[int]()
        while waiting:
            each = waiting.pop()
            if is_saved(each):
                return True
            if _container_kind(each) is not None and id(each) not in seen:
                if not each:
                    return True
                seen.add(id(each))
                waiting += each.values() if isinstance(each, dict) else each  # pyright: ignore[reportOperatorIssue]
        return False


def is_saved(thing: object) -> bool:
    """Whether an object is one that is saved by its type."""
    thing = represented_by(thing)
    kinds = (Variable, Module, Function, ConcreteFunction, Asset, Generator, *TABLES)
    return isinstance(thing, kinds) or hasattr(type(thing), CHILDREN) or is_of_keras(thing)


class Children:
    """What objects are made of: each is asked once, as it may make functions for the answer."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, Mapping[str, object]]] = {}

    def of(self, thing: Any) -> Mapping[str, object]:
        """What an object that is saved says it is made of, or its attributes, and the compiled methods of its class."""
        if hasattr(type(thing), CHILDREN):
            if id(thing) not in self._known:
                self._known[id(thing)] = thing, getattr(thing, CHILDREN)()
            return self._known[id(thing)][1]
        if is_of_keras(thing):
            return {"variables": list(thing.variables)}
        return _attributes(thing)


def _attributes(thing: Any) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for owner in reversed(type(thing).__mro__):
        for name, member in vars(owner).items():
            if isinstance(member, Function):
                found[name] = getattr(thing, name)
            else:
                found.pop(name, None)
    found |= {name: child for name, child in vars(thing).items() if not isinstance(child, SignatureMap)}
    return found


def is_of_keras(thing: object) -> bool:
    """Whether it is an optimizer or metric of Keras, or alike: what has Variables and is no layer."""
    kind = type(thing)
    of_keras = any(owner.__module__.startswith("keras.src.") for owner in kind.__mro__)
    return of_keras and isinstance(getattr(kind, "variables", None), property)


def class_name(thing: object) -> str:
    """The name of an object's class; of one that was loaded, that of what was saved."""
    return getattr(thing, "_saved_class", None) or type(thing).__name__


def _container_kind(thing: object) -> str | None:
    if is_tuple_class(type(thing)):
        return "namedtuple"
    return _CONTAINERS.get(type(thing))


def walk_and_trace(root: object, children: Children) -> Objects:
    """The objects below `root`, once each function that has an `input_signature` has a trace."""
    traced: set[int] = set()
    while True:
        objects = Objects(root, children)
        waiting = [each for _, each in objects.of_type(Function) if id(each) not in traced and _is_traced_once(each)]
        if not waiting:
            return objects
        for function in waiting:  # which may make Variables
            function.get_concrete_function()
            traced.add(id(function))


def _is_traced_once(function: Function[..., Any]) -> bool:
    """Whether a function has one trace, which can be made without a call."""
    signature = None if isinstance(function, LoadedFunction) else function._signature
    return signature is not None and not signature.has_any_rank
