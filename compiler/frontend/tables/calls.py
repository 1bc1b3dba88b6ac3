"""Methods of tables: run eagerly, or as host calls of a compiled program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT64, DType, dtype_of
from ....dialects.types import shape_of
from ..gradients.host_calls import HostFunction, staged_call
from ..tracing.signature import TensorSpec
from ..tracing.tracer import current_tracer
from ..values.tensor import Tensor
from .entries import Array, Entries

Specs: TypeAlias = "list[tuple[tuple[int | None, ...], DType]]"
"""Sizes and dtypes."""


@dataclass(frozen=True)
class Method:
    """What can be done with the entries of a table.

    Attributes:
        run: does it: with entries and arrays, returns arrays.
        takes: the dtypes of the arguments.
        returns: the sizes and dtypes of the results, by the sizes of the arguments.
    """

    run: Callable[..., list[Array]]
    takes: Callable[[Entries], Sequence[DType]]
    returns: Callable[[Entries, Sequence[tuple[int | None, ...]]], Specs]


def _find(entries: Entries, keys: Array, default: Array) -> list[Array]:
    own, each = entries.value_shape, (*keys.shape, *entries.value_shape)
    if default.shape not in (own, each):
        raise InvalidArgumentError(f"lookup: default values: expected shape {own} or {each}, got {default.shape}")
    return [entries.find(keys, default)]


def _insert(entries: Entries, keys: Array, values: Array) -> list[Array]:
    if values.shape != (expected := (*keys.shape, *entries.value_shape)):
        raise InvalidArgumentError(f"insert: values: expected shape {expected}, got {values.shape}")
    entries.insert(keys, values)
    return []


def _remove(entries: Entries, keys: Array) -> list[Array]:
    entries.remove(keys)
    return []


METHODS: Mapping[str, Method] = {
    "find": Method(
        _find,
        lambda entries: [entries.key_dtype, entries.value_dtype],
        lambda entries, sizes: [((*sizes[0], *entries.value_shape), entries.value_dtype)],
    ),
    "insert": Method(_insert, lambda entries: [entries.key_dtype, entries.value_dtype], lambda entries, sizes: []),
    "remove": Method(_remove, lambda entries: [entries.key_dtype], lambda entries, sizes: []),
    "size": Method(
        lambda entries: [np.array(len(entries), np.int64)],
        lambda entries: [],
        lambda entries, sizes: [((), INT64)],
    ),
    "export": Method(
        lambda entries: [entries.keys(), entries.values()],
        lambda entries: [],
        lambda entries, sizes: [((None,), entries.key_dtype), ((None, *entries.value_shape), entries.value_dtype)],
    ),
}
"""What can be done with the entries of a table, by the name that it has in a saved model."""


class TableCall(HostFunction):
    """A method of a table that a compiled program calls.

    Attributes:
        table: the entries.
        method: the name of the method.
    """

    def __init__(self, table: Entries, method: str):
        super().__init__(f"lookup.{method}", self._call)
        self.table, self.method = table, method

    def _call(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        return _results(self.table, self.method, tensors)

    def fits(self, operands: Sequence[Attribute], results: Sequence[Attribute]) -> bool:
        """Whether operands and results of some types are those of the method."""
        types = [*operands, *results]
        if not all(isinstance(type_, TensorType) for type_ in types):
            return False
        found = [(len(shape_of(type_)), dtype_of(type_)) for type_ in types]  # pyright: ignore[reportArgumentType]
        method = METHODS[self.method]
        takes = list(method.takes(self.table))
        if [dtype for _, dtype in found[: len(operands)]] != takes:
            return False
        returns = method.returns(self.table, [(None,) * rank for rank, _ in found[: len(operands)]])
        return found[len(operands) :] == [(len(sizes), dtype) for sizes, dtype in returns]


def call(table: Entries, method: str, *tensors: Tensor) -> list[Tensor]:
    """The results of a method for tensors: now, or in the program that is traced.

    Raises InvalidArgumentError for shapes that it does not take.
    """
    tracer = current_tracer()
    if tracer is None:
        return _results(table, method, tensors)
    returns = METHODS[method].returns(table, [tuple(tensor.shape) for tensor in tensors])
    return staged_call(tracer, TableCall(table, method), tensors, [TensorSpec(*each) for each in returns])


def _results(table: Entries, method: str, tensors: Sequence[Tensor]) -> list[Tensor]:
    return [Tensor(array) for array in METHODS[method].run(table, *[tensor._concrete(method) for tensor in tensors])]
