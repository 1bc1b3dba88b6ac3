"""Running an exported file on ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from ..dialects.diagnostics import UnsupportedError
from ..dialects.dtypes import as_dtype
from ..runtime.engines.onnx import OnnxSession
from ..runtime.text_inputs import Given, fit
from .errors import CommandError


def run_onnx(path: str, inputs: Sequence[Given]) -> dict[str, np.ndarray]:
    """The outputs of an ONNX file by name, for its inputs in order."""
    session = _load(path)
    if len(inputs) != len(session.inputs):
        names = ", ".join(session.inputs) or "none"
        raise CommandError(f"{path} takes {len(session.inputs)} inputs ({names}), got {len(inputs)}")
    feeds = {}
    for given, (name, (dtype, sizes)) in zip(inputs, session.inputs.items(), strict=True):
        shape = [size if isinstance(size, int) else None for size in sizes]
        feeds[name] = fit(given, f"input {name}", as_dtype(dtype), shape)
    return dict(zip(session.outputs, session.run(session.outputs, feeds), strict=True))


def _load(path: str) -> OnnxSession:
    try:
        with open(path, "rb") as file:
            proto = file.read()
    except OSError as error:
        raise CommandError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    try:
        return OnnxSession(proto, path, os.path.dirname(os.path.realpath(path)))
    except UnsupportedError as error:
        raise CommandError(" ".join(str(error).split())) from error
