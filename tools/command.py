"""A subcommand whose options are the fields of a dataclass."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

OptionsT = TypeVar("OptionsT")


def with_options(options: type[OptionsT]) -> Callable[[Callable[[OptionsT], None]], Callable[..., None]]:
    """Turns a function of one object, whose fields are the options, into one that Typer takes: of one parameter each.

    Args:
        options: a dataclass whose fields are annotated as Typer's parameters are, all with defaults.

    Example:
        >>> @dataclasses.dataclass
        ... class Greeting:
        ...     name: str = "you"
        >>> @with_options(Greeting)
        ... def greet(options):
        ...     print("hello,", options.name)
        >>> greet(name="all")
        hello, all
    """

    def decorate(run: Callable[[OptionsT], None]) -> Callable[..., None]:
        hints = get_type_hints(options, include_extras=True)
        parameters = [
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
            )
            for field in dataclasses.fields(options)  # pyright: ignore[reportArgumentType]
        ]

        def command(**values: Any) -> None:
            run(options(**values))

        command.__name__, command.__doc__ = run.__name__, run.__doc__
        command.__signature__ = inspect.Signature(parameters)  # pyright: ignore[reportFunctionMemberAccess]
        command.__annotations__ = hints
        return command

    return decorate
