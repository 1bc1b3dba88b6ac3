"""`--verify-diagnostics`: the errors and remarks of a text are those that its comments expect, as with `mlir-opt`.

```mlir
// expected-error@+1 {{is not valid}}
%0 = hl.add %x, %y : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
```
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import FileLineColLoc, LocationAttr

_EXPECTED = re.compile(
    r"expected-(?P<kind>error|warning|remark|note)(?P<re>-re)?\s*"
    r"(?:@(?P<at>[+-]\d+|\d+|above|below|unknown))?\s*\{\{(?P<text>.*)\}\}\s*$"
)


@dataclass(frozen=True)
class Diagnostic:
    """Something that was said about a text.

    Attributes:
        kind: `error` or `remark`.
        line: the line of the text that it is about, from 1; None where there is none.
        message: what was said.
    """

    kind: str
    line: int | None
    message: str

    @staticmethod
    def of(kind: str, location: LocationAttr | None, message: str, file: str) -> Diagnostic:
        """A diagnostic at a location; one in another file than the text is about no line of the text."""
        here = isinstance(location, FileLineColLoc) and location.filename.data == file
        return Diagnostic(kind, location.line.data if here else None, message)  # pyright: ignore


@dataclass(frozen=True)
class Expected:
    """What a comment expects.

    Attributes:
        kind: `error`, `warning`, `remark` or `note`.
        line: the line that it must be about; None: of no line of the text.
        text: what the message must contain.
        pattern: the same as a regular expression.
        at: the line of the comment.
    """

    kind: str
    line: int | None
    text: str
    pattern: re.Pattern[str]
    at: int

    def matches(self, found: Diagnostic) -> bool:
        """Whether `found` is what is expected."""
        return (found.kind, found.line) == (self.kind, self.line) and self.pattern.search(found.message) is not None


def expected_diagnostics(text: str) -> list[Expected]:
    """What the comments of a text expect.

    `@+2` and `@-1` count from the line of the comment, `@7` is line 7, `@above` and `@below` are the nearest lines
    without such a comment, `@unknown` is no line. After `expected-error-re`, parts of the text in `{{…}}` are regular
    expressions.
    """
    lines = text.split("\n")
    comments = {number: match for number, line in enumerate(lines, 1) if (match := _EXPECTED.search(line))}
    return [_expected(number, match, comments) for number, match in comments.items()]


def _expected(number: int, match: re.Match[str], comments: Iterable[int]) -> Expected:
    pattern = _pattern(match["text"]) if match["re"] else re.escape(match["text"])
    line = _line(number, match["at"], set(comments))
    return Expected(match["kind"], line, match["text"], re.compile(pattern), number)


def _line(number: int, at: str | None, comments: set[int]) -> int | None:
    if at is None:
        return number
    if at == "unknown":
        return None
    if at in ("above", "below"):
        step = 1 if at == "below" else -1
        number += step
        while number in comments:
            number += step
        return number
    return number + int(at) if at[0] in "+-" else int(at)


def _pattern(text: str) -> str:
    """A regular expression from a text in which parts are ones."""
    parts = re.split(r"\{\{(.*?)\}\}", text)
    return "".join(part if index % 2 else re.escape(part) for index, part in enumerate(parts))


def mismatches(expected: Sequence[Expected], found: Sequence[Diagnostic], file: str) -> list[str]:
    """What was said and not expected, and what was expected and not said; each expects one."""
    left, messages = list(found), []
    for wanted in expected:
        match = next((diagnostic for diagnostic in left if wanted.matches(diagnostic)), None)
        if match is None:
            messages.append(f'{file}:{wanted.at}: error: expected {wanted.kind} "{wanted.text}" was not produced')
        else:
            left.remove(match)
    for diagnostic in left:
        place = file if diagnostic.line is None else f"{file}:{diagnostic.line}"
        messages.append(f"{place}: error: unexpected {diagnostic.kind}: {diagnostic.message}")
    return messages
