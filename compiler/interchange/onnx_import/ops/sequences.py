"""Sequences and optional values: lists of Python, and None, while a graph is traced."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from ....frontend.values.dispatch import as_tensor
from ..rules import MOST_UNROLLED, Call, axis_in, rule
from ..values import Value, as_sizes, m, tensor_of
from .shapes import like


def _list(value: Value) -> list[Value]:
    if not isinstance(value, list):
        raise InvalidArgumentError("expected a sequence, got a tensor")
    return value


def _position(call: Call, index: int, count: int, end: bool = False) -> int:
    """A place in a sequence; the last one, or the one behind it, where it is not given."""
    if call.value(index) is None:
        return count if end else count - 1
    place = call.known_ints(index, "position")[0]
    if not -count <= place < count + end:
        raise InvalidArgumentError(f"position: expected one of a sequence of {count} elements, got {place}")
    return place + count if place < 0 else place


@rule("SequenceEmpty", takes_values=True)
def _empty(call: Call) -> Value:
    return []


@rule("SequenceConstruct", takes_values=True)
def _construct(call: Call, *values: Value) -> Value:
    return list(values)


@rule("SequenceAt", takes_values=True)
def _at(call: Call, sequence: Value, position: Value) -> Value:
    items = _list(sequence)
    return items[_position(call, 1, len(items))]


@rule("SequenceInsert", takes_values=True)
def _insert(call: Call, sequence: Value, value: Value, *_: Value) -> Value:
    items = list(_list(sequence))
    items.insert(_position(call, 2, len(items), end=True), value)
    return items


@rule("SequenceErase", takes_values=True)
def _erase(call: Call, sequence: Value, *_: Value) -> Value:
    items = list(_list(sequence))
    del items[_position(call, 1, len(items))]
    return items


@rule("SequenceLength", takes_values=True)
def _length(call: Call, sequence: Value) -> Value:
    return as_sizes([len(_list(sequence))], is_scalar=True)


@rule("ConcatFromSequence", takes_values=True)
def _concat(call: Call, sequence: Value) -> Value:
    items = _list(sequence)
    if not items:
        raise InvalidArgumentError("expected a sequence with elements, got an empty one")
    tensors = [tensor_of(item) for item in items]
    function = m.stack if call.int("new_axis", 0) else m.concat
    return like(items[0], function(tensors, call.int("axis")))


@rule("SplitToSequence", takes_values=True)
def _split(call: Call, x: Value, *_: Value) -> Value:
    """Parts of size 1 lose their axis where no split is given, unless `keepdims`."""
    tensor = tensor_of(x)
    axis = axis_in(call.int("axis", 0), tensor.ndim)
    total = tensor.shape[axis]
    if total is None:
        raise call.not_known(0, f"the size along axis {axis} has to be known", by_shape=True)
    if total > MOST_UNROLLED:
        raise InvalidArgumentError(f"a sequence of {total} elements; expected at most {MOST_UNROLLED}")
    if call.value(1) is None:
        parts = m.split(tensor, [1] * total, axis)
        return [like(x, part if call.int("keepdims", 1) else m.squeeze(part, [axis])) for part in parts]
    split = call.fixed(1, "split")
    if split.ndim:
        sizes = [int(size) for size in split]
    else:
        size = int(split)
        if size < 1:
            raise InvalidArgumentError(f"split: expected a size of at least 1, got {size}")
        sizes = [min(size, total - start) for start in range(0, total, size)]
    return [like(x, part) for part in m.split(tensor, sizes, axis)]


@rule("SequenceMap", takes_values=True)
def _map(call: Call, sequence: Value, *others: Value) -> Value | tuple[Value, ...]:
    """The results of the body for each element; other sequences are walked along with it."""
    items, body = _list(sequence), call.graph("body")
    rows = []
    for index, item in enumerate(items):
        rest = [_list(other)[index] if isinstance(other, list) else other for other in others]
        rows.append(call.evaluation.subgraph(body, [item, *rest], call.scope))
    return tuple([row[number] for row in rows] for number in range(len(body.output)))


@rule("Optional", takes_values=True)
def _optional(call: Call, value: Value = None) -> Value:
    return value


@rule("OptionalHasElement", takes_values=True)
def _has_element(call: Call, value: Value = None) -> Value:
    return as_tensor(np.bool_(value is not None))


@rule("OptionalGetElement", takes_values=True)
def _get_element(call: Call, value: Value) -> Value:
    if value is None:
        raise InvalidArgumentError("expected an optional value that is there, got none")
    return value
