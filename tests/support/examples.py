"""The programs in `examples/`, and the sizes at which tests run them."""

from __future__ import annotations

import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "examples"
RECORDED = FOLDER / "tensorflow.json"
RECORDED_WITH = (3, 11)
"""The version of Python whose docstrings `characters` read when it was recorded."""
SMALL: dict[str, dict[str, Any]] = {
    "digits_raw": {"epochs": 3, "images": 400},
    "digits_keras": {"epochs": 3, "images": 400},
    "digits_augmented": {"epochs": 2, "images": 160},
    "two_heads": {"epochs": 2, "images": 200},
    "dynamic_rnn": {"epochs": 3, "batches": 4, "units": 8},
    "characters": {"epochs": 2, "characters": 1281, "units": 8, "time": 10, "sample": 40},
    "transformer": {"epochs": 3, "rows": 256, "length": 4, "width": 8, "blocks": 1},
    "cartpole": {"games": 4, "carts": 4},
    "vae": {"epochs": 3, "images": 200, "codes": 3},
    "physics": {"epochs": 3, "steps": 10, "units": 8},
}
"""Arguments of each example's `train` in tests."""


def run_example(name: str, size: str = "small") -> Any:
    """Run an example's training, without a progress bar; returns its `report.Run`."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    with tempfile.TemporaryDirectory() as folder:
        run = import_module("report").Run(folder=Path(folder))
        import_module(name).train(run, **(SMALL[name] if size == "small" else {}))
    return run


def recorded(name: str, size: str = "small") -> dict[str, Any]:
    """Curves and results of the same program in TensorFlow."""
    return json.loads(RECORDED.read_text())[name][size]
