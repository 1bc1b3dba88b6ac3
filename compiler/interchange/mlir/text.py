"""The IR as text: printed with or without the user's lines, and read back with errors that show the place."""

from __future__ import annotations

from io import StringIO
from typing import Any

from xdsl.dialects.builtin import ModuleOp, UnknownLoc
from xdsl.ir import Operation, Region
from xdsl.printer import Printer
from xdsl.utils import exceptions as xdsl_errors

from ....dialects.diagnostics import ParseError, UnsupportedError
from ....dialects.recursion import deep_recursion
from ...pipeline.verification import first_invalid
from .parser import Budget, LocatingParser, Text

NESTED = "the program is nested too deeply"
"""What is said of regions, types or attributes that are more levels deep than Python can go down."""


class _Printer(Printer):
    """Prints what can be read back: xDSL leaves out the end of a region that it does not put there when it reads it."""

    def print_region(self, region: Region, *args: Any, **options: Any) -> None:
        """xDSL's, with the terminator of `scf.execute_region`."""
        if region.parent is not None and region.parent.name == "scf.execute_region":
            options["print_block_terminators"] = True
        super().print_region(region, *args, **options)


class _LocationPrinter(_Printer):
    """Prints the location of each op once, after the op.

    xDSL's own switch for it (`print_debuginfo`) prints a location wherever an op prints its type, which for ops such
    as `scf.while` is in the middle and cannot be read back.
    """

    def print_op(self, op: Operation) -> None:
        """xDSL's, followed by the location."""
        super().print_op(op)
        self.print_string(" ")
        self.print_attribute(op.location)

    def print_region(self, region: Region, *args: object, **options: object) -> None:
        """xDSL's, with the terminators that could be left out: they have locations, too."""
        super().print_region(region, *args, **{**options, "print_block_terminators": True})


@deep_recursion()
def print_module(module: ModuleOp, *, locations: bool = False) -> str:
    """The text of a module, which `parse_module` reads back.

    Args:
        module: any module.
        locations: whether each op is followed by its location, `loc("program.py":3:4)`.

    Raises:
        UnsupportedError: when regions, types or attributes are nested too deeply.
    """
    stream = StringIO()
    try:
        (_LocationPrinter if locations else _Printer)(stream).print_op(module)
    except RecursionError:
        raise UnsupportedError(NESTED) from None
    return stream.getvalue() + "\n"


@deep_recursion()
def parse_module(text: str, name: str, budget: Budget | None = None) -> ModuleOp:
    """The module parsed from a text, verified; ops without a location get theirs in the text.

    Args:
        text: IR of any level. Ops outside of a `builtin.module` are put into one.
        name: the name of the file, for locations and errors.
        budget: how large constants may be that are written as one element.

    Raises:
        ParseError: when the text is not IR (the message shows file, line and caret) or not valid.
    """
    source = Text(text, name)
    parser = None
    try:
        parser = LocatingParser(source, name, budget or Budget())
        module = parser.parse_module()
    except xdsl_errors.ParseError as error:
        raise _explained(error, source) from None
    except MemoryError:
        raise
    except RecursionError:
        raise source.error(NESTED, *_at(parser)) from None
    except Exception as error:  # ops check their parts while they are parsed, each with errors of its own
        raise source.error(" ".join(str(error).split()) or type(error).__name__, *_at(parser)) from error
    _locate_implicit(module, source)
    wrong = first_invalid(module)
    if wrong is not None:
        raise ParseError(f"'{wrong.op.name}' is not valid: {wrong.message}", location=wrong.op.location)
    return module


def _at(parser: LocatingParser | None) -> tuple[int, int]:
    """The part of the text that the parser was reading."""
    return (parser.start, parser.pos) if parser is not None else (0, 1)


def _explained(error: xdsl_errors.ParseError, source: Text) -> ParseError:
    text, start = source.content, error.span.start
    if not text.strip():
        return source.error("the text has no op", 0, 0)
    message = error.msg.strip()
    if start >= len(text.rstrip()):
        message = f"the text ends too early: {message}"
    return source.error(message, start, error.span.end)


def _locate_implicit(module: ModuleOp, source: Text) -> None:
    """What the text leaves out has the location of what it is in: terminators, hidden bodies, block arguments."""
    if isinstance(module.location, UnknownLoc):
        module.location = source.place(0)
    for op in module.walk():
        parent = op.parent_op()
        if isinstance(op.location, UnknownLoc) and parent is not None:
            op.location = parent.location
        for argument in (argument for region in op.regions for block in region.blocks for argument in block.args):
            if isinstance(argument.location, UnknownLoc):
                argument.location = op.location
