"""`nest`: structures of lists, tuples and dicts, taken apart and put together as TensorFlow does it.

The keys of dicts are sorted; None is a value. A `TensorShape` is a value, though it is a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MappingView, Sequence
from typing import Any

import optree

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..tracing.conversion import convert_inside
from ..tracing.tensor_shape import TensorShape
from .composite import Composite


@public("nest")
def is_nested(seq: object) -> bool:
    """Whether a value is a list, a tuple, a dict or another sequence or mapping, and no text or shape.

    Example:
        >>> import stepwell as sw
        >>> sw.nest.is_nested([1]), sw.nest.is_nested("text")
        (True, False)
    """
    if isinstance(seq, str | bytes | bytearray | memoryview | TensorShape):
        return False
    return isinstance(seq, Sequence | Mapping | MappingView)


@public("nest")
def flatten(structure: object, expand_composites: bool = False) -> list[Any]:
    """The values of a structure, in order, those of dicts by their sorted keys.

    Args:
        structure: lists, tuples and dicts, nested.
        expand_composites: whether a RaggedTensor is taken apart to its tensors.

    Example:
        >>> import stepwell as sw
        >>> sw.nest.flatten({"b": 1, "a": [2, (3, None)]})
        [2, 3, None, 1]
    """
    return list(_values(structure, expand_composites))


def _values(structure: object, expand: bool) -> Iterator[Any]:
    if expand and isinstance(structure, Composite):
        yield from optree.tree_leaves(structure, none_is_leaf=True)  # pyright: ignore[reportArgumentType]
        return
    if not is_nested(structure):
        yield structure
        return
    for item in _items(structure):
        yield from _values(item, expand)


def _items(structure: Any) -> list[Any]:
    return [structure[key] for key in _keys(structure)] if isinstance(structure, Mapping) else list(structure)


def _keys(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        raise TypeError(f"nest: expected a dict with keys that can be sorted, got {list(mapping)}") from None


@public("nest")
def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """The structure with other values, given in the order of `flatten`.

    Args:
        structure: lists, tuples and dicts, nested.
        flat_sequence: the values.
        expand_composites: whether a RaggedTensor is put together of its tensors.

    Raises ValueError if there are not as many.

    Example:
        >>> import stepwell as sw
        >>> sw.nest.pack_sequence_as({"b": 1, "a": [2, 3]}, ["x", "y", "z"])
        {'b': 'z', 'a': ['x', 'y']}
    """
    if not is_nested(flat_sequence):
        raise TypeError(f"nest.pack_sequence_as: flat_sequence: expected a sequence, got {flat_sequence!r}")
    values, count = list(flat_sequence), len(flatten(structure, expand_composites))
    if len(values) != count:
        raise InvalidArgumentError(
            f"nest.pack_sequence_as: flat_sequence: expected {count} values for {structure!r}, got {len(values)}"
        )
    return _packed(structure, iter(values), expand_composites)


def _packed(structure: object, values: Iterator[Any], expand: bool) -> Any:
    if expand and isinstance(structure, Composite):
        tree = optree.tree_structure(structure, none_is_leaf=True)  # pyright: ignore[reportArgumentType]
        return optree.tree_unflatten(tree, [next(values) for _ in range(tree.num_leaves)])
    if not is_nested(structure):
        return next(values)
    return _like(structure, [_packed(item, values, expand) for item in _items(structure)])


def _like(structure: object, items: list[Any]) -> Any:
    """A structure of the same type; `items` are in the order of `flatten`."""
    make: Any = type(structure)
    factory: Any = getattr(structure, "default_factory", None)
    if isinstance(structure, Mapping):
        by_key = dict(zip(_keys(structure), items))
        pairs = [(key, by_key[key]) for key in structure]
        return make(factory, pairs) if hasattr(structure, "default_factory") else make(pairs)
    if hasattr(structure, "_fields"):
        return make(*items)
    return items if isinstance(structure, range | MappingView) else make(items)


@public("nest")
def map_structure(func: Callable[..., object], *structure: Any, **kwargs: Any) -> Any:
    """The structure in which each value is what `func` returns of the values of the structures.

    Args:
        func: takes a value of each structure.
        structure: structures that are the same but for their values.
        kwargs: `check_types`, whether the types of their lists, tuples and dicts have to be the same (True), and
            `expand_composites`, whether RaggedTensors are taken apart to their tensors (False).

    Raises TypeError or ValueError for structures that are not the same.

    Example:
        >>> import stepwell as sw
        >>> sw.nest.map_structure(lambda a, b: a + b, {"x": (1, 2)}, {"x": (10, 20)})
        {'x': (11, 22)}
    """
    if not callable(func):
        raise TypeError(f"nest.map_structure: func: expected a function, got {func!r}")
    if not structure:
        raise InvalidArgumentError("nest.map_structure: structure: expected a structure or more, got none")
    check_types = kwargs.pop("check_types", True)
    expand = bool(kwargs.pop("expand_composites", False))
    if kwargs:
        raise InvalidArgumentError(f"nest.map_structure: got unknown arguments {', '.join(kwargs)}")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types)
    call = convert_inside(func)
    values = [call(*each) for each in zip(*[flatten(each, expand) for each in structure])]
    return _packed(structure[0], iter(values), expand)


@public("nest")
def assert_same_structure(
    nest1: object, nest2: object, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise unless two structures are the same but for their values.

    Args:
        nest1: a structure.
        nest2: another one.
        check_types: whether the types of lists, tuples and dicts have to be the same, too; kinds of dicts do not.
        expand_composites: accepted as in TensorFlow; unused.

    Raises ValueError for another structure, TypeError for another type.
    """
    del expand_composites
    _assert_same(nest1, nest2, check_types, nest1, nest2)


def _assert_same(a: Any, b: Any, check_types: bool, first: Any, second: Any) -> None:
    what = f"nest: the structures {first!r} and {second!r} differ"
    if is_nested(a) != is_nested(b):
        raise InvalidArgumentError(f"{what}: {a!r} and {b!r}")
    if not is_nested(a):
        return
    mappings = isinstance(a, Mapping), isinstance(b, Mapping)
    if check_types and type(a) is not type(b) and not all(mappings) and not _same_fields(a, b):
        raise TypeError(f"{what}: {type(a).__name__} and {type(b).__name__}")
    if all(mappings) and set(a) != set(b):
        raise InvalidArgumentError(f"{what}: the keys {sorted(a)} and {sorted(b)}")
    if len(a) != len(b):
        raise InvalidArgumentError(f"{what}: {len(a)} and {len(b)} items")
    for mine, theirs in zip(_items(a), _items(b)):
        _assert_same(mine, theirs, check_types, first, second)


def _same_fields(a: object, b: object) -> bool:
    return getattr(a, "_fields", None) == getattr(b, "_fields", 0) and type(a).__name__ == type(b).__name__
