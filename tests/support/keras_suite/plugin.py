"""For pytest in a process that runs Keras's tests: stepwell becomes the backend, and outcomes are written to a file.

Environment:
    STEPWELL_KERAS_OUTCOMES: the file, to which a line is added for each test: its name, outcome and reason, by tabs.
    KERAS_BACKEND: `stepwell`, or `tensorflow` to record what that backend passes.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from stepwell._keras_import import install, spec_with_branch

from .outcomes import STARTED, read

_MISSING = re.compile(r"(?:No module named '(?!keras|stepwell)|requires installing )(\w+)")

_BRANCHES = ("keras.src.trainers.trainer_test",)
"""Modules of tests that choose what to import by the backend's name, and refuse names that they do not know."""


class _BranchFinder(MetaPathFinder):
    """Finds them, with a branch for this backend."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_with_branch(fullname, path) if fullname in _BRANCHES else None


if os.environ["KERAS_BACKEND"] == "stepwell":
    install()
    sys.meta_path.insert(0, _BranchFinder())


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Leave out the tests that an earlier process has run."""
    done = read(_file().read_text(encoding="utf-8"))
    items[:] = [item for item in items if _name(item.nodeid) not in done]


def pytest_runtest_logstart(nodeid: str) -> None:
    """Write that a test starts."""
    _write(nodeid, STARTED, "")


def pytest_runtest_logreport(report: Any) -> None:
    """Write the outcome of a test: of its call, or of what went wrong before or after."""
    if report.when != "call" and report.outcome == "passed":
        return
    reason = ""
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
    elif report.outcome == "failed":
        reason = _last_line(report)
    _write(report.nodeid, report.outcome, reason)


def pytest_collectreport(report: Any) -> None:
    """Write that a module cannot be imported."""
    if report.failed:
        _write(report.nodeid, "not collected", _last_line(report))


def _last_line(report: Any) -> str:
    lines = [line[1:].strip() for line in report.longreprtext.splitlines() if line.startswith("E")]
    return lines[0] if lines else report.longreprtext.strip().rpartition("\n")[2]


def _file() -> Path:
    return Path(os.environ["STEPWELL_KERAS_OUTCOMES"])


def _name(nodeid: str) -> str:
    return nodeid.rpartition("keras/src/")[2]


def _write(name: str, outcome: str, reason: str) -> None:
    """Add a line. A test that asks for a package that is not here is skipped."""
    if outcome in ("failed", "not collected") and (missing := _MISSING.search(reason)):
        outcome, reason = "skipped", f"needs {missing[1]}"
    fields = (_name(name), outcome, " ".join(reason.split())[:300])
    with _file().open("a", encoding="utf-8") as file:
        file.write("\t".join(fields) + "\n")
