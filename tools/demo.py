"""`stepwell demo`: trains on handwritten digits, shows a loop at every level, exports, compares the engines."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import stepwell as sw

from .colour import coloured
from .digits import Classifier, Digits, load_digits, make_predict, make_step

EPOCHS = 15
LEVELS = ("hl", "linalg", "loops", "cfg", "llvm")


@sw.function
def collatz(n):
    """How many steps it takes to reach 1."""
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def demo() -> None:
    """Train, look at every level, export, and compare the engines, on scikit-learn's handwritten digits."""
    console = Console()
    digits = load_digits()
    model = Classifier()
    _train(console, digits, model)
    predict = make_predict(model)
    _report_accuracy(console, digits, predict)
    _show_levels(console)
    _compare_engines(console, digits, model, predict)


def _train(console: Console, digits: Digits, model: Classifier) -> None:
    step = make_step(model)
    console.rule("Training 64-128-10 on handwritten digits, native engine")
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("loss {task.fields[loss]:.4f}"))
    started = time.perf_counter()
    steps = 0
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("epochs", total=EPOCHS, loss=float("nan"))
        for epoch in range(EPOCHS):
            loss = float("nan")
            for x, y in digits.batches(seed=epoch):
                loss = float(step(sw.constant(x), sw.constant(y)))
                steps += 1
            progress.update(task, advance=1, loss=loss)
    seconds = time.perf_counter() - started
    console.print(
        f"{steps} steps in {seconds:.2f} s, compilation included; traced {len(step.explain().events)} time(s)"
    )


def _report_accuracy(console: Console, digits: Digits, predict: Any) -> None:
    found = predict(sw.constant(digits.test_x)).numpy().argmax(-1)
    accuracy = float((found == digits.test_y).mean())
    console.print(f"[bold]test accuracy {accuracy:.2%}[/bold] on {len(found)} images the model has not seen")


def _show_levels(console: Console) -> None:
    console.rule("One function at all five levels, the Python line on each op")
    number = sw.constant(27)
    for level in LEVELS:
        text = sw.ir(collatz, number, level=level, locations=True)
        console.print(Panel(coloured(text), title=f"level {level}", title_align="left"))
    console.print(f"collatz(27) = {int(collatz(number))}")


def _compare_engines(console: Console, digits: Digits, model: Classifier, predict: Any) -> None:
    console.rule("Export to ONNX, and three engines side by side")
    x = sw.constant(digits.test_x)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits.onnx"
        sw.onnx.export(predict, path, x)
        exported = sw.onnx.run(path, digits.test_x)[0]
        console.print(f"exported {path.name}: {path.stat().st_size / 1024:.0f} KiB, checked and verified")
    native = predict(x).numpy()
    interpreted = make_predict(model, engine="interpreter")(x).numpy()
    results = {"native": native, "interpreter": interpreted, "ONNX Runtime": exported}
    table = Table("engine", "first image", "largest difference from the interpreter")
    for name, value in results.items():
        difference = float(np.abs(value - interpreted).max())
        table.add_row(name, f"digit {int(value[0].argmax())} ({value[0].max():.4f})", f"{difference:.2e}")
    console.print(table)
    largest = max(float(np.abs(a - b).max()) for a in results.values() for b in results.values())
    console.print(f"[bold]largest difference between the three engines: {largest:.2e}[/bold]")
