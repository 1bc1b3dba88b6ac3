"""Calls of public functions with RaggedTensors among their arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from .....dialects.diagnostics import InvalidTypeError
from .table import handlers


@cache
def _handler(path: str) -> Callable[..., Any]:
    module, _, name = path.rpartition(".")
    return getattr(import_module(f".{module}", __package__), name)


def applied(path: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function returns; InvalidTypeError for one that is not defined on RaggedTensors."""
    found = handlers().get(path)
    if found is None:
        name = path.rpartition(".")[2]
        raise InvalidTypeError(f"{name}: it is not defined on a RaggedTensor; its to_tensor() is a tensor")
    handler, count = found
    if count:
        return _handler(handler)(function, args, kwargs, count)
    return _handler(handler)(*args, **kwargs)
