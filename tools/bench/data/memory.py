"""Memory of a process that trains on data which is made as it goes."""

from __future__ import annotations

import resource
from typing import Any

import numpy as np

import stepwell as sw

ROW, ROWS, BATCH = 2**20, 2**6, 8
"""Floats in an element; elements in a generator's round; elements in a batch."""


def growth(total: int) -> dict[str, float]:
    """By how many MB the largest memory of the process has grown, for so many bytes through each pipeline."""
    count = max(1, total // (4 * ROW))

    def generated() -> Any:
        for index in range(count):
            yield np.full(ROW, index % 7, np.float32)

    pipelines = {
        "from_generator": sw.data.Dataset.from_generator(generated, output_signature=sw.TensorSpec([ROW], sw.float32)),
        "range and map": sw.data.Dataset.range(count).map(
            lambda i: sw.fill([ROW], sw.cast(i % 7, sw.float32)), num_parallel_calls=2
        ),
    }
    found = {}
    for name, pipeline in pipelines.items():
        for kind, loop in (("compiled", _compiled), ("Python", _python)):
            run = loop(pipeline.batch(BATCH).prefetch(2))
            before = _largest()
            result = run()
            assert float(result) == sum(index % 7 for index in range(count)), "an element was lost"
            found[f"{name}, {kind} loop"] = _largest() - before
    return found


def _compiled(dataset: Any) -> Any:
    @sw.function
    def loop() -> Any:
        total = sw.constant(0.0)
        for batch in dataset:
            total += sw.reduce_sum(batch[:, -1])
        return total

    loop.get_concrete_function()
    return loop


def _python(dataset: Any) -> Any:
    def loop() -> float:
        return sum(float(sw.reduce_sum(batch[:, -1])) for batch in dataset)

    return loop


def _largest() -> float:
    """The largest memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
