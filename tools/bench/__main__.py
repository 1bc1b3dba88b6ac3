"""Prints the table of measurements, and writes it as JSON where `--json FILE` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from .startup import compile_phases, import_seconds
from .timing import alternate
from .training import TRAINING
from .workloads import WORKLOADS, Workload


def _seconds(value: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def _measure(workload: Workload) -> dict[str, Any]:
    timings = alternate({"stepwell": workload.ours, **workload.peers})
    ours = timings["stepwell"].median
    peers = {name: timing.median for name, timing in timings.items() if name != "stepwell"}
    return {
        "name": workload.name,
        "seconds": {name: timing.median for name, timing in timings.items()},
        "spread": {name: timing.spread for name, timing in timings.items()},
        "ratio": {name: ours / seconds for name, seconds in peers.items()},
        "goal": workload.goal,
        "reached": workload.reached(ours, peers),
        "host_calls": workload.host_calls,
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("workload", "stepwell", "peers", "ours / peer", "spread", "host calls", "goal", "reached")
    for row in rows:
        peers = {name: value for name, value in row["seconds"].items() if name != "stepwell"}
        table.add_row(
            row["name"],
            _seconds(row["seconds"]["stepwell"]),
            "\n".join(f"{name} {_seconds(value)}" for name, value in peers.items()),
            "\n".join(f"{row['ratio'][name]:.2f}" for name in peers),
            "\n".join(f"{name} {value:.0%}" for name, value in row["spread"].items()),
            str(row["host_calls"]),
            row["goal"],
            "yes" if row["reached"] else "NO",
        )
    return table


def _startup_row() -> dict[str, Any]:
    times = import_seconds()
    median = times[len(times) // 2]
    return {
        "name": "import stepwell",
        "seconds": {"stepwell": median},
        "spread": {"stepwell": (times[-1] - times[0]) / median},
        "ratio": {},
        "goal": "under 0.3 s",
        "reached": median < 0.3,
        "host_calls": 0,
    }


def _compile_row(phases: dict[str, Any]) -> dict[str, Any]:
    total = phases["trace"] + phases["compile"]
    return {
        "name": "trace + compile of the digits training step, cold",
        "seconds": {"stepwell": total},
        "spread": {},
        "ratio": {},
        "goal": "under 1.5 s",
        "reached": total < 1.5,
        "host_calls": phases["host_calls"],
    }


def _phase_table(phases: dict[str, Any]) -> Table:
    table = Table("phase of trace + compile", "seconds", title="where the time goes")
    table.add_row("tracing", f"{phases['trace']:.4f}")
    for name, seconds in phases["phases"].items():
        table.add_row(name, f"{seconds:.4f}")
    table.add_row("sum of compile phases", f"{sum(phases['phases'].values()):.4f}")
    table.add_row("compile, wall", f"{phases['compile']:.4f}")
    return table


def main(json_file: Path | None = typer.Option(None, "--json", help="also write the measurements here")) -> None:
    """Measure everything."""
    console = Console(width=max(Console().width, 150))
    phases = compile_phases()
    rows = [_startup_row(), _compile_row(phases)]
    for make in (*WORKLOADS, *TRAINING):
        rows.append(_measure(make()))
    console.print(_table(rows))
    console.print(_phase_table(phases))
    if json_file is not None:
        json_file.write_text(json.dumps({"rows": rows, "phases": phases}, indent=2))
        console.print(f"written to {json_file}")


if __name__ == "__main__":
    typer.run(main)
