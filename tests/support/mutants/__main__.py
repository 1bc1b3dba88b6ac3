"""`python -m support.mutants`: plants every mutant in turn, and prints which are noticed.

The wrong passes of users are validated too.
"""

from __future__ import annotations

import os
import sys

from .catalogue import MUTANTS
from .mutant import EXAMPLES, Mutant, Outcome, run_all
from .of_users import WRONG_PASSES, WrongPass

GOAL = 0.95
"""The share of mutants that has to be noticed."""


def _table(outcomes: list[Outcome]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("mutant", "planted in", "validated", "noticed", "programs or tests", "how")
    for outcome in outcomes:
        mutant = outcome.mutant
        table.add_row(
            mutant.name,
            mutant.module,
            mutant.passes or "tests",
            "yes" if outcome.caught else "NO",
            str(outcome.programs),
            outcome.problem[:70] if outcome.caught else outcome.problem[-200:],
        )
    console = Console()
    Console(width=max(console.width, 170)).print(table)


def main() -> int:
    """Run those whose name, module or pass contains an argument; all without arguments."""
    wanted = sys.argv[1:]
    named = {each: f"{each.name} {each.module} {each.passes}" for each in MUTANTS}
    users = {each: f"{each.name} a pass of a user" for each in WRONG_PASSES}
    texts: list[tuple[Mutant | WrongPass, str]] = [*named.items(), *users.items()]
    mutants = [each for each, text in texts if not wanted or any(word in text for word in wanted)]
    outcomes = []
    for outcome in run_all(mutants, os.cpu_count() or 1):
        outcomes.append(outcome)
        print("noticed" if outcome.caught else "ESCAPED", outcome.mutant.name, flush=True)
    _table(outcomes)
    caught = sum(outcome.caught for outcome in outcomes)
    print(f"{caught} of {len(outcomes)} mutants noticed within {EXAMPLES} programs: {caught / len(outcomes):.1%}")
    return 0 if caught >= GOAL * len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
