"""For pytest in a process that runs Keras's tests: stepwell becomes the backend, and outcomes are written to a file.

Environment:
    STEPWELL_KERAS_OUTCOMES: the file, to which a line is added for each test: its name, outcome and reason, by tabs.
    KERAS_BACKEND: `stepwell`, or `tensorflow` to record what that backend passes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

if os.environ["KERAS_BACKEND"] == "stepwell":
    from stepwell._keras_import import install

    install()


def pytest_runtest_logreport(report: Any) -> None:
    """Write the outcome of a test: of its call, or of what went wrong before or after."""
    if "PYTEST_XDIST_WORKER" in os.environ or (report.when != "call" and report.outcome == "passed"):
        return
    reason = ""
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
    elif report.outcome == "failed":
        reason = report.longreprtext.strip().splitlines()[-1] if report.longreprtext.strip() else ""
    _write(report.nodeid, report.outcome, reason)


def pytest_collectreport(report: Any) -> None:
    """Write that a module cannot be imported."""
    if "PYTEST_XDIST_WORKER" not in os.environ and report.failed:
        last = report.longreprtext.strip().splitlines()[-1]
        _write(report.nodeid, "not collected", last)


def _write(name: str, outcome: str, reason: str) -> None:
    name = name.rpartition("keras/src/")[2]
    fields = (name, outcome, " ".join(reason.split())[:300])
    with Path(os.environ["STEPWELL_KERAS_OUTCOMES"]).open("a", encoding="utf-8") as file:
        file.write("\t".join(fields) + "\n")
