"""`python -m support.fuzz MINUTES [gradients]`: fuzz with all cores, then print what was seen.

With `gradients` only Python programs with loops are tried, which are differentiated.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stepwell.dialects.hl.registry import OPS

from ..gradient_checks import CHECKS
from .check import COMPARED
from .log import FOLDER, Log, total
from .workers import run

CORPUS = Path(".stepwell-fuzz")
"""Where the corpus and the logs of runs are kept."""


SHOWN = 10
"""How many mismatches are shown; all are in the logs."""


def summary(log: Log, seconds: float) -> str:
    """The tables of what was seen in so many seconds."""
    lines = [f"mismatches: {len(log.mismatches)}"]
    if log.programs:
        pace = f"({log.programs / max(seconds, 1e-9):.1f} a second)"
        lines = [f"programs tried: {log.programs} in {seconds:.0f} s {pace}", *lines, "", *_ways(log)]
    if log.differentiated:
        lines.append(f"\nprograms with loops differentiated: {log.differentiated} in {seconds:.0f} s")
        lines.append("points at which their derivatives agree:")
        lines += [f"{way:<40}{log.gradients[way]:>10}" for way in CHECKS]
    for found in log.mismatches[:SHOWN]:
        lines.append(f"\nMISMATCH {found['way']}: {found['problem']}\n{found['program']}")
    return "\n".join(lines)


def _ways(log: Log) -> list[str]:
    """The table of the ways that programs went, and what stood in them."""
    lines = [f"{'way':<24}{'runs':>10}{'unsupported':>13}{'ops':>12}{'ops x dtypes':>14}"]
    for way in COMPARED:
        kinds = [key.split(" ", 2) for key in log.seen if key.endswith(f" {way}")]
        ops = len({name for name, _, _ in kinds})
        lines.append(
            f"{way:<24}{log.runs[way]:>10}{log.unsupported[way]:>13}{f'{ops} of {len(OPS)}':>12}{len(kinds):>14}"
        )
    lines.append(f"\ndtypes: {', '.join(sorted({key.split()[1] for key in log.seen}))}")
    never = sorted(set(OPS) - {key.split()[0] for key in log.seen})
    lines.append(f"ops never seen: {', '.join(never) or 'none'}")
    return lines


def main() -> int:
    """Fuzz for the given number of minutes."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    folder = CORPUS / time.strftime("%Y-%m-%d-%H%M%S")
    folder.mkdir(parents=True)
    os.environ[FOLDER] = str(folder.resolve())
    os.environ["STEPWELL_TEST_EFFORT"] = "1"  # with less, examples are the same each time, and no corpus is kept
    started = time.monotonic()
    complaint = run(folder, 60 * minutes, gradients="gradients" in sys.argv[2:])
    log = total(folder)
    print(summary(log, time.monotonic() - started))
    if complaint is not None:
        print(f"\nTHE GUIDED WORKER did not run to the end: it {complaint} ({folder / 'guided.txt'})")
    return 1 if log.mismatches or not log.programs + log.differentiated else 0


if __name__ == "__main__":
    sys.exit(main())
