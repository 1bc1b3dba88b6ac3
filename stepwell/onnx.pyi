# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from stepwell.types import TensorLike

def export(
    function: Callable[..., object],
    path: str | os.PathLike[str],
    *specs: object,
    sample_inputs: Sequence[object] | None = None,
    drop_prints: bool = False,
    exact: bool = False,
    rtol: float = 0.001,
    atol: float = 1e-05,
) -> Path:
    """Write `function` as an ONNX model (opset 21) with its control flow, its Variables as initializers."""

def run(
    path: str | os.PathLike[str],
    *arrays: TensorLike,
    state: Mapping[str, TensorLike] | None = None,
) -> list[np.ndarray]:
    """The outputs of an ONNX file in ONNX Runtime: the function's results, then the new values of its Variables."""
