"""Text of IR with the Python line of each op in a margin, as compilers show source beside machine code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.text import Text

from .colour import coloured

_LOCATION = re.compile(r'\s*loc\((?:unknown|"(?:[^"\\]|\\.)*":(\d+):\d+)\)$')
"""What printing with locations puts behind an op."""


def numbered(text: str) -> list[tuple[int | None, str]]:
    """The lines of IR that was printed with locations, without them, each with the Python line of its op.

    The location of an op with regions follows its last brace; it is that of the lines which open them too.

    Example:
        >>> numbered('a.for {\\n  a.b loc("p.py":3:4)\\n} loc("p.py":2:0)')
        [(2, 'a.for {'), (3, '  a.b'), (2, '}')]
    """
    lines: list[tuple[int | None, str]] = []
    open_: list[list[int]] = []
    for index, line in enumerate(text.rstrip().splitlines()):
        found = _LOCATION.search(line)
        number = int(found[1]) if found and found[1] else None
        bare = line[: found.start()] if found else line
        lines.append((number, bare))
        group = open_.pop() if bare.lstrip().startswith("}") else []
        if bare.endswith("{"):
            open_.append([*group, index])
        else:
            for opener in group:
                lines[opener] = number, lines[opener][1]
    return lines


def listing(lines: Sequence[tuple[int | None, str]]) -> Iterator[Text]:
    """Lines of IR in colour, with the Python line in a margin."""
    for number, line in lines:
        margin = "" if number is None else str(number)
        yield Text.assemble((f"{margin:>4} │ ", "dim"), coloured(line))
