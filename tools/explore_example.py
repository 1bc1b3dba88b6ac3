"""`make explore`: pages of a loop and of a training step, to see what `stepwell explore` shows."""

from __future__ import annotations

from pathlib import Path

import stepwell as sw

from .demo import collatz
from .digits import Classifier, load_digits, make_step

FOLDER = Path("build", "explore")
"""Where the pages are written."""
BATCH = 8
"""Few images, so that the interpreter is quick to run them at all levels."""


def write_pages(folder: Path = FOLDER) -> list[Path]:
    """Write the pages; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    x, labels = next(iter(load_digits().batches(seed=0, size=BATCH)))
    step = make_step(Classifier())
    return [
        sw.debugging.explore(collatz, sw.constant(27), path=folder / "collatz.html"),
        sw.debugging.explore(step, sw.constant(x), sw.constant(labels), path=folder / "train_step.html"),
    ]


if __name__ == "__main__":
    for page in write_pages():
        print(page)
