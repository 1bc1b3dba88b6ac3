"""What the examples share: a progress bar, a table of results with those of TensorFlow, and a picture of the curves.

An example is a function `train(run, ...)` that calls `run.phase` and `run.log`; its file ends with `main(train)`. The
numbers of the same programs in TensorFlow are in `tensorflow.json`.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

FOLDER = Path(__file__).parent
OUT = FOLDER / "out"
RECORDED = FOLDER / "tensorflow.json"
COLUMNS = (
    TextColumn("{task.description}"),
    BarColumn(bar_width=16),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    TextColumn("{task.fields[numbers]}"),
)
COLOURS = ("#1f6fb4", "#d9822b", "#2a9d5c", "#8e4fb0")


class Run:
    """One run of an example: its numbers, and the progress bar that shows them.

    Attributes:
        curves: the numbers of each epoch, by name.
        results: numbers of the whole run, by name; among them the last of each curve.
        texts: what to print with the results.
        panels: functions that draw on axes of matplotlib, by title; they are drawn next to the curves.
        folder: where an example may write files.
        unit: what the curves have a number for.
    """

    def __init__(self, progress: Progress | None = None, folder: Path = OUT):
        self.curves: dict[str, list[float]] = {}
        self.results: dict[str, float] = {}
        self.texts: list[str] = []
        self.panels: dict[str, Callable[[Any], None]] = {}
        self.folder = folder
        self.unit = "epoch"
        self._progress = progress
        self._task: TaskID | None = None

    def phase(self, name: str, epochs: int, unit: str = "epoch") -> range:
        """Begin a part of the training, with a bar of its own; returns its epochs."""
        self.unit = unit
        if self._progress is not None:
            self._task = self._progress.add_task(name, total=epochs, numbers="")
        return range(epochs)

    def log(self, **numbers: Any) -> None:
        """Note the numbers of an epoch, and advance the bar."""
        for name, number in numbers.items():
            self.curves.setdefault(name, []).append(float(number))
        self.result(**numbers)
        if self._progress is not None and self._task is not None:
            first = list(numbers.items())[:2]
            shown = "  ".join(f"{spaced(name)} {shown_number(name, float(number))}" for name, number in first)
            self._progress.update(self._task, advance=1, numbers=shown)

    def result(self, **numbers: Any) -> None:
        """Note numbers of the whole run."""
        self.results.update({name: float(number) for name, number in numbers.items()})

    def text(self, text: str) -> None:
        """Note a text to print with the results."""
        self.texts.append(text)

    def panel(self, title: str, draw: Callable[[Any], None]) -> None:
        """Note something to draw next to the curves: `draw` is called with axes of matplotlib."""
        self.panels[title] = draw


def main(train: Callable[[Run], None]) -> None:
    """Run an example at its full size; print its results, and draw its curves."""
    console = Console(highlight=False)
    name = Path(sys.argv[0]).stem
    console.rule(f"[bold]{name}", align="left")
    started = time.perf_counter()
    with Progress(*COLUMNS, console=console) as progress:
        run = Run(progress)
        train(run)
    recorded = json.loads(RECORDED.read_text()).get(name, {}).get("full", {"results": {}, "curves": {}})
    table = Table("result", "stepwell", "TensorFlow")
    for result, number in run.results.items():
        theirs = recorded["results"].get(result)
        table.add_row(spaced(result), shown_number(result, number), shown_number(result, theirs))
    console.print(table)
    for text in run.texts:
        console.print(text, markup=False, soft_wrap=True)
    path = OUT / f"{name}.png"
    draw(run, recorded["curves"], path)
    console.print(f"{time.perf_counter() - started:.0f} s; curves: {os.path.relpath(path)}\n")


def spaced(name: str) -> str:
    """A name as words."""
    return name.replace("_", " ")


def shown_number(name: str, number: float | None) -> str:
    """A number in four digits; an accuracy in per cent."""
    if number is None:
        return "not recorded"
    if "accuracy" in name:
        return f"{number:.2%}"
    return f"{number:,.0f}" if number == round(number) else f"{number:.4g}"


def draw(run: Run, recorded: dict[str, list[float]], path: Path) -> None:
    """Draw a run's curves into a file, losses and accuracies apart, each with that of TensorFlow, and its panels."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    kinds = sorted({curve.rpartition("_")[2] for curve in run.curves}, key=lambda kind: (kind != "loss", kind))
    count = len(kinds) + len(run.panels)
    figure, all_axes = pyplot.subplots(1, count, figsize=(1 + 4.4 * count, 3.8), squeeze=False)
    for axes, kind in zip(all_axes[0], kinds):
        chosen = {curve: values for curve, values in run.curves.items() if curve.rpartition("_")[2] == kind}
        draw_curves(axes, chosen, recorded)
        axes.set(title=kind, xlabel=run.unit)
    for axes, (title, draw_panel) in zip(all_axes[0][len(kinds) :], run.panels.items()):
        draw_panel(axes)
        axes.set_title(title)
    figure.suptitle(spaced(path.stem), fontweight="bold")
    figure.tight_layout()
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=120)


def draw_curves(axes: Any, curves: dict[str, list[float]], recorded: dict[str, list[float]]) -> None:
    """Draw curves on one pair of axes, and TensorFlow's dashed over them."""
    for colour, (curve, values) in zip(COLOURS, curves.items()):
        axes.plot(range(1, len(values) + 1), values, color=colour, linewidth=2.4, label=spaced(curve))
        theirs = recorded.get(curve, [])
        axes.plot(range(1, len(theirs) + 1), theirs, color="black", linewidth=1, linestyle=(0, (2, 2)))
    axes.plot([], [], color="black", linewidth=1, linestyle=(0, (2, 2)), label="TensorFlow")
    everything = [value for values in curves.values() for value in values]
    if min(everything) > 0 and max(everything) > 30 * min(everything):
        axes.set_yscale("log")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)


def show_images(axes: Any, images: Any, columns: int = 8) -> None:
    """Draw grey images `[count, height, width]` in rows."""
    rows = np.pad(images, [[0, 0], [1, 1], [1, 1]]).reshape(-1, columns, images.shape[1] + 2, images.shape[2] + 2)
    axes.imshow(np.vstack([np.hstack(list(row)) for row in rows]), cmap="gray_r")
    axes.set_axis_off()
