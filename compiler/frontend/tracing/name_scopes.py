"""Name scopes: what stands before the names of Variables and modules that are made inside of them."""

from __future__ import annotations

import re
import threading

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public


class _Scopes(threading.local):
    def __init__(self) -> None:
        self.names: list[str] = [""]


_scopes = _Scopes()


def scope_prefix() -> str:
    """What stands before names that are made now, such as `"layer/"`; empty outside of scopes."""
    return _scopes.names[-1]


@public(top=True)
class name_scope:
    """A context in which the names of Variables and modules begin with `name`; scopes nest.

    Operations need no names: each knows the line of the program that it is from. A `name` that ends in `/` does not
    nest: it is that of a scope to enter again.

    Args:
        name: the name; an empty one leaves all scopes.

    Raises ValueError for what is no text.

    Example:
        >>> import stepwell as sw
        >>> with sw.name_scope("layer") as scope:
        ...     print(scope, sw.Variable(1.0, name="w").name)
        layer/ layer/w:0
    """

    def __init__(self, name: str):
        if not isinstance(name, str):
            raise InvalidArgumentError(f"name_scope: name: expected a text, got {name!r}")
        self._name = name

    @property
    def name(self) -> str:
        """The name that it was made with."""
        return self._name

    def __enter__(self) -> str:
        name = self._name
        scope = "" if not name else name if name.endswith("/") else f"{_scopes.names[-1]}{name}/"
        _scopes.names.append(scope)
        return scope

    def __exit__(self, *_: object) -> None:
        _scopes.names.pop()


def snake_case(name: str) -> str:
    """The name of a class as a module's, as TensorFlow forms it.

    Example:
        >>> snake_case("MyModule"), snake_case("HTTPServer2D")
        ('my_module', 'http_server2_d')
    """
    return re.sub(r"((?<=[a-z0-9])[A-Z]|(?!^)(?<!_)[A-Z](?=[a-z]))", r"_\1", name).lower()
