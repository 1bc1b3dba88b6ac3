"""Processes that save checkpoints and are killed: what is there afterwards is complete.

`PYTHONPATH=tests python -m support.checkpoints.kills 200` kills so many, at random moments.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import stepwell as sw

_SIZE = 30_000
_LONGEST = 0.02
"""In seconds, after a checkpoint is complete; the next one takes about half of it."""


def _objects() -> tuple[Any, Any, Any]:
    first, second = sw.Variable(np.zeros(_SIZE, np.float32)), sw.Variable(np.zeros(_SIZE, np.int64))
    return first, second, sw.train.Checkpoint(first=first, second=second)


def save_for_ever(folder: str, report: int) -> None:
    """Save checkpoints whose values are all their number; write each number when it is saved."""
    first, second, checkpoint = _objects()
    manager = sw.train.CheckpointManager(checkpoint, folder, max_to_keep=2)
    manager.restore_or_initialize()
    while True:
        number = int(checkpoint.save_counter) + 1
        first.assign(np.full(_SIZE, number, np.float32))
        second.assign(np.full(_SIZE, number, np.int64))
        manager.save()
        os.write(report, number.to_bytes(8, "little"))


def check(folder: str, least: int) -> int:
    """The number of the latest checkpoint, which is complete, like all others, and not before `least`."""
    first, second, checkpoint = _objects()
    for file in Path(folder).glob("*.safetensors"):
        checkpoint.restore(str(file).removesuffix(".safetensors")).assert_consumed()
        number = int(checkpoint.save_counter)
        assert set(first.numpy()) == set(second.numpy()) == {number}, (number, set(first.numpy()), set(second.numpy()))
    latest = sw.train.latest_checkpoint(folder)
    found = 0 if latest is None else int(latest.rpartition("-")[2])
    assert found >= least, (found, least)
    return found


def kill_one(folder: str, saves: int, seconds: float) -> int:
    """Let a process save so many times, and kill it after some time. Returns the last number that it reported."""
    begin, end = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            save_for_ever(folder, end)
        finally:
            os._exit(1)  # it is killed before, unless saving failed
    os.close(end)
    with os.fdopen(begin, "rb") as report:
        reported = report.read(8 * saves)
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        assert os.WIFSIGNALED(status), "a process could not save"
        reported += report.read()
    return int.from_bytes(reported[-8:], "little")


def main(count: int, seed: int = 1) -> None:
    """Kill so many processes, one after the other, each of which goes on where the last one was."""
    chosen, found, left = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        sw.train.Checkpoint(v=sw.Variable(0.0)).save(f"{folder}/warm/c")  # so that all is imported
        for _ in range(count):
            found = check(folder, max(found, kill_one(folder, chosen.randrange(3), chosen.uniform(0, _LONGEST))))
            left += len(list(Path(folder).glob(".*.incomplete")))
        sw.train.CheckpointManager(_objects()[2], folder, max_to_keep=2).save()
        assert not list(Path(folder).glob(".*.incomplete")), "what was left over is not removed"
    print(f"{count} processes were killed, {left} while they wrote; {found} checkpoints were saved")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
