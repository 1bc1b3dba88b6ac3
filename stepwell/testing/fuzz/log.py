"""What a fuzzing run has seen: counted by every worker, kept in files, summed up at the end."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from stepwell.dialects.hl.base import HLOp
from stepwell.dialects.types import dtype_of

from ..modules import Case
from .check import UNSUPPORTED, Mismatch

FOLDER = "STEPWELL_FUZZ"
"""The environment variable that names the folder of a run."""

SAVE_EVERY = 2.0
"""Seconds between two saves: a worker may be stopped at any time."""


@dataclass
class Log:
    """Counts of one worker, or of all.

    Attributes:
        programs: how many programs were tried.
        runs: how often each way was gone.
        unsupported: how often an engine said that it cannot run a program.
        seen: how often each op stood in a program, by op, dtype and way, joined by spaces.
        mismatches: what was found.
    """

    programs: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    unsupported: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    mismatches: list[dict[str, str]] = field(default_factory=list)
    _saved: float = 0.0

    def note(self, case: Case, found: dict[str, Mismatch | str | None]) -> None:
        """Count a program."""
        self.programs += 1
        kinds = {(op.name, _dtype(op)) for op in case.module.walk() if isinstance(op, HLOp)}
        for way, verdict in found.items():
            if verdict == UNSUPPORTED:
                self.unsupported[way] += 1
                continue
            self.runs[way] += 1
            self.seen.update(f"{name} {dtype} {way}" for name, dtype in kinds)
            if isinstance(verdict, Mismatch):
                self.mismatches.append({"way": way, "problem": verdict.problem, "program": verdict.program})
        if time.monotonic() - self._saved > SAVE_EVERY:
            self.save()

    def save(self) -> None:
        """Write this worker's file."""
        folder = Path(os.environ[FOLDER])
        target, draft = folder / f"log-{os.getpid()}.json", folder / f".log-{os.getpid()}"
        counts = {name: value for name, value in self.__dict__.items() if not name.startswith("_")}
        draft.write_text(json.dumps(counts))
        draft.replace(target)
        self._saved = time.monotonic()


def _dtype(op: HLOp) -> str:
    value = op.operands[0] if op.operands else op.results[0]
    return dtype_of(value.type).name


def total(folder: Path) -> Log:
    """The sum of all workers' files."""
    result = Log()
    for file in sorted(folder.glob("log-*.json")):
        data = json.loads(file.read_text())
        result.programs += data["programs"]
        result.mismatches += data["mismatches"]
        for name in ("runs", "unsupported", "seen"):
            getattr(result, name).update(data[name])
    return result
