"""Prints what datasets cost; `--jax` names an interpreter that has JAX, for the epoch beside its scan."""

from __future__ import annotations

import statistics

import typer
from rich.console import Console
from rich.table import Table

from ..timing import Timing, alternate
from . import epoch, memory, overlap


def _rows(table: Table, what: str, timings: dict[str, Timing], base: str) -> None:
    """Medians, spreads, and the ratio to one of them."""
    for name, timing in timings.items():
        ratio = timing.median / timings[base].median
        cells = (
            f"{timing.median * 1e3:.2f}",
            f"{min(timing.rounds) * 1e3:.2f}",
            f"{timing.spread:.0%}",
            f"{ratio:.2f}",
        )
        table.add_row(what, name, *cells)


def _epochs(jax: str | None) -> Table:
    table = Table("way", "ms", "least", "spread", "ratio", "ms of CPUs", title="60,000 rows in batches of 128")
    cpu: dict[str, list[float]] = {"stepwell": [], "stepwell, shuffled": []}
    contestants = {name: epoch.with_cpu(epoch.ours("shuffled" in name), seconds) for name, seconds in cpu.items()}
    peer = None if jax is None else epoch.Jax(jax)
    if peer is not None:
        ours = contestants["stepwell"]()
        if abs(ours - peer.loss) > 1e-3:
            raise SystemExit(f"the mean losses differ: {ours} and {peer.loss}")
        contestants["JAX"], cpu["JAX"] = peer, peer.cpu
    timings = alternate(contestants)
    base = timings["stepwell" if peer is None else "JAX"].median
    for name, timing in timings.items():
        median, least = f"{timing.median * 1e3:.0f}", f"{min(timing.rounds) * 1e3:.0f}"
        used = f"{statistics.median(cpu[name]) * 1e3:.0f}"
        table.add_row(name, median, least, f"{timing.spread:.0%}", f"{timing.median / base:.2f}", used)
    if peer is not None:
        peer.close()
    return table


def main(
    gigabytes: float = typer.Option(10.0, help="what goes through each pipeline whose memory is measured"),
    jax: str | None = typer.Option(None, help="an interpreter that has JAX"),
    parts: str = typer.Option("overlap,epoch,memory", help="what to measure"),
) -> None:
    """Measure everything."""
    console = Console(width=140)
    if "overlap" in parts:
        table = Table(
            "preparation",
            "way",
            "ms a batch",
            "least",
            "spread",
            "/ two threads",
            title="a step of 5 ms, and 5 ms of preparation",
        )
        rounds = overlap.rounds_of_steps()
        for name, case in overlap.cases(rounds).items():
            _rows(table, name, overlap.measure(case, rounds), "two threads")
        console.print(table)
    if "epoch" in parts:
        console.print(_epochs(jax))
    if "memory" in parts:
        table = Table("pipeline", "growth of the largest memory, MB", "under 300", title=f"{gigabytes} GB in batches")
        for name, grown in memory.growth(int(gigabytes * 2**30)).items():
            table.add_row(name, f"{grown:.0f}", "yes" if grown < 300 else "NO")
        console.print(table)


if __name__ == "__main__":
    typer.run(main)
