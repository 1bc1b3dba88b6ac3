"""Structures of arguments and results as JSON, with anything in the places of their leaves."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import optree

from ...compiler.frontend.ops.ragged.tensor import RaggedTensor
from ...compiler.frontend.ops.sparse.tensor import SparseTensor
from .checked import damaged
from .values import Json, NotSaved

_DEPTH = 100
_LEAF = optree.treespec_leaf(none_is_leaf=True)
_IN_TENSOR: Any = object()
_KINDS: dict[object, str] = {tuple: "tuple", list: "list", dict: "dict", OrderedDict: "ordered_dict"}


def encode_structure(structure: optree.PyTreeSpec, leaves: Sequence[Json]) -> Json:
    """The structure with these leaves. Raises NotSaved for containers that are none of Python's or of tensors."""
    return _encode(structure, iter(leaves))


def _encode(structure: optree.PyTreeSpec, leaves: Iterator[Json]) -> Json:
    if structure.is_leaf():
        return {"leaf": next(leaves)}
    kind: Any = structure.type
    children = [_encode(child, leaves) for child in structure.children()]
    if kind is SparseTensor:
        return {"sparse_tensor": children}
    if kind is RaggedTensor:
        length: Any = optree.tree_unflatten(structure, [0] * structure.num_leaves)
        return {"ragged_tensor": [length._uniform if len(children) == 2 else "in a tensor", children]}
    if is_tuple_class(kind):
        return {"namedtuple": [kind.__name__, list(kind._fields), children]}
    if kind not in _KINDS:
        raise NotSaved(f"a {getattr(kind, '__name__', kind)}")
    if kind in (tuple, list):
        return {_KINDS[kind]: children}
    keys = structure.entries()
    if not all(key is None or type(key) in (str, int, bool) for key in keys):
        raise NotSaved("a dict with keys that are neither strings nor integers")
    return {_KINDS[kind]: [[key, child] for key, child in zip(keys, children, strict=True)]}


def decode_structure(
    encoded: Json, where: str, decode_leaf: Callable[[Json], Any]
) -> tuple[optree.PyTreeSpec, list[Any]]:
    """The structure that `encode_structure` wrote, and its leaves. Raises DataLossError for anything else."""
    leaves: list[Any] = []
    return _decode(encoded, where, lambda leaf: leaves.append(decode_leaf(leaf)), 0), leaves


def _decode(encoded: Json, where: str, add: Callable[[Json], None], depth: int) -> optree.PyTreeSpec:
    if depth > _DEPTH or not isinstance(encoded, dict) or len(encoded) != 1:
        raise damaged(where, "a structure", encoded)
    [(kind, content)] = encoded.items()
    if kind == "leaf":
        add(content)
        return _LEAF
    try:
        return _container(kind, content, lambda item: _decode(item, where, add, depth + 1))
    except (TypeError, ValueError, KeyError):
        raise damaged(where, "a structure", encoded) from None


def _container(kind: str, content: Json, decode: Callable[[Json], optree.PyTreeSpec]) -> optree.PyTreeSpec:
    options: dict[str, Any] = {"none_is_leaf": True}
    match kind:
        case "tuple":
            return optree.treespec_tuple([decode(item) for item in content], **options)
        case "list":
            return optree.treespec_list([decode(item) for item in content], **options)
        case "sparse_tensor":
            if [decode(item) for item in content] != [_LEAF] * 3:
                raise ValueError
            return _sparse()
        case "ragged_tensor":
            return _ragged(content[0], [decode(item) for item in content[1]])
        case "namedtuple":
            name, fields, items = content
            made = tuple_class(name, tuple(fields))
            return optree.treespec_namedtuple(made(*[decode(item) for item in items]), **options)
        case "dict" | "ordered_dict":
            found = OrderedDict((_key(key), decode(item)) for key, item in content)
            if len(found) != len(content):
                raise ValueError
            if kind == "dict":
                return optree.treespec_dict(dict(found), **options)
            return optree.treespec_ordereddict(found, **options)
    raise ValueError


def _key(key: Json) -> Json:
    if key is not None and type(key) not in (str, int, bool):
        raise ValueError
    return key


def _ragged(length: Json, children: Sequence[optree.PyTreeSpec]) -> optree.PyTreeSpec:
    """A RaggedTensor of values, row splits and, if it is in a tensor, the length of all rows."""
    in_tensor = length == "in a tensor"
    values = optree.tree_unflatten(children[0], [0] * children[0].num_leaves)
    known = length is None or (type(length) is int and length >= 0)
    if list(children[1:]) != [_LEAF] * (1 + in_tensor) or not (known or in_tensor):
        raise ValueError
    if not isinstance(values, RaggedTensor | int):
        raise ValueError
    whole: Any = RaggedTensor._of(values, 0, _IN_TENSOR if in_tensor else length)  # pyright: ignore[reportArgumentType]
    return optree.tree_structure(whole, none_is_leaf=True)


@cache
def _sparse() -> optree.PyTreeSpec:
    one: Any = SparseTensor(np.zeros([1, 1], np.int64), np.zeros([1]), np.ones([1], np.int64))
    return optree.tree_structure(one, none_is_leaf=True)


@cache
def tuple_class(name: str, fields: tuple[str, ...]) -> Any:
    """The class that represents namedtuples of that name with these fields. ValueError for what cannot be one."""
    return namedtuple(name, fields)


def is_tuple_class(kind: Any) -> bool:
    """Whether it is a class of namedtuples."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")
