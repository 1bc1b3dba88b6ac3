"""xDSL's parser, with places: of every op, and of what is wrong."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from xdsl.dialects.builtin import AnyFloat, FileLineColLoc, IntAttr, LocationAttr, StringAttr, UnknownLoc
from xdsl.ir import Operation
from xdsl.parser import AttrParser, Parser
from xdsl.utils.mlir_lexer import MLIRTokenKind, StringLiteral

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


class _Bits(Parser._TensorLiteralElement):
    """An element written as `0x7F800000`: among floats these are the bits, as they are in a scalar."""

    def to_type(self, parser: AttrParser, type: Any) -> Any:
        """The element as a value of `type`."""
        if not isinstance(type, AnyFloat):
            return super().to_type(parser, type)
        assert isinstance(self.value, int)
        try:
            return next(iter(type.iter_unpack(self.value.to_bytes(type.compile_time_size, "little"))))
        except OverflowError:
            parser.raise_error(f"more bits than {type} has", at_position=self.span)


class LocatingParser(Parser):
    """xDSL's parser, that gives each op without a location its place in the text and reads all that xDSL prints."""

    def __init__(self, text: Text, name: str):
        self._text, self._start = text, 0
        super().__init__(make_context(), text.content, name)

    def parse_operation(self) -> Operation:
        """xDSL's, with a location."""
        start = self._start = self.pos
        op = super().parse_operation()
        if isinstance(op.location, UnknownLoc):
            op.location = self._text.place(start)
        return op

    @property
    def start(self) -> int:
        """Where the op starts that was begun last."""
        return self._start

    def parse_comma_separated_list(
        self, delimiter: Parser.Delimiter, parse: Callable[[], Any], context_msg: str = ""
    ) -> list[Any]:
        """xDSL's, but for what its `linalg.generic` prints and does not read: several results, `-> (type, type)`."""
        is_results = delimiter is Parser.Delimiter.NONE and parse == self.parse_attribute
        if is_results and self._current_token.kind is MLIRTokenKind.L_PAREN:
            delimiter = Parser.Delimiter.PAREN
        return super().parse_comma_separated_list(delimiter, parse, context_msg)

    def parse_optional_str_literal(self) -> str | None:
        """xDSL's, and strings that are not ASCII, which xDSL prints with escapes and reads back as bytes."""
        found = super().parse_optional_str_literal()
        if found is None and self._current_token.kind is MLIRTokenKind.BYTES_LIT:
            try:
                found = StringLiteral.from_span(self._current_token.span).bytes_contents.decode()  # pyright: ignore
            except UnicodeDecodeError:
                return None
            self._consume_token(MLIRTokenKind.BYTES_LIT)
        return found

    def _parse_tensor_literal_element(self) -> Parser._TensorLiteralElement:
        """xDSL's, that remembers whether a number was written as bits."""
        is_bits = self._current_token.text[:2] in ("0x", "0X")
        element = super()._parse_tensor_literal_element()
        return _Bits(element.is_negative, element.value, element.span) if is_bits else element

    def _get_op_by_name(self, name: str) -> type[Operation]:
        """xDSL's, with the caret below the name rather than behind it."""
        found = self.ctx.get_optional_op(name, dialect_stack=self._parser_state.dialect_stack)
        if found is None:
            start = self._text.content.index(name, self._start)
            self.raise_error(f"there is no op '{name}'", start, start + len(name))
        return found
