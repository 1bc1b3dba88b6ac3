"""What a fuzzing run has seen: counted by every worker, kept in files, summed up at the end."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.hl.rules.base import HLOp
from stepwell.testing.modules import Case

from .check import UNSUPPORTED, Mismatch, Verdict

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
        differentiated: how many programs with loops were differentiated.
        gradients: at how many points their derivatives were right, by what they were held against.
        mismatches: what was found.
    """

    programs: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    unsupported: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    differentiated: int = 0
    gradients: Counter[str] = field(default_factory=Counter)
    mismatches: list[dict[str, str]] = field(default_factory=list)

    def note(self, case: Case, found: Mapping[str, Verdict]) -> None:
        """Count a program, and the ways it was run in."""
        self.programs += 1
        kinds = {(op.name, _dtype(op)) for op in case.module.walk() if isinstance(op, HLOp)}
        for way, verdict in found.items():
            if verdict == UNSUPPORTED:
                self.unsupported[way] += 1
                continue
            self.runs[way] += 1
            self.seen.update(f"{name} {dtype} {way}" for name, dtype in kinds)

    def add(self, mismatch: Mismatch) -> None:
        """Keep what was found."""
        self.mismatches.append(asdict(mismatch))


def _dtype(op: HLOp) -> str:
    value = op.operands[0] if op.operands else op.results[0]
    return dtype_of(value.type).name


@dataclass
class LogFile:
    """The log of this process in a file, and what it is at in another: it may end at any time.

    Attributes:
        log: the counts.
    """

    log: Log = field(default_factory=Log)
    _saved: float = 0.0

    def started(self, program: str) -> None:
        """What is tried now."""
        _write(_at_file(_folder(), os.getpid()), program)

    def save(self, seldom: bool = False) -> None:
        """Write the counts; where `seldom`, only if that is long ago."""
        if not seldom or time.monotonic() - self._saved > SAVE_EVERY:
            _write(_folder() / f"log-{os.getpid()}.json", json.dumps(vars(self.log)))
            self._saved = time.monotonic()

    def ended(self) -> None:
        """This process tries no more programs."""
        self.save()
        _at_file(_folder(), os.getpid()).unlink(missing_ok=True)


def _folder() -> Path:
    return Path(os.environ[FOLDER])


def _write(target: Path, text: str) -> None:
    draft = target.with_name(f".{target.name}")
    draft.write_text(text)
    draft.replace(target)


def _at_file(folder: Path, process: int) -> Path:
    return folder / f"at-{process}.mlir"


def at_files(folder: Path) -> list[tuple[Path, int]]:
    """The files in which processes write what they are at, and which process it is."""
    return [(file, int(file.stem.removeprefix("at-"))) for file in folder.glob("at-*.mlir")]


def lost(folder: Path, limit: float) -> list[int]:
    """The processes that ended, or have not ended after so many seconds, at a program: a mismatch, told once."""
    found = []
    for file, process in at_files(folder):
        gone, late = not _lives(process), time.time() - file.stat().st_mtime > limit
        if gone or late:
            problem = "the process ended at this program" if gone else f"does not end within {limit:g} s"
            told = Log(mismatches=[asdict(Mismatch("native", problem, file.read_text()))])
            _write(folder / f"log-lost-{process}.json", json.dumps(vars(told)))
            file.unlink()
            found.append(process)
    return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def total(folder: Path) -> Log:
    """The sum of all workers' files."""
    result = Log()
    for file in sorted(folder.glob("log-*.json")):
        data = json.loads(file.read_text())
        result.programs += data["programs"]
        result.mismatches += data["mismatches"]
        result.differentiated += data["differentiated"]
        for name in ("runs", "unsupported", "seen", "gradients"):
            getattr(result, name).update(data[name])
    return result
