"""xDSL's lexer, in time that grows with the text: what it tries again and again is tried once."""

from __future__ import annotations

import re

from xdsl.utils.exceptions import ParseError
from xdsl.utils.lexer import Position, Span
from xdsl.utils.mlir_lexer import MLIRLexer, MLIRToken

DIGITS = 1000
"""No number has more digits: an integer of that many has a use in no program, and takes quadratic time to convert."""


class Lexer(MLIRLexer):
    """xDSL's lexer for any text: also for one that is damaged."""

    # xDSL's own, with possessive quantifiers. Without them a string that is not closed is divided among the two stars
    # in every possible way before the match fails: exponential time.
    _unescaped_characters_regex = re.compile(r'"(?:[^"\\\n\v\f]++|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*+"')
    _STARTED = re.compile(_unescaped_characters_regex.pattern[:-1])

    def _lex_string_literal(self, start_pos: Position) -> MLIRToken:
        """xDSL's, with an error at the character that is wrong."""
        if self._unescaped_characters_regex.match(self.input.content, start_pos) is None:
            started = self._STARTED.match(self.input.content, start_pos)
            assert started is not None
            end = started.end()
            if self.input.at(end) == "\\":
                message = 'a backslash in a string is followed by one of ", \\, n and t, or by two hexadecimal digits'
                raise ParseError(Span(end, end + 2, self.input), message)
            raise ParseError(Span(start_pos, end, self.input), "the string is not closed on its line")
        return super()._lex_string_literal(start_pos)

    def _lex_number(self, start_pos: Position) -> MLIRToken:
        """xDSL's, of ASCII's digits and of a length that can be converted."""
        if not self.input.content[start_pos].isascii():
            raise ParseError(Span(start_pos, start_pos + 1, self.input), "unexpected character")
        token = super()._lex_number(start_pos)
        if token.span.len > DIGITS:
            raise ParseError(token.span, f"a number of {token.span.len} characters; there are at most {DIGITS}")
        return token
