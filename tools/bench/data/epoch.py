"""An epoch over tensors in memory, of MNIST's size, beside a scan of JAX over the same batches.

JAX runs in a process of its own, of an interpreter that has it; the two take turns.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import stepwell as sw

from . import problem

SCAN = Path(__file__).parent / "scan.py"


def ours(shuffled: bool = False) -> Callable[[], float]:
    """An epoch: returns the mean loss."""
    x, y, start = problem.data()
    weights = [sw.Variable(each) for each in start]
    states = [[sw.Variable(np.zeros_like(each)) for each in start] for _ in range(2)]
    steps = sw.Variable(np.float32(0))

    def step(x: Any, y: Any) -> Any:
        with sw.GradientTape() as tape:
            hidden = sw.nn.relu(sw.matmul(x, weights[0]) + weights[1])
            logits = sw.matmul(hidden, weights[2]) + weights[3]
            loss = sw.reduce_mean(sw.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        steps.assign_add(1.0)
        first, second = 1 - problem.BETA1**steps, 1 - problem.BETA2**steps
        for w, g, m, v in zip(weights, tape.gradient(loss, weights), *states, strict=True):
            m.assign(problem.BETA1 * m + (1 - problem.BETA1) * g)
            v.assign(problem.BETA2 * v + (1 - problem.BETA2) * g * g)
            w.assign_sub(problem.RATE * (m / first) / (sw.sqrt(v / second) + problem.EPSILON))
        return loss

    dataset = sw.data.Dataset.from_tensor_slices((x, y))
    dataset = dataset.shuffle(len(x), seed=1) if shuffled else dataset
    dataset = dataset.batch(problem.BATCH, drop_remainder=True)

    @sw.function
    def epoch() -> Any:
        total = sw.constant(0.0)
        for rows, labels in dataset:
            total += step(rows, labels)
        return total / float(len(dataset))

    def run() -> float:
        for variable, value in zip(weights, start, strict=True):
            variable.assign(value)
        for state in states:
            for variable, value in zip(state, start, strict=True):
                variable.assign(np.zeros_like(value))
        steps.assign(0.0)
        return float(epoch())

    return run


def with_cpu(run: Callable[[], float], seconds: list[float]) -> Callable[[], float]:
    """The same, which notes the seconds of CPUs that it took."""

    def noted() -> float:
        before = time.process_time()
        result = run()
        seconds.append(time.process_time() - before)
        return result

    return noted


class Jax:
    """A scan of JAX in a process of its own.

    Attributes:
        cpu: the seconds of CPUs that each epoch took.
    """

    def __init__(self, python: str):
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([python, str(SCAN)], stdin=pipe, stdout=pipe, text=True)
        self.cpu: list[float] = []
        self.loss = self()

    def __call__(self) -> float:
        """Run an epoch: returns the mean loss."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of JAX has ended: {self._process.wait()}")
        loss, cpu = json.loads(line)
        self.cpu.append(cpu)
        return loss

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
