"""`python -m stepwell.testing.fuzz MINUTES`: fuzz with all cores, then print what was seen."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stepwell.dialects.hl import OPS

from .check import COMPARED
from .log import FOLDER, Log, total
from .workers import workers

CORPUS = Path(".stepwell-fuzz")
"""Where the corpus and the logs of runs are kept."""


def summary(log: Log) -> str:
    """The table of what was seen."""
    dtypes = sorted({key.split()[1] for key in log.seen})
    lines = [f"programs tried: {log.programs}", f"mismatches: {len(log.mismatches)}", ""]
    lines.append(f"{'way':<24}{'runs':>10}{'unsupported':>13}{'ops':>12}{'ops x dtypes':>14}")
    for way in COMPARED:
        kinds = [key.split(" ", 2) for key in log.seen if key.endswith(f" {way}")]
        ops = len({name for name, _, _ in kinds})
        lines.append(
            f"{way:<24}{log.runs[way]:>10}{log.unsupported[way]:>13}{f'{ops} of {len(OPS)}':>12}{len(kinds):>14}"
        )
    lines.append(f"\ndtypes: {', '.join(dtypes)}")
    never = sorted(set(OPS) - {key.split()[0] for key in log.seen})
    lines.append(f"ops never seen: {', '.join(never) or 'none'}")
    for found in log.mismatches[:5]:
        lines.append(f"\nMISMATCH {found['way']}: {found['problem']}\n{found['program']}")
    return "\n".join(lines)


def main() -> int:
    """Fuzz for the given number of minutes."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    folder = CORPUS / time.strftime("%Y-%m-%d-%H%M%S")
    folder.mkdir(parents=True)
    os.environ[FOLDER] = str(folder.resolve())
    jobs = workers(60 * minutes)
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    log = total(folder)
    print(summary(log))
    return 1 if log.mismatches or not log.programs else 0


if __name__ == "__main__":
    sys.exit(main())
