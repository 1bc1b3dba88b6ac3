"""Pipelines as text: `a,b{option=value},func.func(c,d)` taken apart, with errors that show the place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.utils.arg_spec import ArgSpec, parse_pipeline
from xdsl.utils.exceptions import ArgSpecParseError

from ...dialects.diagnostics import PipelineError


@dataclass(frozen=True)
class Nested:
    """`anchor(inner)`: passes that run on each op of one name.

    Attributes:
        anchor: the name of the op: `func.func`.
        inner: what runs on it.
    """

    anchor: str
    inner: tuple[Element, ...]


Element = ArgSpec | Nested
"""A pass with its options (or a named pipeline), or passes that are nested."""

_SPACED = re.compile(r'("(?:\\.|[^"\\])*")|\s*([,{}()=])\s*')
"""A quoted string, or a sign that may have spaces around it."""
_PIECE = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|.', re.DOTALL)
"""What signs have no meaning in, or one character."""
_ANCHOR = re.compile(r"[\w.-]+")


def elements(text: str) -> tuple[Element, ...]:
    """The elements of a pipeline; PipelineError, with a caret below the error, for invalid text.

    Example:
        >>> [str(element) for element in elements("canonicalize, fold-constants{max-elements=4}")]
        ['canonicalize', 'fold-constants{max-elements=4}']
        >>> elements("func.func(cse)")
        (Nested(anchor='func.func', inner=(ArgSpec(name='cse', parameters={}),)),)
    """
    text = _SPACED.sub(lambda match: match[1] or match[2], text.strip())
    return _Reader(text).elements(0, len(text))


@dataclass(frozen=True)
class _Reader:
    """Reads parts of a text."""

    text: str

    def elements(self, start: int, end: int) -> tuple[Element, ...]:
        if start == end:
            return ()
        return tuple(self._element(*part) for part in self._parts(start, end))

    def _parts(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the elements stand that commas separate."""
        depth, opened, first = 0, start, start
        for match in _PIECE.finditer(self.text, start, end):
            sign, at = match[0], match.start()
            if sign in "({":
                opened = at if depth == 0 else opened
                depth += 1
            elif sign == ")" and depth == 0:
                raise self._error("there is no '(' for this", at)
            elif sign in ")}":
                depth -= 1
            elif sign == "," and depth == 0:
                yield first, at
                first = at + 1
        if depth > 0 and self.text[opened] == "(":
            raise self._error("there is no ')' for this", opened)
        yield first, end

    def _element(self, start: int, end: int) -> Element:
        if start == end:
            after = start > 0 and self.text[start - 1] == ","
            raise self._error("a pass is missing" + (" after the comma" if after else ""), start)
        anchor = _ANCHOR.match(self.text, start, end)
        if anchor is None or not self.text.startswith("(", anchor.end(), end):
            return self._pass(start, end)
        close = self._close(anchor.end(), end)
        if close != end - 1:
            raise self._error("expected a comma", close + 1)
        return Nested(anchor[0], self.elements(anchor.end() + 1, close))

    def _close(self, start: int, end: int) -> int:
        """Where the parenthesis is closed that is opened at `start`."""
        depth = 0
        for match in _PIECE.finditer(self.text, start, end):
            depth += {"(": 1, ")": -1}.get(match[0], 0)
            if depth == 0:
                return match.start()
        raise self._error("there is no ')' for this", start)

    def _pass(self, start: int, end: int) -> ArgSpec:
        """What xDSL reads, and its errors shown in the whole text."""
        try:
            (found,) = parse_pipeline(self.text[start:end])
        except ArgSpecParseError as error:
            _, place, _, caret, *message = str(error).split("\n")
            what = " ".join(message).strip().removesuffix(" here")
            column = max(len(caret) - len(caret.lstrip()), int(place.rsplit(":", 1)[1]) - 1)
            raise self._error(f"{what[:1].lower()}{what[1:]}", start + column) from None
        return found

    def _error(self, message: str, at: int) -> PipelineError:
        return PipelineError(f"cannot read the pipeline: {message}\n{self.text}\n{' ' * at}^")
