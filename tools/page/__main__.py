"""`make page`: trains a classifier, exports it to WebAssembly, and writes a page that needs no other file."""

from __future__ import annotations

import base64
import html
import tempfile
from pathlib import Path

import numpy as np

import stepwell as sw

from ...runtime.native_export.export import write_files
from ..digits import Classifier, load_digits, make_step
from .onnxruntime import FILE, runtime_script

FOLDER = Path("build", "page")
"""Where the page is written."""
EPOCHS = 160
RATE = 0.05
"""Of what the page learns from one drawing: small enough that it does not forget the rest."""


def varied(images: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Each image turned, slanted, scaled and moved a little: drawings are not those of the data set."""
    from scipy.ndimage import affine_transform

    count = len(images)
    angles, slants = random.uniform(-0.25, 0.25, count), random.uniform(-0.3, 0.3, count)
    scales, moves = random.uniform([0.85, 0.8], [1.2, 1.3], (count, 2)), random.uniform(-1.0, 1.0, (count, 2))
    found = np.empty_like(images)
    for image, angle, slant, scale, move, out in zip(images, angles, slants, scales, moves, found, strict=True):
        turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle) + slant, np.cos(angle)]]) * scale
        placed = affine_transform(image.reshape(8, 8), turned, 3.5 - turned @ [3.5, 3.5] + move, order=1)
        out[:] = placed.ravel()
    return np.clip(found * random.uniform(0.8, 1.4, (count, 1)), 0, 1).astype(np.float32)


def trained(epochs: int = EPOCHS) -> tuple[Classifier, float]:
    """A classifier, and its accuracy on the test images."""
    data, model = load_digits(), Classifier()
    steps = make_step(model, 0.3), make_step(model, 0.05)
    for epoch in range(epochs):
        step = steps[2 * epoch // epochs]
        random = np.random.default_rng(epoch)
        for images, labels in data.batches(epoch):
            step(sw.constant(varied(images, random)), sw.constant(labels))
    found = np.argmax(np.asarray(model.logits(sw.constant(data.test_x))), axis=1)
    return model, float(np.mean(found == data.test_y))


def export(model: Classifier, folder: Path) -> Path:
    """Write the package: `predict`, and `learn`, which updates the Variables."""

    @sw.function(input_signature=[sw.TensorSpec([None, 64], name="images")])
    def predict(images):
        return sw.nn.softmax(model.logits(images))

    step = make_step(model, RATE)
    specs = sw.TensorSpec([None, 64], name="images"), sw.TensorSpec([None], sw.int32, name="labels")
    return sw.native.export_npm(
        {"predict": predict, "learn": step.get_concrete_function(*specs)}, folder, name="digits"
    )


def page(package: Path, accuracy: float, other: str) -> str:
    """The text of the page, with the package in it, and the name of the file that it compares with, or none."""
    wasm = (package / "digits.wasm").read_bytes()
    texts = {
        "LIBRARY": (package / "index.js").read_text(encoding="utf-8"),
        "PAGE": (Path(__file__).parent / "page.js").read_text(encoding="utf-8"),
        "WASM": base64.b64encode(wasm).decode("ascii"),
        "SIZE": html.escape(f"{len(wasm) / 1024:.0f} KB"),
        "OTHER": other,
        "ACCURACY": html.escape(f"{100 * accuracy:.1f} %"),
    }
    text = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
    for name, content in texts.items():
        text = text.replace(f"<!--{name}-->", content).replace(f"/*{name}*/", content)
    return text


def write_page(folder: Path = FOLDER, epochs: int = EPOCHS) -> Path:
    """Write the page, and what it compares with where npm gets that; its path."""
    model, accuracy = trained(epochs)
    script = runtime_script(model)
    with tempfile.TemporaryDirectory() as package:
        text = page(export(model, Path(package)), accuracy, FILE if script is not None else "")
    files = {"index.html": text.encode()} | ({FILE: script} if script is not None else {})
    return write_files("page", folder, files) / "index.html"


if __name__ == "__main__":
    print(write_page())
