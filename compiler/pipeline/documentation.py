"""What a pass is, for people: its docstring, its options, its levels."""

from __future__ import annotations

import dataclasses
import inspect

from xdsl.passes import ModulePass

from .base import Pass
from .options import Option, options_of


def summary(class_: type[ModulePass]) -> str:
    """The first line of a pass's docstring."""
    return inspect.cleandoc(class_.__doc__ or "").split("\n", 1)[0]


def help_text(class_: type[ModulePass]) -> str:
    """Everything there is to say about a pass."""
    parts = [class_.name, inspect.cleandoc(class_.__doc__ or "")]
    options = options_of(class_)
    if options:
        parts.append("Options:\n\n" + "\n".join(f"    {_option_text(option)}" for option in options))
    parts.append("\n".join(_facts(class_)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _option_text(option: Option) -> str:
    if option.default is dataclasses.MISSING:
        return f"{option.name}={option.type_text} (must be given)"
    value = str(option.default).lower() if isinstance(option.default, bool) else option.default
    return f"{option.name}={option.type_text} (default {value})"


def _facts(class_: type[ModulePass]) -> list[str]:
    if not issubclass(class_, Pass):
        return ["A pass of xDSL."]
    exactness = (
        "Results stay the same, bit for bit." if class_.exact else f"Results may differ: {class_.inexact_because}."
    )
    if class_.exact and class_.reorders_sums:
        exactness = "Results stay the same, bit for bit, but for long float sums, which are taken in another order."
    return [
        f"Requires level: {class_.requires or 'any'}.",
        f"Leaves level: {class_.ensures or 'as it was'}.",
        exactness,
    ]
