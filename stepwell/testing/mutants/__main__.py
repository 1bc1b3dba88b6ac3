"""`python -m stepwell.testing.mutants`: plants every mutant in turn, and prints which the validator notices."""

from __future__ import annotations

import os
import sys

from .catalogue import MUTANTS
from .mutant import EXAMPLES, Outcome, run_all

GOAL = 0.95
"""The share of mutants that has to be noticed."""


def _table(outcomes: list[Outcome]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("mutant", "planted in", "validated", "noticed", "programs", "how")
    for outcome in outcomes:
        mutant = outcome.mutant
        table.add_row(
            mutant.name,
            mutant.module,
            mutant.passes,
            "yes" if outcome.caught else "NO",
            str(outcome.programs),
            outcome.problem[:70] if outcome.caught else outcome.problem[-200:],
        )
    console = Console()
    Console(width=max(console.width, 170)).print(table)


def main() -> int:
    """Run those whose name, module or pass contains an argument; all without arguments."""
    wanted = sys.argv[1:]
    mutants = [m for m in MUTANTS if not wanted or any(w in f"{m.name} {m.module} {m.passes}" for w in wanted)]
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
