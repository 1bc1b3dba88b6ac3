"""Python's operators on tensors and Variables, each the public function of the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from ....dialects.dtypes import dtype_of
from ....dialects.hl.rules.functions import Value
from ..tracing.tensor_shape import TensorShape
from ..tracing.tracebacks import trim
from ..values.dispatch import as_tensors
from ..values.tensor import Tensor
from ..values.variable import Variable
from . import namespace
from .static_shape import set_shape

_BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floordiv",
    "mod": "floormod",
    "pow": "pow",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
_COMPARISONS = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
_UNARY = {"neg": "negative", "pos": "identity", "abs": "abs"}
_BITWISE = {"and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor"}


_COMPARABLE = Tensor | Variable | bool | int | float | complex | str | bytes | list | tuple | np.ndarray | np.generic

Operator: TypeAlias = Callable[[Value, object], Tensor]
"""An operator of a tensor or Variable and what it is used with."""


def _function(name: str) -> Callable[..., Tensor]:
    return getattr(namespace(), name)


def _for(operator: str, name: str, left: Value) -> Callable[..., Tensor]:
    """The function for an operator: `&`, `|`, `^` are logical on booleans and bitwise on integers."""
    if operator in _BITWISE and dtype_of(left).is_integer:
        return _function(_BITWISE[operator])
    return _function(name)


def _binary(operator: str, name: str) -> tuple[Operator, Operator]:
    def forward(self: Value, other: object) -> Tensor:
        try:
            return _for(operator, name, self)(self, other)
        except Exception as error:
            trim(error)
            raise

    def reflected(self: Value, other: object) -> Tensor:
        try:
            return _for(operator, name, self)(other, self)
        except Exception as error:
            trim(error)
            raise

    return forward, reflected


def _comparison(name: str) -> Operator:
    def compare(self: Value, other: object) -> Tensor:
        try:
            return _function(name)(self, other)
        except Exception as error:
            trim(error)
            raise

    return compare


def _equality(name: str, default: bool) -> Callable[[Value, object], Tensor | bool]:
    def compare(self: Value, other: object) -> Tensor | bool:
        """Elementwise; something that has no tensor form is simply not equal."""
        if not isinstance(other, _COMPARABLE):
            return default
        x, y = as_tensors(name, self, other)
        if not _may_broadcast(x.shape, y.shape):
            return Tensor(np.array(default))
        return _function(name)(x, y)

    return compare


def _may_broadcast(x: TensorShape, y: TensorShape) -> bool:
    return all(None in (a, b) or a == b or 1 in (a, b) for a, b in zip(reversed(x), reversed(y)))


def _unary(name: str) -> Callable[[Value], Tensor]:
    return lambda self: _function(name)(self)


def _invert(self: Value) -> Tensor:
    return _function("logical_not" if dtype_of(self).is_bool else "bitwise_not")(self)


def _getitem(self: Value, key: object) -> Tensor:
    try:
        return _function("getitem")(self, key)
    except Exception as error:
        trim(error)
        raise


def install_operators() -> None:
    """Give Tensor and Variable their operators."""
    for class_ in (Tensor, Variable):
        for operator, name in _BINARY.items():
            forward, reflected = _binary(operator, name)
            setattr(class_, f"__{operator}__", forward)
            setattr(class_, f"__r{operator}__", reflected)
        for operator, name in _COMPARISONS.items():
            setattr(class_, f"__{operator}__", _comparison(name))
        for operator, name in _UNARY.items():
            setattr(class_, f"__{operator}__", _unary(name))
        class_.__eq__ = _equality("equal", False)  # pyright: ignore[reportAttributeAccessIssue]
        class_.__ne__ = _equality("not_equal", True)  # pyright: ignore[reportAttributeAccessIssue]
        class_.__invert__ = _invert  # pyright: ignore[reportAttributeAccessIssue]
        class_.__getitem__ = _getitem  # pyright: ignore[reportAttributeAccessIssue]
    Tensor.set_shape = set_shape  # pyright: ignore[reportAttributeAccessIssue]


install_operators()
