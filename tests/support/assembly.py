"""Machine code as text: its innermost loops, and what in them moves vectors to the stack."""

from __future__ import annotations

import re
from collections.abc import Iterator

SPILL = re.compile(r"(?=.*(\(%rsp|\[sp\b))(?=.*(%[xyz]mm\d|\b[qv]\d))")
"""A vector moved to or from the stack; a loop's bound may lie there."""


def innermost_loops(assembly: str) -> Iterator[list[str]]:
    """Blocks of machine code that jump to their own start."""
    label: str | None = None
    block: list[str] = []
    for line in assembly.splitlines():
        code = line.split("#")[0].split("//")[0].strip()
        if code.endswith(":"):
            label, block = code[:-1], []
        elif code and not code.startswith("."):
            block.append(code)
            if label is not None and re.match(rf"(j[a-z]+|b\.?[a-z]*)\s+{re.escape(label)}$", code):
                yield block
