"""Where a piece of converted code assigns a variable."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType

from ....dialects.locations import Place

_STORES = ("STORE_DEREF", "STORE_FAST", "STORE_GLOBAL", "STORE_NAME")


def assignment_place(function: object, name: str) -> Place | None:
    """The user's place of the last assignment to `name` in a function's code; of the code, where there is none."""
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    lines = list(_assignments(code, "" if name.endswith("]") else name.split(".")[-1]))
    return Place(code.co_filename, lines[-1] if lines else code.co_firstlineno)


def _assignments(code: CodeType, name: str) -> Iterator[int]:
    for instruction in dis.get_instructions(code):
        stores = instruction.opname in _STORES or instruction.opname == "STORE_ATTR"
        found = stores and instruction.argval == name if name else instruction.opname == "STORE_SUBSCR"
        if found and instruction.positions is not None:
            yield instruction.positions.lineno or code.co_firstlineno
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and not constant.co_name.startswith("set_state"):
            yield from _assignments(constant, name)
