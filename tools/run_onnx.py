"""Running an exported file on ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..runtime.engines.onnx import session
from .errors import FAILED, CommandError
from .inputs import Given, fit

_DTYPES = {
    "bool": "bool",
    "float": "float32",
    "double": "float64",
    "float16": "float16",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}


def run_onnx(path: str, inputs: Sequence[Given]) -> dict[str, np.ndarray]:
    """The outputs of an ONNX file by name, for its inputs in order."""
    loaded = _load(path)
    wanted = loaded.get_inputs()
    if len(inputs) != len(wanted):
        names = ", ".join(f"{value.name}: {value.type}" for value in wanted) or "none"
        raise CommandError(f"{path} takes {len(wanted)} inputs ({names}), got {len(inputs)}")
    feeds = {value.name: _fitting(given, value) for given, value in zip(inputs, wanted, strict=True)}
    names = [value.name for value in loaded.get_outputs()]
    try:
        return dict(zip(names, loaded.run(names, feeds), strict=True))
    except Exception as error:  # ONNX Runtime's errors have no common class of their own
        raise CommandError(f"{path}: {' '.join(str(error).split())}", FAILED) from error


def _load(path: str) -> Any:
    try:
        with open(path, "rb") as file:
            proto = file.read()
    except OSError as error:
        raise CommandError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    try:
        return session(proto)
    except Exception as error:
        if type(error).__module__.startswith("onnxruntime"):
            raise CommandError(f"{path}: {' '.join(str(error).split())}") from error
        raise


def _fitting(given: Given, value: Any) -> np.ndarray:
    dtype = _DTYPES.get(value.type.removeprefix("tensor(").removesuffix(")"))
    if dtype is None:
        raise CommandError(f"input {value.name} is a {value.type}, which cannot be given here")
    shape = [size if isinstance(size, int) else None for size in value.shape]
    return fit(given, f"input {value.name}", np.dtype(dtype), shape)
