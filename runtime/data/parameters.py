"""Datasets in programs that are traced: what they are made of are tensors whose values the program has when it runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Self, TypeAlias

from xdsl.ir import SSAValue

from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.strings import as_array

Values: TypeAlias = Mapping[SSAValue, Tensor]
"""What tensors of a program are in one run of it."""

Number: TypeAlias = "int | Tensor"
"""A number, or the tensor of a program that is one where it runs."""


class Parametrized:
    """A dataclass, some of whose fields may be tensors of programs, or be made of such."""

    @property
    def _arguments(self) -> dict[str, Any]:
        assert dataclasses.is_dataclass(self)
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.init}

    @cached_property
    def unbound(self) -> Sequence[Tensor]:
        """The tensors of programs that it is made of, each once."""
        return unbound_in(list(self._arguments.values()))

    def bound(self, values: Values) -> Self:
        """The same for values of these."""
        if not self.unbound:
            return self
        return type(self)(**{name: bound(value, values) for name, value in self._arguments.items()})


class DatasetBase:
    """A dataset, for what has to do with it as a component of elements."""

    _node: Any


def dataset_of(node: Any) -> Any:
    """The dataset of a node."""
    from .dataset import Dataset  # which is made of methods that ask for this

    return Dataset(node)


def unbound_in(value: Any) -> Sequence[Tensor]:
    """The tensors of programs in a value, each once."""
    return list({_key(tensor): tensor for tensor in _symbolic(value)}.values())


def _symbolic(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        if value.is_symbolic:
            yield value
    elif isinstance(value, Parametrized):
        yield from value.unbound
    elif isinstance(value, DatasetBase):
        yield from value._node.unbound
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _symbolic(each)


def bound(value: Any, values: Values) -> Any:
    """A value in which tensors of programs are replaced by their values."""
    if isinstance(value, Tensor):
        return values[_key(value)] if value.is_symbolic else value
    if isinstance(value, Parametrized):
        return value.bound(values)
    if isinstance(value, DatasetBase):
        return dataset_of(value._node.bound(values))
    if isinstance(value, list | tuple):
        return type(value)(bound(each, values) for each in value)
    return value


def values_of(tensors: Sequence[Tensor], values: Sequence[Any]) -> Values:
    """The values that tensors of a program have in a run of it."""
    pairs = zip(tensors, values, strict=True)
    return {_key(tensor): value if isinstance(value, Tensor) else Tensor(as_array(value)) for tensor, value in pairs}


def _key(tensor: Tensor) -> SSAValue:
    assert tensor._ssa is not None
    return tensor._ssa


def number(what: str, value: Any, least: int | None = None) -> Number:
    """An argument that is a whole number, which a tensor of a program becomes where the program runs."""
    tensor = as_tensor(value, name=what)
    if not tensor.dtype.is_integer:
        raise InvalidTypeError(f"{what}: expected a whole number, got {value!r} of {tensor.dtype.name}")
    if tensor.shape.rank not in (0, None):
        raise InvalidArgumentError(f"{what}: expected a scalar, got shape {tensor.shape}")
    if tensor.is_symbolic:
        return tensor
    found = int(tensor.numpy())
    if least is not None and found < least:
        raise InvalidArgumentError(f"{what}: expected at least {least}, got {found}")
    return found


def known(value: Number | None) -> int | None:
    """A number, or None where it is a tensor of a program."""
    return value if isinstance(value, int) else None
