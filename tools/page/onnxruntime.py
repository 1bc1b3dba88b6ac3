"""What the page compares with: onnxruntime-web and the classifier as an ONNX model, in one file beside the page."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import stepwell as sw

from ..digits import Classifier

PACKAGE, VERSION = "onnxruntime-web", "1.30.0"
FILE = "onnxruntime.js"
"""The file that is written beside the page, which loads it when it is asked to."""
_MODULE, _WASM = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"


def runtime_script(model: Classifier) -> bytes | None:
    """A script with the runtime and the model; None where npm is not installed or does not get the package."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "install", "--silent", "--no-audit", "--prefix", folder, f"{PACKAGE}@{VERSION}"]
        if subprocess.run(command, capture_output=True).returncode != 0:
            return None
        files = Path(folder) / "node_modules" / PACKAGE / "dist"
        content = {
            "version": VERSION,
            "module": base64.b64encode((files / _MODULE).read_bytes()).decode(),
            "wasm": base64.b64encode((files / _WASM).read_bytes()).decode(),
            "model": base64.b64encode(_model(model, Path(folder))).decode(),
        }
    return f"globalThis.ONNX_RUNTIME = {json.dumps(content)};".encode()


def _model(model: Classifier, folder: Path) -> bytes:
    predict = sw.function(lambda images: sw.nn.softmax(model.logits(images)))
    return sw.onnx.export(predict, folder / "digits.onnx", sw.TensorSpec([None, 64], name="images")).read_bytes()
