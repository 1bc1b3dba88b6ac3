"""A pass from its text: options are checked against the pass's fields, with errors that name what is expected."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType
from typing import Any, get_args, get_type_hints

from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec
from xdsl.utils.hints import isa

from ...dialects.diagnostics import PipelineError


@dataclass(frozen=True)
class Option:
    """An option of a pass.

    Attributes:
        name: as written in a pipeline: `max-elements`.
        field: the name of the dataclass's field.
        type: the type of its value.
        default: the value when it is not given; `dataclasses.MISSING` for an option that must be given.
    """

    name: str
    field: str
    type: Any
    default: object

    @property
    def type_text(self) -> str:
        """The type for people: `int`, `tuple[int, ...]`."""
        return self.type.__name__ if isinstance(self.type, type) else str(self.type)

    def convert(self, values: Sequence[object]) -> object:
        """The value of `name=values`; ValueError if it has another type."""
        if not values and self.type is bool:
            return True
        if not values and NoneType in get_args(self.type):
            return None
        if len(values) == 1 and isa(values[0], self.type):
            return values[0]
        if len(values) == 1 and self.type is float and isa(values[0], int):
            return float(values[0])
        if values and isa(tuple(values), self.type):
            return tuple(values)
        raise ValueError(f"expected {self.type_text}, got {','.join(map(_text, values)) or 'no value'}")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def options_of(class_: type[ModulePass]) -> tuple[Option, ...]:
    """The options of a class of passes, in order."""
    types = get_type_hints(class_)
    return tuple(
        Option(field.name.replace("_", "-"), field.name, types[field.name], _default(field))
        for field in dataclasses.fields(class_)
        if field.init and field.name != "name"
    )


def _default(field: dataclasses.Field[object]) -> object:
    return field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default


def make_pass(class_: type[ModulePass], spec: ArgSpec) -> ModulePass:
    """The pass with the options of `spec`; PipelineError naming pass, option and what was expected."""
    known = {option.name: option for option in options_of(class_)}
    values: dict[str, Any] = {}
    for written, given in spec.parameters.items():
        option = known.get(written.replace("_", "-"))
        if option is None:
            raise _unknown(spec.name, written, list(known))
        try:
            values[option.field] = option.convert(given)
        except ValueError as error:
            raise PipelineError(f"pass '{spec.name}': option '{option.name}': {error}") from None
    for option in known.values():
        if option.default is dataclasses.MISSING and option.field not in values:
            raise PipelineError(f"pass '{spec.name}': option '{option.name}' ({option.type_text}) is missing")
    try:
        return class_(**values)
    except (TypeError, ValueError) as error:
        raise PipelineError(f"pass '{spec.name}': {error}") from None


def _unknown(pass_name: str, option: str, known: Sequence[str]) -> PipelineError:
    near = difflib.get_close_matches(option, known, n=1)
    if near:
        remedy = f"did you mean '{near[0]}'?"
    else:
        remedy = f"its options are {', '.join(known)}" if known else "it has none"
    return PipelineError(f"pass '{pass_name}' has no option '{option}'", remedy=remedy)
