"""`python -m support.bugs [WORD …]`: plants bugs, one at a time, and prints what each tool made of them.

A word chooses the bugs whose name, place or tool contains it; all without words.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

from .bug import EXAMPLES, Outcome, run_all

GOALS = {"validate": 0.95, "tests": 0.95, "reduce": 1.0, "bisect": 1.0}
"""The share of bugs that each tool has to deal with; `validate` and `tests` together."""


def _table(outcomes: list[Outcome]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("bug", "planted in", "tool", "noticed", "took", "how")
    for outcome in outcomes:
        bug, answer = outcome.bug, outcome.answer
        took = f"{answer.spent} {bug.unit}"
        how = answer.how[:70] if answer.noticed else answer.how[-200:]
        table.add_row(bug.name, bug.where, bug.tool, "yes" if answer.noticed else "NO", took, how)
    console = Console()
    Console(width=max(console.width, 170)).print(table)


def main() -> int:
    """Run them, print the table; 1 where a tool missed its goal."""
    from .catalogue import BUGS  # not in the processes of the bugs: it imports what is to be changed in them

    words = sys.argv[1:]
    texts = {bug: f"{bug.name} {bug.where} {bug.tool}" for bug in BUGS}
    chosen = [bug for bug in BUGS if not words or any(word in texts[bug] for word in words)]
    outcomes = []
    for outcome in run_all(chosen, os.cpu_count() or 1):
        outcomes.append(outcome)
        print("noticed" if outcome.answer.noticed else "ESCAPED", outcome.bug.name, flush=True)
    _table(outcomes)
    enough = [_summary(tools, outcomes) for tools in (("validate", "tests"), ("reduce",), ("bisect",))]
    return 0 if all(enough) else 1


def _summary(tools: tuple[str, ...], outcomes: list[Outcome]) -> bool:
    """Print how many bugs some tools noticed; whether these are enough."""
    found = Counter(outcome.answer.noticed for outcome in outcomes if outcome.bug.tool in tools)
    count = found.total()
    if not count:
        return True
    within = f" within {EXAMPLES} programs" if "validate" in tools else ""
    print(f"{' and '.join(tools)}: {found[True]} of {count} bugs noticed{within}: {found[True] / count:.1%}")
    return found[True] >= GOALS[tools[0]] * count


if __name__ == "__main__":
    sys.exit(main())
