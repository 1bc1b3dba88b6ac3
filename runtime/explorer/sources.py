"""The user's source: the functions that a program comes from, with their lines, coloured."""

from __future__ import annotations

import ast
import io
import keyword
import linecache
import os
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...dialects.locations import Place

CONTEXT = 5
"""How many lines are shown around a line, where the text is no Python."""

Span = tuple[int, int, str]
"""From this column, this many characters, of a class: k(eyword), s(tring), n(umber), c(omment), f(unction's name)."""


@dataclass(frozen=True)
class SourceLine:
    """A line of a file: its number, its text, and what is coloured in it."""

    number: int
    text: str
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class SourceFile:
    """What is shown of a file.

    Attributes:
        file: its name in locations.
        name: its name for people.
        kind: `"python"`, `"mlir"`, or `"missing"` for a file that cannot be read, whose lines have no text.
        lines: the lines that are shown; numbers may leave gaps.
    """

    file: str
    name: str
    kind: str
    lines: tuple[SourceLine, ...]


def read_sources(places: Iterable[Place]) -> tuple[SourceFile, ...]:
    """The files that `places` are in, in the order in which they first occur, and in them what is around each place."""
    lines: dict[str, set[int]] = {}
    for place in places:
        lines.setdefault(place.file, set()).add(place.line)
    names = _names(list(lines))
    return tuple(_read(file, names[file], wanted) for file, wanted in lines.items())


def _read(file: str, name: str, wanted: set[int]) -> SourceFile:
    texts = [text.rstrip("\r\n") for text in linecache.getlines(file)]
    if not texts:
        return SourceFile(file, name, "missing", tuple(SourceLine(number, "") for number in sorted(wanted)))
    if file.endswith(".mlir"):
        return SourceFile(file, name, "mlir", tuple(SourceLine(n, text) for n, text in enumerate(texts, 1)))
    shown = sorted(number for number in _around(texts, wanted) if 1 <= number <= len(texts))
    spans = _spans(texts)
    lines = tuple(SourceLine(number, texts[number - 1], tuple(spans.get(number, ()))) for number in shown)
    return SourceFile(file, name, "python", lines)


def _names(files: list[str]) -> dict[str, str]:
    """A short name for each file: below the current folder the path from there, else the name, as long as it is one."""
    short = {}
    for file in files:
        relative = os.path.relpath(file) if os.path.isabs(file) else file
        short[file] = os.path.basename(file) if relative.startswith(os.pardir) else relative
    taken = list(short.values())
    return {file: name if taken.count(name) == 1 else file for file, name in short.items()}


def _around(texts: list[str], wanted: set[int]) -> set[int]:
    """The lines of the functions, or else statements, that hold the wanted lines, and of the heads of their classes."""
    try:
        tree = ast.parse("\n".join(texts))
    except (SyntaxError, ValueError):
        return {n for line in wanted for n in range(line - CONTEXT, line + CONTEXT + 1)}
    shown: set[int] = set(wanted)
    for first, last in _blocks(tree.body, wanted):
        shown.update(range(first, last + 1))
    return shown


def _blocks(body: list[ast.stmt], wanted: set[int]) -> Iterator[tuple[int, int]]:
    for statement in body:
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        last = statement.end_lineno or statement.lineno
        if wanted.isdisjoint(range(first, last + 1)):
            continue
        if isinstance(statement, ast.ClassDef):
            yield first, statement.lineno
            yield from _blocks(statement.body, wanted)
        else:
            yield first, last


def _spans(texts: list[str]) -> dict[int, list[Span]]:
    """What is coloured in each line; nothing after what cannot be read."""
    found: dict[int, list[Span]] = {}
    previous = ""
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(texts) + "\n").readline):
            class_ = _class(token, previous)
            if class_:
                for number, start, end in _pieces(token, texts):
                    found.setdefault(number, []).append((start, end - start, class_))
            previous = token.string
    except (tokenize.TokenError, SyntaxError, IndentationError):
        pass
    return found


def _class(token: tokenize.TokenInfo, previous: str) -> str:
    if token.type == tokenize.NAME:
        if previous in ("def", "class"):
            return "f"
        return "k" if keyword.iskeyword(token.string) else ""
    if token.type == tokenize.COMMENT:
        return "c"
    if token.type == tokenize.NUMBER:
        return "n"
    return "s" if "STRING" in tokenize.tok_name[token.type] else ""


def _pieces(token: tokenize.TokenInfo, texts: list[str]) -> Iterator[tuple[int, int, int]]:
    """The parts of a token, line by line: number, first column, column after the last."""
    (first, start), (last, end) = token.start, token.end
    for number in range(first, last + 1):
        length = len(texts[number - 1]) if number <= len(texts) else 0
        yield number, start if number == first else 0, end if number == last else length
