"""Objects of Keras, which is not imported for that: where there are some it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

_EVERYTHING = ("_layers", "_trainable_variables", "_non_trainable_variables", "_seed_generators")
"""The attributes in which a layer has all that it holds, also what has no attribute of its own."""

_OTHERS = ("_tracker", "_metrics", "_inbound_nodes", "_outbound_nodes", "_nodes", "_nodes_by_depth")
"""Attributes of layers that are not saved: how they are connected, and metrics, which begin anew each epoch."""


def is_of_keras(value: object) -> bool:
    """Whether it is a layer, model, optimizer, metric or seed generator."""
    return isinstance(value, _classes())


def variable_of_keras(value: Any) -> Any:
    """What Keras's Variable holds; the Variable itself if it has no value yet. None for anything else."""
    if not isinstance(value, _class("keras.src.backend.common.variables", "Variable")):
        return None
    return value if value._value is None else value._value


def is_seed_generator(value: object) -> bool:
    """Whether it is a seed generator, which TensorFlow's checkpoints do not have."""
    return isinstance(value, _class("keras.src.random.seed_generator", "SeedGenerator"))


def attributes_of_keras(thing: Any) -> Iterator[tuple[str, object]]:
    """The attributes that are saved, by the names that they have in TensorFlow's checkpoints.

    What a layer holds without an attribute of its own, which TensorFlow does not save, follows in lists. Those of a
    Sequential model are its layers, which may not be in its `_functional` yet.
    """
    is_layer = isinstance(thing, _class("keras.src.layers.layer", "Layer"))
    metric = _class("keras.src.metrics.metric", "Metric")
    found: set[int] = set()
    for name, value in list(vars(thing).items()):
        if name in _OTHERS or (is_layer and name in _EVERYTHING) or (is_layer and isinstance(value, metric)):
            continue
        if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
            continue  # Keras's notes on layers
        found.update(map(id, _parts(value)))
        yield name, value
    if isinstance(thing, _class("keras.src.models.sequential", "Sequential")):
        yield "layers", list(thing.layers)
    elif is_layer:
        for name in _EVERYTHING:
            if others := [value for value in getattr(thing, name, ()) if id(value) not in found]:
                yield name, others


def is_list_of_keras(value: object) -> bool:
    """Whether it is one of the lists and dicts that Keras makes of those that its objects are given."""
    names = ("TrackedList", "TrackedDict", "TrackedOrderedDict")
    return isinstance(value, tuple(found for name in names for found in _class("keras.src.utils.tracking", name)))


def _parts(value: object) -> Iterator[object]:
    """The objects in lists, tuples and dicts."""
    match value:
        case list() | tuple():
            for each in value:
                yield from _parts(each)
        case dict():
            for each in value.values():
                yield from _parts(each)
        case _:
            yield value


def _classes() -> tuple[type, ...]:
    names = {
        "keras.src.layers.layer": "Layer",
        "keras.src.optimizers.base_optimizer": "BaseOptimizer",
        "keras.src.metrics.metric": "Metric",
        "keras.src.random.seed_generator": "SeedGenerator",
    }
    return tuple(found for module, name in names.items() for found in _class(module, name))


def _class(module: str, name: str) -> tuple[type, ...]:
    """A class of Keras, as `isinstance` takes it; none where Keras is not imported."""
    loaded = sys.modules.get(module)
    found = None if loaded is None else getattr(loaded, name, None)
    return () if found is None else (found,)
