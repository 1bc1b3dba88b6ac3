"""What became of tests, and what is recorded of them."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

RECORDS = Path(__file__).parents[2] / "keras"
PASSED_WITH_TENSORFLOW = RECORDS / "passed_with_tensorflow.txt.gz"
"""The names of the tests that pass with Keras's TensorFlow backend, in the same environment."""
KNOWN_FAILURES = RECORDS / "known_failures.txt"
"""Tests that fail with this backend: lines `name: cause`."""


@dataclass(frozen=True)
class Outcome:
    """What became of a test.

    Attributes:
        name: its file in `keras/src`, class and function, as pytest names them.
        result: `passed`, `failed`, `skipped`, or `not collected` for a file.
        reason: of a failure or a skip.
    """

    name: str
    result: str
    reason: str

    @property
    def folder(self) -> str:
        """The folder of `keras/src` that it is in; of `layers` and `ops`, what is inside."""
        parts = self.name.partition("::")[0].split("/")
        return "/".join(parts[:2] if parts[0] in ("layers", "ops") else parts[:1]).removesuffix("_test.py")


STARTED = "started"
"""The outcome of a test that has not ended."""


def read(lines: str) -> dict[str, Outcome]:
    """The outcomes that a run has written, by name; of several of one test the worst."""
    found: dict[str, Outcome] = {}
    order = (STARTED, "passed", "skipped", "failed", "not collected")
    for line in lines.splitlines():
        outcome = Outcome(*line.split("\t"))
        before = found.get(outcome.name)
        if before is None or order.index(before.result) < order.index(outcome.result):
            found[outcome.name] = outcome
    return found


def end_early(path: Path) -> bool:
    """Note that the test in which a process ended has failed; whether there is one."""
    started = [each for each in read(path.read_text(encoding="utf-8")).values() if each.result == STARTED]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{each.name}\tfailed\tthe process ended\n" for each in started)
    return bool(started)


def passed_with_tensorflow() -> frozenset[str]:
    """The names of the tests that pass with Keras's TensorFlow backend."""
    return frozenset(gzip.decompress(PASSED_WITH_TENSORFLOW.read_bytes()).decode().splitlines())


def record_passed(names: Iterable[str]) -> None:
    """Record which tests pass with Keras's TensorFlow backend."""
    text = "".join(f"{name}\n" for name in sorted(names))
    PASSED_WITH_TENSORFLOW.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def known_failures() -> Mapping[str, str]:
    """The tests that are known to fail, with the cause of each."""
    lines = KNOWN_FAILURES.read_text(encoding="utf-8").splitlines()
    pairs = (line.rpartition(": ") for line in lines if line and not line.startswith("#"))
    return {name: cause for name, _, cause in pairs}
