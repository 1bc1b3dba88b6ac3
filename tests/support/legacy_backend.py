"""Calls of `tf.keras.backend`'s functions; `python tests/support/legacy_backend.py` records what TensorFlow returns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

RECORDED = Path(__file__).parents[1] / "keras" / "legacy_backend.json"

CALLS: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
"""What TensorFlow returned, by expression of the names in `arguments`."""


def arguments(K: Any) -> dict[str, Any]:
    """What the calls are about: matrices, a vector, probabilities, sequences, an image, a Variable."""
    x = np.array([[-1.5, 0.25, 2.0], [0.5, -0.75, 1.0]], np.float32)
    return {
        "K": K,
        "np": np,
        "c": K.constant,
        "x": x,
        "v": np.array([0.5, 1.0, -2.0], np.float32),
        "p": np.array([[0.2, 0.3, 0.5], [0.1, 0.6, 0.3]], np.float32),
        "q": np.array([[0.3, 0.3, 0.4], [0.2, 0.7, 0.1]], np.float32),
        "t": np.linspace(-1, 1, 12, dtype=np.float32).reshape(2, 2, 3),
        "i": np.linspace(-1, 1, 32, dtype=np.float32).reshape(1, 4, 4, 2),
        "w": K.variable(np.array([1.0, 2.0], np.float32)),
    }


def plain(value: Any) -> Any:
    """A value as JSON has it: arrays with their dtype, other values as they are."""
    if isinstance(value, list | tuple) and any(isinstance(each, np.ndarray) for each in value):
        return [plain(each) for each in value]
    if isinstance(value, list | tuple | str | bool | int | float):
        return list(value) if isinstance(value, tuple) else value
    if type(value).__name__ == "TensorShape":
        return list(value)
    array = value.numpy() if hasattr(value, "numpy") else np.asarray(value)
    return {"dtype": str(array.dtype), "values": array.tolist()}


def _record() -> None:
    import tensorflow as tf  # pyright: ignore[reportMissingImports]

    found = {call: plain(eval(call, arguments(tf.keras.backend))) for call in CALLS}
    RECORDED.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _record()
