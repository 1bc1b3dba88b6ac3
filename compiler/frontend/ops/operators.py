"""Python's operators on tensors and Variables, each the public function of the same meaning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..tracing.tracebacks import trim
from ..values.dispatch import as_tensors
from ..values.tensor import Tensor
from ..values.variable import Variable
from . import namespace

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


def _function(name: str) -> Callable[..., Any]:
    return getattr(namespace(), name)


def _for(operator: str, name: str, left: Any) -> Callable[..., Any]:
    """The function for an operator: `&`, `|`, `^` are logical on booleans and bitwise on integers."""
    if operator in _BITWISE and left.dtype.kind in "iu":
        return _function(_BITWISE[operator])
    return _function(name)


def _binary(operator: str, name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    def forward(self: Any, other: Any) -> Any:
        try:
            return _for(operator, name, self)(self, other)
        except Exception as error:
            trim(error)
            raise

    def reflected(self: Any, other: Any) -> Any:
        try:
            return _for(operator, name, self)(other, self)
        except Exception as error:
            trim(error)
            raise

    return forward, reflected


def _comparison(name: str) -> Callable[..., Any]:
    def compare(self: Any, other: Any) -> Any:
        try:
            return _function(name)(self, other)
        except Exception as error:
            trim(error)
            raise

    return compare


def _equality(name: str, default: bool) -> Callable[..., Any]:
    def compare(self: Any, other: Any) -> Any:
        """Elementwise; something that has no tensor form is simply not equal."""
        if not isinstance(other, Tensor | Variable | bool | int | float | list | tuple | np.ndarray | np.generic):
            return default
        return _function(name)(*as_tensors(name, self, other))

    return compare


def _unary(name: str) -> Callable[..., Any]:
    return lambda self: _function(name)(self)


def _invert(self: Any) -> Any:
    return _function("logical_not" if self.dtype.kind == "b" else "bitwise_not")(self)


def _getitem(self: Any, key: Any) -> Any:
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


install_operators()
