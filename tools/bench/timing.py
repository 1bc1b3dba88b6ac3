"""Timing on noisy machines: contestants take turns, the median counts, the spread is shown."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Seconds per call over several rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median round."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> float:
        """The distance between the quartiles, relative to the median."""
        if len(self.rounds) < 4:
            return (max(self.rounds) - min(self.rounds)) / self.median
        low, _, high = statistics.quantiles(self.rounds, n=4)
        return (high - low) / self.median


def _calls_for(work: Work, seconds: float) -> int:
    """How many calls take about `seconds`."""
    count = 1
    while True:
        started = time.perf_counter()
        for _ in range(count):
            work()
        spent = time.perf_counter() - started
        if spent > seconds / 4:
            return max(1, int(count * seconds / spent))
        count *= 4


def alternate(contestants: Mapping[str, Work], rounds: int = 9, seconds: float = 0.05) -> dict[str, Timing]:
    """Time the contestants in turns: a round of each, then the next round of each."""
    counts = {}
    for name, work in contestants.items():
        work()
        counts[name] = _calls_for(work, seconds)
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            count = counts[name]
            started = time.perf_counter()
            for _ in range(count):
                work()
            found[name].append((time.perf_counter() - started) / count)
    return {name: Timing(tuple(times)) for name, times in found.items()}
