"""The IR as text: printed with or without the user's lines, and read back with errors that show the place."""

from __future__ import annotations

from io import StringIO

from xdsl.dialects.builtin import ModuleOp, UnknownLoc
from xdsl.ir import Operation
from xdsl.printer import Printer
from xdsl.utils import exceptions as xdsl_errors

from ..diagnostics import ParseError
from ..pipeline.verification import first_invalid
from .mlir_parser import LocatingParser, Text


class _LocationPrinter(Printer):
    """Prints the location of each op once, after the op.

    xDSL's own switch for it (`print_debuginfo`) prints a location wherever an op prints its type, which for ops such
    as `scf.while` is in the middle and cannot be read back.
    """

    def print_op(self, op: Operation) -> None:
        """xDSL's, followed by the location."""
        super().print_op(op)
        self.print_string(" ")
        self.print_attribute(op.location)


def print_module(module: ModuleOp, *, locations: bool = False) -> str:
    """The text of a module, which `parse_module` reads back.

    Args:
        module: any module.
        locations: whether each op is followed by its location, `loc("program.py":3:4)`.
    """
    stream = StringIO()
    (_LocationPrinter if locations else Printer)(stream).print_op(module)
    return stream.getvalue() + "\n"


def parse_module(text: str, name: str) -> ModuleOp:
    """The module that a text says, verified; ops without a location get their place in the text.

    Args:
        text: IR of any level. Ops outside of a `builtin.module` are put into one.
        name: the name of the file, for locations and errors.

    Raises:
        ParseError: when the text is not IR (the message shows file, line and caret) or not valid.
    """
    source = Text(text, name)
    parser = None
    try:
        parser = LocatingParser(source, name)
        module = parser.parse_module()
    except xdsl_errors.ParseError as error:
        message = error.msg.strip() if text.strip() else "the text has no op"
        raise source.error(message, error.span.start, error.span.end) from None
    except Exception as error:  # ops check their parts while they are parsed, each with errors of its own
        position = parser.pos if parser is not None else 0
        raise source.error(" ".join(str(error).split()) or type(error).__name__, position, position + 1) from error
    if isinstance(module.location, UnknownLoc):
        module.location = source.place(0)
    wrong = first_invalid(module)
    if wrong is not None:
        raise ParseError(f"'{wrong.op.name}' is not valid: {wrong.message}", location=wrong.op.location)
    return module
