"""Patterns of ONNX nodes: trees of operators with variables, matched from the value that they compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any, TypeAlias

import numpy as np

from .....dialects.dtypes import dtype_of
from .graph import Model

Pattern: TypeAlias = "Op | Number | str | float"
"""An operator; a number that is captured; a variable (`"_"`: any value); a number that a constant has to be."""

Found: TypeAlias = dict[str, Any]
"""What a match gave to the variables: names of values, and numbers."""

_COMMUTES = {"Add", "Mul", "Max", "Min", "And", "Or", "Equal"}


@dataclass(frozen=True)
class Number:
    """A constant all of whose elements are one number, which is captured."""

    name: str


class Op:
    """A node: its operator, patterns for its inputs, its attributes as far as they matter.

    Args:
        op: the operator.
        inputs: a pattern for each input; of an operator that commutes in any order.
        name: a variable that captures the value computed.
        attributes: for each attribute the value that it has to have, or a variable that captures it.
    """

    def __init__(self, op: str, *inputs: Pattern, name: str | None = None, **attributes: object):
        self.op, self.inputs, self.name, self.attributes = op, inputs, name, attributes


def matches(model: Model, pattern: Pattern, value: str, found: Mapping[str, Any] | None = None) -> Iterator[Found]:
    """All ways in which `pattern` matches the value called `value`."""
    bound = dict(found or {})
    if isinstance(pattern, Op):
        yield from _node_matches(model, pattern, value, bound)
    elif isinstance(pattern, str):
        if pattern == "_" or bound.setdefault(pattern, value) == value:
            yield bound
    else:
        number = splat(model, value)
        if number is None:
            return
        if isinstance(pattern, Number):
            if bound.setdefault(pattern.name, number) == number:
                yield bound
        elif np.isclose(number, pattern, rtol=1e-6, atol=0):
            yield bound


def splat(model: Model, value: str) -> float | None:
    """The number that all elements of a constant are, if it is one."""
    array = model.array(value)
    if array is None or not array.size or not dtype_of(array).is_number:
        return None
    first = array.reshape(-1)[0]
    return float(first) if np.all(array == first) else None


def _node_matches(model: Model, pattern: Op, value: str, found: Found) -> Iterator[Found]:
    node = model.producers.get(value)
    if node is None or node.op != pattern.op or len(node.inputs) != len(pattern.inputs):
        return
    bound = dict(found)
    if pattern.name is not None and bound.setdefault(pattern.name, value) != value:
        return
    for key, wanted in pattern.attributes.items():
        given = node.attributes.get(key)
        if isinstance(wanted, str) and not isinstance(given, bytes):
            if bound.setdefault(wanted, given) != given:
                return
        elif given != wanted:
            return
    orders = permutations(pattern.inputs) if pattern.op in _COMMUTES else [pattern.inputs]
    for inputs in orders:
        yield from _all_match(model, inputs, node.inputs, bound)


def _all_match(model: Model, patterns: Any, values: Any, found: Found) -> Iterator[Found]:
    if not patterns:
        yield found
        return
    for bound in matches(model, patterns[0], values[0], found):
        yield from _all_match(model, patterns[1:], values[1:], bound)
