"""Python's operators on tensors and Variables, each the public function of the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np

from ....dialects.dtypes import dtype_of
from ....dialects.hl.rules.functions import Value
from ..tracing.tensor_shape import TensorShape
from ..tracing.tracebacks import trim
from ..values.composite import Composite
from ..values.dispatch import as_tensors
from ..values.tensor import Tensor
from ..values.variable import Variable
from .static_shape import set_shape

BINARY = {
    "add": "math.add",
    "sub": "math.subtract",
    "mul": "math.multiply",
    "truediv": "math.divide",
    "floordiv": "math.floordiv",
    "mod": "math.floormod",
    "pow": "math.pow",
    "matmul": "linear.matmul",
    "and": "logic.logical_and",
    "or": "logic.logical_or",
    "xor": "logic.logical_xor",
}
COMPARISONS = {"lt": "logic.less", "le": "logic.less_equal", "gt": "logic.greater", "ge": "logic.greater_equal"}
UNARY = {"neg": "math.negative", "pos": "select.identity", "abs": "math.abs"}
_BITWISE = {"and": "logic.bitwise_and", "or": "logic.bitwise_or", "xor": "logic.bitwise_xor"}


_COMPARABLE = Tensor | Variable | bool | int | float | complex | str | bytes | list | tuple | np.ndarray | np.generic

Operator: TypeAlias = Callable[[Value, object], Tensor]
"""An operator of a tensor or Variable and what it is used with."""


@cache
def public_function(path: str) -> Callable[..., Tensor]:
    """A public function, of whose module no more is loaded than programs use."""
    module, _, name = path.partition(".")
    return getattr(import_module(f".{module}", __package__), name)


def path_for(operator: str, path: str, left: Any) -> str:
    """The function for an operator: `&`, `|`, `^` are logical on booleans and bitwise on integers."""
    return _BITWISE[operator] if operator in _BITWISE and dtype_of(left).is_integer else path


def _binary(operator: str, path: str) -> tuple[Operator, Operator]:
    def forward(self: Value, other: object) -> Tensor:
        if isinstance(other, Composite):
            return NotImplemented
        try:
            return public_function(path_for(operator, path, self))(self, other)
        except Exception as error:
            trim(error)
            raise

    def reflected(self: Value, other: object) -> Tensor:
        try:
            return public_function(path_for(operator, path, self))(other, self)
        except Exception as error:
            trim(error)
            raise

    return forward, reflected


def _comparison(path: str) -> Operator:
    def compare(self: Value, other: object) -> Tensor:
        if isinstance(other, Composite):
            return NotImplemented
        try:
            return public_function(path)(self, other)
        except Exception as error:
            trim(error)
            raise

    return compare


def _equality(path: str, default: bool) -> Callable[[Value, object], Tensor | bool]:
    def compare(self: Value, other: object) -> Tensor | bool:
        """Elementwise; something that has no tensor form is simply not equal."""
        if not isinstance(other, _COMPARABLE):
            return NotImplemented if isinstance(other, Composite) else default
        x, y = as_tensors(path.rpartition(".")[2], self, other)
        if not _may_broadcast(x.shape, y.shape):
            return Tensor(np.array(default))
        return public_function(path)(x, y)

    return compare


def _may_broadcast(x: TensorShape, y: TensorShape) -> bool:
    return all(None in (a, b) or a == b or 1 in (a, b) for a, b in zip(reversed(x), reversed(y)))


def _unary(path: str) -> Callable[[Value], Tensor]:
    return lambda self: public_function(path)(self)


def _invert(self: Value) -> Tensor:
    return public_function("logic.logical_not" if dtype_of(self).is_bool else "logic.bitwise_not")(self)


def _getitem(self: Value, key: object) -> Tensor:
    try:
        return public_function("subscript.getitem")(self, key)
    except Exception as error:
        trim(error)
        raise


def install_operators() -> None:
    """Give Tensor and Variable their operators."""
    for class_ in (Tensor, Variable):
        for operator, path in BINARY.items():
            forward, reflected = _binary(operator, path)
            setattr(class_, f"__{operator}__", forward)
            setattr(class_, f"__r{operator}__", reflected)
        for operator, path in COMPARISONS.items():
            setattr(class_, f"__{operator}__", _comparison(path))
        for operator, path in UNARY.items():
            setattr(class_, f"__{operator}__", _unary(path))
        class_.__eq__ = _equality("logic.equal", False)  # pyright: ignore[reportAttributeAccessIssue]
        class_.__ne__ = _equality("logic.not_equal", True)  # pyright: ignore[reportAttributeAccessIssue]
        class_.__invert__ = _invert  # pyright: ignore[reportAttributeAccessIssue]
        class_.__getitem__ = _getitem  # pyright: ignore[reportAttributeAccessIssue]
    Tensor.set_shape = set_shape  # pyright: ignore[reportAttributeAccessIssue]


install_operators()
