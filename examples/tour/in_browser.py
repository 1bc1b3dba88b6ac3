"""The last stop of the tour: the model in a page, as WebAssembly, that reads the test images in Chromium."""

from __future__ import annotations

import base64
import html
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np

import stepwell as sw

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCRIPT = """
const model = await load(bytes(WASM));
const images = new Float32Array(bytes(IMAGES).buffer), labels = bytes(LABELS);
const started = performance.now();
const { data, shape } = model.scores({ data: images, shape: [labels.length, images.length / labels.length] });
const took = performance.now() - started;
let right = 0;
labels.forEach((label, i) => {
  const row = data.subarray(i * shape[1], (i + 1) * shape[1]);
  right += row.indexOf(Math.max(...row)) === label;
});
document.querySelector("output").textContent =
  `accuracy ${(right / labels.length).toFixed(4)}, ${labels.length} images in ${took.toFixed(1)} ms`;
"""
PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Digits in WebAssembly</title>
<style>body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }</style>
<h1>Digits in WebAssembly</h1>
<p>The model was trained in Python; this page has it as a module of SIZE, and the test images.</p>
<p><output>running …</output></p>
<script type="module">
CODE
</script>
</html>
"""


def browser() -> str | None:
    """The path of a browser without a window, if there is one."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def write_page(
    functions: dict[str, sw.types.experimental.PolymorphicFunction],
    images: np.ndarray,
    labels: np.ndarray,
    folder: Path,
) -> Path:
    """Write the functions as a package, and a page that needs no other file; its path."""
    package = sw.native.export_npm(functions, folder / "npm", name="digits")
    module = (package / "digits.wasm").read_bytes()
    data = {"WASM": module, "IMAGES": images.astype("<f4").tobytes(), "LABELS": labels.astype(np.uint8).tobytes()}
    constants = [f'const {name} = "{base64.b64encode(value).decode()}";' for name, value in data.items()]
    decode = "const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));"
    code = "\n".join([(package / "index.js").read_text(encoding="utf-8"), decode, *constants, SCRIPT])
    page = folder / "digits.html"
    page.write_text(PAGE.replace("SIZE", f"{len(module) / 1024:.0f} KB").replace("CODE", code), encoding="utf-8")
    return page


def read_page(page: Path) -> str:
    """What the page says once its program has run."""
    path = browser()
    assert path is not None
    command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
    shown = subprocess.run([*command, page.as_uri()], check=True, capture_output=True, text=True, timeout=120).stdout
    found = re.search(r"<output>(.*?)</output>", shown, re.DOTALL)
    return html.unescape(found[1]) if found else "the page shows no result"
