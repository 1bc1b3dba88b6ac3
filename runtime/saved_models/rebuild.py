"""Objects of a saved model: Variables, modules and containers, from what its index says of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ...compiler.frontend.ops.random.generator import Generator
from ...compiler.frontend.tracing.tensor_shape import TensorShape
from ...compiler.frontend.values.variable import Variable
from ...compiler.frontend.values.variable_options import VariableAggregation, VariableSynchronization
from .asset import Asset
from .checked import Fields, damaged, index
from .loaded import CallableModule, LoadedModule
from .specs import read_dtype, read_shape
from .structures import tuple_class
from .tables import read_table
from .tensors import TensorReader
from .values import decode_value

if TYPE_CHECKING:
    from .rebuild_graphs import LoadedGraphs

Option = TypeVar("Option", bound=Enum)
_OWN_NAMES = ("_name", "_saved_class", "_scope_name", "signatures")


class Rebuilt:
    """The objects of a saved model.

    Containers and modules are made empty, and filled when the functions are there: they may hold each other.
    """

    def __init__(self, index_: Fields, tensors: TensorReader, path: Callable[[str, str], Path]):
        self._records = index_.objects("objects")
        if not self._records:
            raise damaged(index_.at("objects"), "objects", [])
        self._tensors, self._path = tensors, path
        self._found: dict[int, Any] = {}
        self._open: set[int] = set()
        self._graphs: LoadedGraphs | None = None
        for number, record in enumerate(self._records):
            made = self._begin(record)
            if made is not None:
                self._found[number] = made
        for number, record in enumerate(self._records):
            if record.text("kind") == "table":  # which may refer to a file
                self._found[number] = read_table(record, self.tensor, self.made, len(self))
        for number, record in enumerate(self._records):
            if record.text("kind") == "vocabulary_table":
                self._found[number] = read_table(record, self.tensor, self.made, len(self))

    def __len__(self) -> int:
        return len(self._records)

    def _begin(self, record: Fields) -> Any:
        match record.text("kind"):
            case "variable":
                return self._variable(record)
            case "asset":
                return Asset(str(self._path(record.text("file"), record.where).absolute()))
            case "module":
                children = record.object("children")
                kind = CallableModule if "__call__" in children else LoadedModule
                return kind.shell(record.text("class"), record.text("name"))
            case "list":
                return []
            case "dict":
                return {}
            case "ordered_dict":
                return OrderedDict()
            case "tuple" | "namedtuple" | "generator" | "function" | "concrete_function" | "table" | "vocabulary_table":
                return None
        raise damaged(record.at("kind"), "a kind of object", record.text("kind"))

    def tensor(self, record: Fields) -> np.ndarray:
        """The tensor that a record refers to."""
        return self._tensors.read(record.text("name"), read_dtype(record), record.sizes("shape"), record.where)

    def _variable(self, record: Fields) -> Variable:
        array = self.tensor(record.object("tensor"))
        shape = None
        if "varying" in record:
            varying = record.object("varying")
            shape = TensorShape(read_shape(varying, "shape"))
            if not TensorShape(array.shape).is_compatible_with(shape):
                raise damaged(varying.at("shape"), f"a shape that {array.shape} fits", shape)
        variable = Variable(
            lambda: array,
            trainable=record.flag("trainable"),
            dtype=array.dtype if array.dtype != object else None,
            synchronization=_option(record, "synchronization", VariableSynchronization),
            aggregation=_option(record, "aggregation", VariableAggregation),
            shape=shape,
        )
        variable._name = record.text("name")  # without the name scope that this is called in
        return variable

    def finish(self, graphs: LoadedGraphs) -> Any:
        """Fill modules and containers. Returns the root."""
        self._graphs = graphs
        for number in range(len(self._records)):
            self.get(number)
        for number, record in enumerate(self._records):
            match record.text("kind"):
                case "module":
                    self._found[number].fill({name: self._child(record, name) for name in _child_names(record)})
                case "list":
                    self._found[number].extend(self._items(record))
                case "dict" | "ordered_dict":
                    keys = [decode_value(key, record.at("keys")) for key in record.items("keys")]
                    items = self._items(record)
                    if len(keys) != len(items):
                        raise damaged(record.at("keys"), f"{len(items)} keys", keys)
                    self._fill_dict(self._found[number], keys, items, record)
        return self._found[0]

    def _fill_dict(self, found: dict[Any, Any], keys: Sequence[Any], items: Sequence[Any], record: Fields) -> None:
        try:
            found.update(zip(keys, items, strict=True))
        except TypeError:
            raise damaged(record.at("keys"), "keys of dicts", keys) from None

    def made(self, number: int) -> Any:
        """An object if it is one that needs no functions, such as a Variable; None for others."""
        return self._found.get(number)

    def get(self, number: int) -> Any:
        """An object; tuples are made of their elements first, which they cannot be part of."""
        if number not in self._found:
            record = self._records[number]
            if number in self._open:
                raise damaged(record.where, "a tuple that is no part of itself", number)
            self._open.add(number)
            self._found[number] = self._complete(record)
            self._open.discard(number)
        return self._found[number]

    def _complete(self, record: Fields) -> Any:
        assert self._graphs is not None
        match record.text("kind"):
            case "tuple":
                return tuple(self._items(record))
            case "namedtuple":
                return self._namedtuple(record)
            case "generator":
                return self._generator(record)
            case "function":
                return self._graphs.function(record)
        return self._graphs.concrete(record)

    def _namedtuple(self, record: Fields) -> Any:
        items, fields = self._items(record), record.items("fields")
        try:
            return tuple_class(record.text("class"), tuple(fields))(*items)
        except (TypeError, ValueError):
            raise damaged(record.at("fields"), "names of the elements", fields) from None

    def _generator(self, record: Fields) -> Generator:
        state = self.made(record.number("state", len(self)))
        if not isinstance(state, Variable) or state.shape != (3,) or state.dtype != "int64":
            raise damaged(record.at("state"), "the state of a generator", state)
        generator = Generator.from_seed(0)
        generator.state = state
        return generator

    def _child(self, record: Fields, name: str) -> Any:
        return self.get(record.object("children").number(name, len(self)))

    def _items(self, record: Fields) -> list[Any]:
        found = []
        for i, item in enumerate(record.items("items")):
            where = f"{record.at('items')}[{i}]"
            if isinstance(item, dict):
                found.append(decode_value(Fields(item, where).get("value"), where))
            else:
                found.append(self.get(index(item, len(self), where)))
        return found


def _child_names(record: Fields) -> list[str]:
    """The names of a module's attributes, none of which has a meaning of its own for Python or a module."""
    names = [name for name, _ in record.object("children").pairs()]
    for name in names:
        if name in _OWN_NAMES or (name.startswith("__") and name != "__call__"):
            raise damaged(record.at("children"), "names of attributes", name)
    return names


def _option(record: Fields, name: str, kind: type[Option]) -> Option:
    found = record.text(name)
    if found not in kind.__members__:
        raise damaged(record.at(name), f"one of {', '.join(kind.__members__)}", found)
    return kind[found]
