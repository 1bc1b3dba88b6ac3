"""xDSL's parser, with places: of every op, and of what is wrong."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import AnyFloat, FileLineColLoc, IntAttr, LocationAttr, StringAttr, UnknownLoc
from xdsl.ir import Attribute, Operation
from xdsl.parser import AttrParser, Parser
from xdsl.parser.generic_parser import ParserState
from xdsl.utils.lexer import Input
from xdsl.utils.mlir_lexer import MLIRTokenKind, StringLiteral

from ....dialects.context import make_context
from ....dialects.diagnostics import ParseError
from .lexer import Lexer

SHOWN = 160
"""How many characters of a line an error shows."""
MESSAGE = 600
"""How many characters an error has beside the line that it shows."""
EXPANSION = 1_000_000
"""How many characters the aliases of a text may represent in all, where that is over a hundred times what it has."""
SPLAT_BYTES = 2**28
"""How many bytes constants may have that are written as one element: all elements are made when they are read."""


@dataclass
class Budget:
    """How many bytes constants may have that are written as one element, in all texts that are read with it."""

    left: int = SPLAT_BYTES

    def take(self, size: int) -> bool:
        """Whether there are that many left, which are taken then."""
        fits = size <= self.left
        self.left -= size if fits else 0
        return fits


class Text:
    """The text of a module, its source locations, and errors that show them."""

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
        line_end = self.content.find("\n", line_start)
        line = self.content[line_start : len(self.content) if line_end < 0 else line_end].removesuffix("\r")
        column = start - line_start
        first = max(0, min(column - SHOWN // 2, len(line) - SHOWN))
        before, after = "… " if first else "", " …" if first + SHOWN < len(line) else ""
        shown = _visible(line[first : first + SHOWN])
        indent = " " * len(before) + "".join("\t" if c == "\t" else " " for c in shown[: column - first])
        carets = "^" * max(1, min(end, line_start + len(line), line_start + first + SHOWN) - start)
        shown = f"{_visible(_cut(message))}\n{before}{shown}{after}\n{indent}{carets}"
        return ParseError(shown, location=self.place(start))


def _cut(message: str) -> str:
    """The message, without the middle of names that fill a page."""
    return message if len(message) <= MESSAGE else f"{message[: MESSAGE // 2]} … {message[-MESSAGE // 2 :]}"


def _visible(text: str) -> str:
    """The text with a sign instead of each character that terminals do not show, or take for a command."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


class _Bits(Parser._TensorLiteralElement):
    """An element written as `0x7F800000`: among floats these are the bits, as they are in a scalar."""

    def to_type(self, parser: AttrParser, type: Any) -> float | int | tuple[float, float] | tuple[int, int]:
        """The element as a value of `type`."""
        if not isinstance(type, AnyFloat):
            return super().to_type(parser, type)
        assert isinstance(self.value, int)
        try:
            return next(iter(type.iter_unpack(self.value.to_bytes(type.compile_time_size, "little"))))
        except OverflowError:
            parser.raise_error(f"more bits than {type} has", at_position=self.span)


class _Aliases(dict[str, Attribute]):
    """Aliases, and how many characters each represents when those in it are written out."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[str, int] = {}
        self.total = 0

    def __getitem__(self, name: str) -> Attribute:
        self.total += self.sizes.get(name, 0)
        return super().__getitem__(name)


class LocatingParser(Parser):
    """xDSL's parser, which sets missing locations to those in the text and reads all that xDSL prints."""

    def __init__(self, text: Text, name: str, budget: Budget):
        self._text, self._start, self._budget = text, 0, budget
        super().__init__(make_context(), "", name)
        self._parser_state = ParserState(Lexer(Input(text.content, name)))
        self.attribute_aliases = self._aliases = _Aliases()
        self._dense_start = 0

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

    def _parse_alias_def(self) -> None:
        """xDSL's; notes the size of what the alias represents, which may double with each alias."""
        start, known, before = self.pos, len(self._aliases), self._aliases.total
        super()._parse_alias_def()
        if len(self._aliases) > known:
            self._aliases.sizes[next(reversed(self._aliases))] = self.pos - start + self._aliases.total - before

    def _parse_extended_type_or_attribute(self, attr_or_dialect_name: str, is_type: bool = True) -> Any:
        """xDSL's, as long as aliases do not represent more than what can be looked through."""
        found = super()._parse_extended_type_or_attribute(attr_or_dialect_name, is_type)
        if self._aliases.total > max(EXPANSION, 100 * len(self._text.content)):
            self.raise_error(f"written out, the aliases are more than {EXPANSION} characters")
        return found

    def parse_dense_int_or_fp_elements_attr(self, type: Any) -> Any:
        """xDSL's; remembers where it starts."""
        self._dense_start = self.pos
        return super().parse_dense_int_or_fp_elements_attr(type)

    def _parse_dense_literal_type(self) -> Any:
        """xDSL's; refuses one element that represents more of them than memory should be taken for."""
        type = super()._parse_dense_literal_type()
        size = math.prod(type.get_shape()) * getattr(type.element_type, "compile_time_size", 8)
        if size > 8 * (self.pos - self._dense_start) and not self._budget.take(size):
            self.raise_error(f"the constant has {size} bytes; written as one element it may have {self._budget.left}")
        return type

    def _get_op_by_name(self, name: str) -> type[Operation]:
        """xDSL's, with the caret below the name rather than behind it."""
        found = self.ctx.get_optional_op(name, dialect_stack=self._parser_state.dialect_stack)
        if found is None:
            start = self._text.content.find(name, self._start)
            place = (start, start + len(name)) if start >= 0 else (self._start, self.pos)  # a name with escapes
            self.raise_error(f"there is no op '{name}'", *place)
        return found
