"""xDSL's parser, with places: of every op, and of what is wrong."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from xdsl.dialects.builtin import FileLineColLoc, IntAttr, LocationAttr, StringAttr, UnknownLoc
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.utils.mlir_lexer import MLIRTokenKind

from ...dialects.context import make_context
from ..diagnostics import ParseError


class Text:
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


class LocatingParser(Parser):
    """Gives each op that has no location in the text its place in the text, and block arguments that of their op."""

    def __init__(self, text: Text, name: str):
        self._text, self._start = text, 0
        super().__init__(make_context(), text.content, name)

    def parse_operation(self) -> Operation:
        """xDSL's, with a location for the op and its block arguments."""
        start = self._start = self.pos
        op = super().parse_operation()
        if isinstance(op.location, UnknownLoc):
            op.location = self._text.place(start)
        for argument in (a for region in op.regions for block in region.blocks for a in block.args):
            if isinstance(argument.location, UnknownLoc):
                argument.location = op.location
        return op

    def parse_comma_separated_list(
        self, delimiter: Parser.Delimiter, parse: Callable[[], Any], context_msg: str = ""
    ) -> list[Any]:
        """xDSL's, but for what its `linalg.generic` prints and does not read: several results, `-> (type, type)`."""
        is_results = delimiter is Parser.Delimiter.NONE and parse == self.parse_attribute
        if is_results and self._current_token.kind is MLIRTokenKind.L_PAREN:
            delimiter = Parser.Delimiter.PAREN
        return super().parse_comma_separated_list(delimiter, parse, context_msg)

    def _get_op_by_name(self, name: str) -> type[Operation]:
        """xDSL's, with the caret below the name rather than behind it."""
        found = self.ctx.get_optional_op(name, dialect_stack=self._parser_state.dialect_stack)
        if found is None:
            start = self._text.content.index(name, self._start)
            self.raise_error(f"there is no op '{name}'", start, start + len(name))
        return found
