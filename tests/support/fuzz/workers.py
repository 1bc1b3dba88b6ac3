"""The processes of a fuzzing run, which may end at any program, and are started again."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .log import at_files, lost

LIMIT = 120.0
"""Seconds after which a program that has not ended in every way never will."""

MOST_FAILURES = 3
"""How often the guided worker is started again; fresh ones end with the programs that end them."""

_FRESH = "import sys; from support.fuzz.targets import {0}; {0}(int(sys.argv[1]), float(sys.argv[2]))"


@dataclass
class Worker:
    """A process that tries programs.

    Attributes:
        command: what to run, for so many seconds.
        output: the file of what it says.
        code: the exit code that it failed with last.
        failures: how often it ended with an error.
    """

    command: Callable[[float], Sequence[str]]
    output: Path
    code: int = 0
    failures: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def keep_running(self, seconds: float) -> None:
        """Start it, unless it runs."""
        code = None if self._process is None else self._process.poll()
        if code:
            self.code, self.failures = code, self.failures + 1
        if self._process is None or code is not None:
            with self.output.open("ab") as output:
                paths = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
                self._process = subprocess.Popen(
                    self.command(seconds), stdout=output, stderr=output, start_new_session=True, env=paths
                )

    def complaint(self) -> str | None:
        """How it failed, and the last words that it said; None for one that did not."""
        if not self.failures:
            return None
        lines = [line for line in self.output.read_text(errors="replace").splitlines() if line.strip()]
        times = "once" if self.failures == 1 else f"{self.failures} times"
        return f"ended {times} with exit code {self.code}: {lines[-1].strip() if lines else 'it said nothing'}"

    def stop(self, patience: float = 0.0) -> None:
        """End it and the processes it has started, if it does not end in so many seconds by itself."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def owns(self, process: int) -> bool:
        """Whether a process is this one, or was started by it."""
        try:
            return self._process is not None and os.getpgid(process) == self._process.pid
        except ProcessLookupError:
            return False


def workers(folder: Path, target: str = "run_fresh") -> tuple[Worker, list[Worker]]:
    """One that coverage guides, whose corpus is hypothesis' database, and for each core one of fresh programs.

    The guided one is traced, and so many times slower: it shares a core. `target` is what the others run, a function of
    `targets.py`.
    """
    command = [sys.executable, "-W", "ignore", "-m", f"{__package__}.guided"]
    guided = Worker(lambda _: command, folder / "guided.txt")
    seeds = itertools.count(int(time.time()) % 10**6)

    def fresh(seconds: float) -> Sequence[str]:
        return [sys.executable, "-W", "ignore", "-c", _FRESH.format(target), str(next(seeds)), str(seconds)]

    count = os.cpu_count() or 2
    return guided, [Worker(fresh, folder / f"fresh-{number}.txt") for number in range(count)]


def run(folder: Path, seconds: float, gradients: bool = False) -> str | None:
    """Keep all workers running for so long; one that is at a program for too long is ended.

    With `gradients` they all differentiate programs with loops, and none is guided.

    Returns what is wrong with the guided worker, if anything is: without it nothing is guided.
    """
    guided, fresh = workers(folder, "run_gradients" if gradients else "run_fresh")
    running = fresh if gradients else [guided, *fresh]
    end = time.monotonic() + seconds
    try:
        while (left := end - time.monotonic()) > 0:
            for worker in running:
                if worker is not guided or guided.failures < MOST_FAILURES:
                    worker.keep_running(left)
            time.sleep(min(1.0, left))
            _end_lost(folder, running)
    finally:
        _stop_where_it_is(folder, guided)
        for worker in fresh:
            worker.stop(patience=LIMIT)
    _end_lost(folder, ())
    return guided.complaint()


def _stop_where_it_is(folder: Path, worker: Worker) -> None:
    """End a worker that would go on for ever: the program that it is at is not to blame."""
    files = [file for file, process in at_files(folder) if worker.owns(process)]
    worker.stop()
    for file in files:
        file.unlink(missing_ok=True)


def _end_lost(folder: Path, running: Sequence[Worker]) -> None:
    for process in lost(folder, LIMIT):
        for worker in running:
            if worker.owns(process):
                worker.stop()
