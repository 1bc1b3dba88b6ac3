"""Preparation of elements beside training steps of the same length, which should cost what the longer one does.

Two plain threads that prepare and train without a dataset show what the machine has to give at that moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import stepwell as sw

from ..timing import Timing, alternate

SIZE, BATCHES, SECONDS = 128, 40, 0.005
"""Of the matrices that are computed; batches in a loop; what preparation and a step take, each."""


def rounds_of_steps() -> int:
    """How many rounds a step has."""
    return _rounds(_compiled, SECONDS)


def _rounds(work: Callable[[int], Callable[[], object]], seconds: float) -> int:
    """How many rounds take so many seconds."""
    rounds = 8
    while True:
        run = work(rounds)
        run()
        taken = min(_seconds(run) for _ in range(9))
        if 0.93 < taken / seconds < 1.07:
            return rounds
        rounds = max(1, round(rounds * seconds / taken))


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _matrix(x: Any, rounds: int) -> Any:
    """A matrix that is computed for some time."""
    matrix = sw.fill([SIZE, SIZE], sw.cast(x, sw.float32))
    mean = sw.fill([SIZE, SIZE], np.float32(1 / SIZE))
    for _ in sw.range(rounds):
        matrix = sw.matmul(matrix, mean) + 0.1
    return matrix


def _compiled(rounds: int) -> Callable[[], object]:
    run = sw.function(lambda x: _matrix(x, rounds)).get_concrete_function(sw.TensorSpec([], sw.int64))
    return lambda: run(sw.constant(1, sw.int64))


def _numpy_matrix(rounds: int) -> np.ndarray:
    matrix = np.ones((4 * SIZE, 4 * SIZE), np.float32)
    for _ in range(rounds):
        matrix = np.tanh(matrix)
    return matrix[:SIZE, :SIZE]


def _waited(x: np.ndarray) -> np.ndarray:
    time.sleep(SECONDS)
    return np.full((SIZE, SIZE), float(x), np.float32)


def _called(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any], Any]:
    """A function of elements that calls Python."""
    spec = sw.TensorSpec([SIZE, SIZE], sw.float32)
    return lambda x: sw.numpy_function(function, [x], spec)


@dataclass(frozen=True)
class Case:
    """A way of preparing elements.

    Attributes:
        prepare: the function of an element.
        alone: the same outside of a dataset.
    """

    prepare: Callable[[Any], Any]
    alone: Callable[[], object]


def cases(rounds: int) -> dict[str, Case]:
    """Ways of preparing an element that take as long as a step, which has so many rounds."""
    rounds_of_numpy = _rounds(lambda n: lambda: _numpy_matrix(n), SECONDS)
    return {
        "a compiled map": Case(lambda x: _matrix(x, rounds), _compiled(rounds)),
        "a map that calls NumPy": Case(
            _called(lambda x: _numpy_matrix(rounds_of_numpy)), lambda: _numpy_matrix(rounds_of_numpy)
        ),
        "a map that waits": Case(_called(_waited), lambda: _waited(np.array(1))),
    }


def measure(case: Case, rounds: int) -> dict[str, Timing]:
    """Seconds for a batch: of steps and preparation alone, in two threads, and by datasets."""
    weights = sw.Variable(np.zeros((SIZE, SIZE), np.float32))

    def train(x: Any) -> None:
        weights.assign(_matrix(x[0, 0] + weights[0, 0], rounds))

    step, batch = sw.function(train), sw.zeros([SIZE, SIZE])

    def steps() -> None:
        for _ in range(BATCHES):
            step(batch)

    def prepared() -> None:
        for _ in range(BATCHES):
            case.alone()

    def threads() -> None:
        other = threading.Thread(target=prepared)
        other.start()
        steps()
        other.join()

    ready = sw.data.Dataset.from_tensors(batch).repeat(BATCHES)
    contestants = {
        "step alone": steps,
        "step alone, a compiled loop": _compiled_loop(train, ready),
        "preparation alone": prepared,
        "two threads": threads,
    }
    ahead = {"prefetch(2)": 1, "num_parallel_calls=2": 2}
    for name, calls in ahead.items():
        dataset = sw.data.Dataset.range(BATCHES).map(case.prepare, num_parallel_calls=calls).prefetch(2)
        contestants[f"{name}, a compiled loop"] = _compiled_loop(train, dataset)
        contestants[f"{name}, a loop in Python"] = _python_loop(step, dataset)
    found = alternate(contestants, rounds=7)
    return {name: Timing(tuple(each / BATCHES for each in timing.rounds)) for name, timing in found.items()}


def _compiled_loop(train: Callable[[Any], None], dataset: Any) -> Callable[[], None]:
    @sw.function
    def loop() -> None:
        for x in dataset:
            train(x)

    return loop


def _python_loop(step: Callable[[Any], Any], dataset: Any) -> Callable[[], None]:
    def loop() -> None:
        for x in dataset:
            step(x)

    return loop
