"""`python -m support.proofs [SECONDS]`: prove every rewrite, print the table, fail if one is refuted."""

from __future__ import annotations

import sys
from collections import Counter

from rich.console import Console

from .prove import SECONDS
from .table import as_table, rows


def main(arguments: list[str]) -> int:
    """Print the table; 1 if a rewrite is refuted, else 0."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    seconds = float(arguments[0]) if arguments else SECONDS
    found = []
    for row in rows(seconds=seconds):
        found.append(row)
        print(f"{row.pattern} on {row.op}: {row.status}", file=sys.stderr, flush=True)
    console.print(as_table(found))
    counts = Counter(row.status for row in found)
    console.print(", ".join(f"{count} {status}" for status, count in counts.items()))
    return int(counts["refuted"] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
