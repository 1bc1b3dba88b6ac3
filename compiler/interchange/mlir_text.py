"""The IR as text: printed with or without the user's lines, and read back with errors that show the place."""

from __future__ import annotations

from bisect import bisect_right
from io import StringIO

from xdsl.dialects.builtin import FileLineColLoc, IntAttr, LocationAttr, ModuleOp, StringAttr, UnknownLoc
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils import exceptions as xdsl_errors

from ...dialects.context import make_context
from ..diagnostics import ParseError
from ..pipeline.verification import first_invalid


class _LocationPrinter(Printer):
    """Prints the location of each op once, after the op.

    xDSL's own switch for it (`print_debuginfo`) prints a location wherever an op prints its type, which for ops such
    as `scf.while` is in the middle and cannot be read back.
    """

    def print_op(self, op: Operation) -> None:
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


class _Text:
    """The text of a module, its places, and errors that show them."""

    def __init__(self, content: str, name: str):
        self.content, self._file = content, StringAttr(name)
        self._line_starts = [0, *(i + 1 for i, character in enumerate(content) if character == "\n")]

    def place(self, position: int) -> LocationAttr:
        """The location of a position; lines and columns count from 1."""
        line = bisect_right(self._line_starts, position)
        column = position - self._line_starts[line - 1] + 1
        return FileLineColLoc(self._file, IntAttr(line), IntAttr(column))

    def error(self, message: str, start: int, end: int) -> ParseError:
        """The error that shows the line at `start`, and below it a caret for each character up to `end`."""
        line_start = self._line_starts[bisect_right(self._line_starts, start) - 1]
        line = self.content[line_start:].split("\n", 1)[0]
        width = max(1, min(end, line_start + len(line)) - start)
        indent = "".join("\t" if character == "\t" else " " for character in line[: start - line_start])
        return ParseError(f"{message}\n{line}\n{indent}{'^' * width}", location=self.place(start))


class _LocatingParser(Parser):
    """Gives each op that has no location in the text the place of the op in the text; block arguments, that of their op."""

    def __init__(self, text: _Text, name: str):
        self._text, self._start = text, 0
        super().__init__(make_context(), text.content, name)

    def parse_operation(self) -> Operation:
        start = self._start = self.pos
        op = super().parse_operation()
        if isinstance(op.location, UnknownLoc):
            op.location = self._text.place(start)
        for argument in (a for region in op.regions for block in region.blocks for a in block.args):
            if isinstance(argument.location, UnknownLoc):
                argument.location = op.location
        return op

    def _get_op_by_name(self, name: str) -> type[Operation]:
        """xDSL's, with the caret below the name rather than behind it."""
        found = self.ctx.get_optional_op(name, dialect_stack=self._parser_state.dialect_stack)
        if found is None:
            start = self._text.content.index(name, self._start)
            self.raise_error(f"there is no op '{name}'", start, start + len(name))
        return found


def parse_module(text: str, name: str) -> ModuleOp:
    """The module that a text says, verified; ops without a location get their place in the text.

    Args:
        text: IR of any level. Ops outside of a `builtin.module` are put into one.
        name: the name of the file, for locations and errors.

    Raises:
        ParseError: when the text is not IR (the message shows file, line and caret) or not valid.
    """
    source = _Text(text, name)
    parser = None
    try:
        parser = _LocatingParser(source, name)
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
