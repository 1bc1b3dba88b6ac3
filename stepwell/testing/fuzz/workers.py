"""The processes of a fuzzing run."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from multiprocessing.process import BaseProcess
from pathlib import Path


def _guided(seconds: float) -> None:
    """HypoFuzz on the test in `targets.py`; its corpus is hypothesis' database, which is kept."""
    targets = Path(__file__).with_name("targets.py")
    program = Path(sys.executable).with_name("hypothesis")
    process = subprocess.Popen(
        [program, "fuzz", "--no-dashboard", "-n", "1", "--", targets],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 15)
        process.wait()


def _fresh(number: int, seconds: float) -> None:
    from .targets import run_fresh

    run_fresh(number, seconds)


def workers(seconds: float) -> list[BaseProcess]:
    """One process that is guided by coverage, and one that draws fresh programs for each other core."""
    context = multiprocessing.get_context("spawn")
    first, others = int(time.time()) % 10**6, max(1, (os.cpu_count() or 2) - 1)
    guided = context.Process(target=_guided, args=(seconds,))
    return [guided, *(context.Process(target=_fresh, args=(first + n, seconds)) for n in range(others))]
