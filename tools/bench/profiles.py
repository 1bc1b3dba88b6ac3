"""Do profiles add up? `python -m stepwell.tools.bench.profiles` compares their sums with calls without timers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

import stepwell as sw

_GOAL = 0.1
"""How far a sum may be from the time of a call."""


def _chain(x: Any) -> Any:
    return sw.reduce_sum(sw.exp(x) * 2.0 + 1.0, axis=0)


def _layer(x: Any) -> Any:
    return sw.nn.relu(sw.linalg.matmul(x, sw.transpose(x)))


def _loop(x: Any) -> Any:
    for _ in sw.range(100):
        x = x / (1.0 + sw.reduce_mean(x))
    return x


def _tiny(x: Any) -> Any:
    return x[0, 0] * 2.0


PROGRAMS: dict[str, tuple[Callable[..., Any], tuple[int, int]]] = {
    "elementwise and sum": (_chain, (1000, 1000)),
    "matmul": (_layer, (256, 256)),
    "a loop of the user's": (_loop, (64, 64)),
    "one number": (_tiny, (2, 2)),
}


def main() -> None:
    """Print the table; the exit status is 1 where a sum is off."""
    table = Table("program", "sum of the rows", "without timers", "off by", "within 10 %")
    reached = True
    for name, (program, shape) in PROGRAMS.items():
        x = sw.constant(np.random.default_rng(0).random(shape, np.float32))
        function = sw.function(program)
        profiles = sorted((function.profile(x) for _ in range(5)), key=lambda p: p.seconds / p.plain_seconds)
        profile = profiles[2]
        off = sum(row.seconds for row in profile.rows) / profile.plain_seconds - 1
        reached = reached and abs(off) <= _GOAL
        times = f"{profile.seconds * 1e6:.3f} µs", f"{profile.plain_seconds * 1e6:.3f} µs"
        table.add_row(name, *times, f"{off:+.1%}", "yes" if abs(off) <= _GOAL else "NO")
    Console().print(table)
    sys.exit(not reached)


if __name__ == "__main__":
    main()
