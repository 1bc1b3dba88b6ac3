"""`stepwell demo`: trains on handwritten digits, shows a loop at every level, exports, compares the engines."""

from __future__ import annotations

import inspect
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

import stepwell as sw

from ..dialects.levels import LEVELS
from ..runtime.engines.interpreter import run_module
from ..runtime.engines.lower import lowered
from .digits import LAYERS, Classifier, Digits, load_digits, make_predict, make_step
from .listing import listing, numbered

EPOCHS = 15
NUMBER = 27


@sw.function
def collatz(n):
    """How many steps lead from n to 1."""
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def run_demo(console: Console | None = None) -> None:
    """Train, look at every level, export, and compare the engines, on scikit-learn's handwritten digits.

    On a terminal there is colour and a progress bar, and long lines are cut; elsewhere there is plain text.
    """
    console = console or Console(highlight=False)
    started = time.perf_counter()
    digits, model = load_digits(), Classifier()
    _train(console, digits, model)
    predict = make_predict(model)
    _report_accuracy(console, digits, predict)
    _show_levels(console)
    _compare_engines(console, digits, model, predict)
    console.print(f"\nAll of this took {time.perf_counter() - started:.1f} s.")


def _heading(console: Console, text: str) -> None:
    console.print()
    console.rule(f"[bold]{text}", align="left")


def _train(console: Console, digits: Digits, model: Classifier) -> None:
    """Gradient descent, the first step apart, since it is traced and compiled."""
    _heading(console, "Train, on the native engine")
    images, kept = len(digits.train_y) + len(digits.test_y), len(digits.test_y)
    console.print(f"{images} handwritten digits, {kept} kept for the test; layers of {', '.join(map(str, LAYERS))}")
    step = make_step(model)
    x, y = next(digits.batches(seed=0))
    started = time.perf_counter()
    loss = float(step(sw.constant(x), sw.constant(y)))
    compiled = time.perf_counter() - started
    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("loss {task.fields[loss]:.4f}"))
    count, started = 0, time.perf_counter()
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=EPOCHS, loss=loss)
        for epoch in range(EPOCHS):
            for x, y in digits.batches(seed=epoch):
                loss = float(step(sw.constant(x), sw.constant(y)))
                count += 1
            progress.update(task, advance=1, loss=loss)
    seconds = time.perf_counter() - started
    console.print(f"first step, traced and compiled: {compiled:.2f} s")
    console.print(f"{count} more: {seconds:.2f} s, {seconds / count * 1e6:.0f} µs each; loss {loss:.4f}")


def _report_accuracy(console: Console, digits: Digits, predict: Any) -> None:
    found = predict(sw.constant(digits.test_x)).numpy()
    console.print(f"[bold green]test accuracy {_accuracy(digits, found):.2%}[/] on images that the model has not seen")


def _accuracy(digits: Digits, probabilities: np.ndarray) -> float:
    return float((probabilities.argmax(-1) == digits.test_y).mean())


def _show(console: Console, lines: Iterable[Text]) -> None:
    """Print lines that have to stay lines: cut on a terminal, whole elsewhere."""
    for line in lines:
        if console.is_terminal:
            console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
        else:
            console.print(line, soft_wrap=True)


def _show_levels(console: Console) -> None:
    """A function's source, its text at each level, and what the interpreter makes of each."""
    _heading(console, "One function at five levels; in the margin, the Python line of each op")
    source, first = inspect.getsourcelines(collatz.python_function)
    _show(console, (Text.assemble((f"{n:>4} │ ", "dim"), line.rstrip()) for n, line in enumerate(source, first)))
    concrete = collatz.get_concrete_function(sw.constant(NUMBER))
    results = {}
    for level in LEVELS.values():
        console.print(f"\n[bold]{level.name}[/]\n[dim]{level.doc}[/]")
        _show(console, listing(numbered(sw.ir(concrete, level=level.name, locations=True))))
        (found,) = run_module(lowered(concrete.module, level.name), [np.array(NUMBER, np.int32)])
        results[level.name] = int(found)
    results["native"] = int(collatz(sw.constant(NUMBER)))
    shown = ", ".join(f"{name} {value}" for name, value in results.items())
    console.print(f"\ncollatz({NUMBER}): {shown}")


def _compare_engines(console: Console, digits: Digits, model: Classifier, predict: Any) -> None:
    _heading(console, "Export the trained model, and run it on three engines")
    x = sw.constant(digits.test_x)
    with tempfile.TemporaryDirectory() as folder:
        path = sw.onnx.export(predict, Path(folder) / "digits.onnx", sample_inputs=[x])
        _describe(console, path)
        engines = {
            "interpreter": lambda: make_predict(model, engine="interpreter")(x).numpy(),
            "native": lambda: predict(x).numpy(),
            "ONNX Runtime": lambda: sw.onnx.run(path, x)[0],
        }
        results = {name: run() for name, run in engines.items()}
    table = Table("engine", "test accuracy", "first image", "differs by up to")
    for name, found in results.items():
        shown = f"{int(found[0].argmax())}, by {found[0].max():.4%}"
        difference = np.abs(found - results["interpreter"]).max()
        table.add_row(name, f"{_accuracy(digits, found):.2%}", shown, f"{difference:.2e}")
    console.print(table)
    largest = max(float(np.abs(a - b).max()) for a in results.values() for b in results.values())
    console.print(f"[bold green]largest difference between the three engines: {largest:.2e}[/]")


def _describe(console: Console, path: Path) -> None:
    """What is in the file."""
    graph = onnx.load(path).graph
    value = graph.input[0]
    sizes = [dim.dim_param or str(dim.dim_value) for dim in value.type.tensor_type.shape.dim]
    console.print(
        f"{path.name}: {path.stat().st_size / 1024:.0f} KiB, {len(graph.node)} nodes, "
        f"input {value.name} \\[{', '.join(sizes)}]"
    )
    console.print("passed ONNX's checker, and returns what the function returns")
    lines = [entry.value for node in graph.node if node.op_type == "MatMul" for entry in node.metadata_props]
    places = (value.rsplit(":", 2) for value in lines)
    console.print(f"its MatMul nodes are {', '.join(f'{Path(file).name}:{line}' for file, line, _ in places)}")
