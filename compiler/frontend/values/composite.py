"""`Composite`: the base of values made of several tensors, and how public functions on tensors are called on them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from ..tracing.tracebacks import trim


class Composite:
    """A value that is made of several tensors, such as a RaggedTensor: no tensor, but functions are defined on it."""

    __slots__ = ()

    def refusal(self) -> str:
        """What it is, and what makes a tensor of it: the end of an error's text."""
        return f"got a {type(self).__name__}"

    def fitted(self, like: Any) -> Any:
        """What means the same and has the structure of `like`, another one of the class; None where there is none."""
        raise NotImplementedError

    def differentiated(self) -> Any:
        """The tensor with respect to which there are gradients."""
        raise NotImplementedError

    def with_gradient(self, gradient: Any) -> Any:
        """What has a gradient with respect to that tensor in its place."""
        raise NotImplementedError

    def printed(self, summarize: int) -> tuple[str | None, dict[str, Any]]:
        """How it is printed: the text, or the parts, if that is known only when a function runs."""
        raise NotImplementedError

    def applied(self, path: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a public function returns that is called with this among its arguments.

        Args:
            path: the module and the name of the function, such as `math.add`.
            function: what is called on tensors.
            args: its arguments.
            kwargs: those given by name.
        """
        raise NotImplementedError


@cache
def dispatching(function: Callable[..., Any], path: str, takes_lists: bool) -> Callable[..., Any]:
    """A public function that leaves calls with a Composite among the arguments to that.

    Args:
        function: what is called on tensors.
        path: see `Composite.applied`.
        takes_lists: whether the arguments may be lists of tensors, so that a Composite may be in one of these.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for value in args:
            if isinstance(value, Composite):
                return _applied(value, path, function, args, kwargs)
        for value in kwargs.values() if kwargs else ():
            if isinstance(value, Composite):
                return _applied(value, path, function, args, kwargs)
        if takes_lists:
            found = _in_lists((*args, *kwargs.values()))
            if found is not None:
                return _applied(found, path, function, args, kwargs)
        try:
            return function(*args, **kwargs)
        except Exception as error:
            trim(error)
            raise

    return call


def _applied(value: Composite, path: str, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    try:
        return value.applied(path, function, args, kwargs)
    except Exception as error:
        trim(error)
        raise


def _in_lists(values: tuple[Any, ...]) -> Composite | None:
    """The first Composite in a list or tuple among the values."""
    for value in values:
        if isinstance(value, list | tuple):
            for item in value:
                if isinstance(item, Composite):
                    return item
    return None
