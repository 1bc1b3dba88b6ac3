"""Writes the saved model by which later versions are tested to read this one: `python -m support.saved_golden`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import stepwell as sw
from stepwell.runtime.saved_models.index import FILE, VERSION

from .damage import sealed

FOLDER = Path(__file__).parents[1] / "saved_models" / "versions" / str(VERSION)


class Golden(sw.Module):
    """Something of each kind that is saved."""

    def __init__(self, asset: str):
        super().__init__()
        self.layers = [sw.Variable([[1.5, 3.0], [2.0, 4.0]], name="w")]
        self.kinds = [
            sw.Variable(sw.cast([1.5], "bfloat16")),
            sw.Variable(np.array([1 + 2j], np.complex64)),
            sw.Variable(["a", b"\xff"]),
            sw.Variable(True),
            sw.Variable(np.int8(-3)),
        ]
        self.total = sw.Variable(0, trainable=False, name="total", shape=[])
        self.named = {"pair": (self.layers[0], 2.5), 1: None, "total": self.total}
        self.generator = sw.random.Generator.from_seed(1)
        self.file = sw.saved_model.Asset(asset)
        self.table = sw.constant(np.arange(100, dtype=np.float64))

    @sw.function
    def __call__(self, x: Any, scale: float | None = None) -> Any:
        """The products, and scaled ones."""
        y = x @ self.layers[0]
        return y if scale is None else {"scaled": y * scale}

    @sw.function(input_signature=[sw.TensorSpec(["batch", 2], name="x")])
    def serve(self, x: Any) -> Any:
        """The products by name."""
        return {"y": x @ self.layers[0]}

    @sw.function
    def count(self, n: Any) -> Any:
        """A loop and an assignment."""
        for _ in sw.range(n):
            self.total.assign_add(1)
        return self.total.read_value() + sw.cast(self.table[0], "int32")

    @sw.function
    def words(self) -> Any:
        """What is in the file."""
        return sw.io.read_file(self.file.asset_path)

    @sw.function
    def draw(self) -> Any:
        """Random numbers of several states."""
        return self.generator.normal([3]) + sw.random.normal([3]) + sw.random.normal([3], seed=2)


def main() -> None:
    """Write the folder."""
    with tempfile.TemporaryDirectory() as folder:
        asset = Path(folder) / "words.txt"
        asset.write_text("one two\n")
        golden = Golden(str(asset))
        golden(sw.ones([1, 2])), golden(sw.ones([1, 2]), scale=3.0), golden.count(sw.constant(0))
        golden.words(), golden.draw()
        golden.generator.reset_from_seed(1)
        sw.saved_model.save(golden, FOLDER, golden.serve, sw.saved_model.SaveOptions(onnx=False))
    for path in FOLDER.rglob("*.mlir"):
        path.write_text(path.read_text().replace(f"{Path(__file__).parents[2]}/", ""))  # where the project is
    sealed(FOLDER, json.loads((FOLDER / FILE).read_text()))


if __name__ == "__main__":
    main()
