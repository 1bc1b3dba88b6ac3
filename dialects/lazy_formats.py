"""Formats of ops that are read when an op is first parsed or printed, and not when its class is defined.

To read them is a third of what the classes of xDSL's dialects cost, and a program that is only run needs none. xDSL has
no switch for it; so what makes the accessors of an op's class is wrapped here, before any dialect is imported.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from xdsl.irdl import operations
from xdsl.parser import Parser
from xdsl.printer import Printer

DIALECTS = frozenset(
    [
        "arith",
        "bufferization",
        "cf",
        "debug",
        "func",
        "gradient",
        "linalg",
        "llvm",
        "math",
        "memref",
        "scf",
        "simd",
        "state",
        "tensor",
        "vector",
    ]
)
"""The dialects of which this is done: their formats are known to be right. Others are checked when they are defined."""

_accessors: Callable[[operations.OpDef, Any], dict[str, Any]] = operations.get_accessors_from_op_def


def _lazy_accessors(op_def: operations.OpDef, custom_verify: Any) -> dict[str, Any]:
    text = op_def.assembly_format
    if text is None or op_def.name.partition(".")[0] not in DIALECTS:
        return _accessors(op_def, custom_verify)
    op_def.assembly_format = None
    try:
        made = _accessors(op_def, custom_verify)
    finally:
        op_def.assembly_format = text

    @cache
    def program() -> Any:
        from xdsl.irdl.declarative_assembly_format import FormatProgram

        return FormatProgram.from_str(text, op_def)

    def parse(cls: Any, parser: Parser) -> Any:
        return program().parse(parser, cls)

    def print_(self: Any, printer: Printer) -> None:
        program().print(printer, self)

    return {**made, "parse": classmethod(parse), "print": print_}


def install() -> None:
    """Read the formats of the classes that are defined from now on when they are needed."""
    operations.get_accessors_from_op_def = _lazy_accessors
