# Written by `python -m stepwell.tools.public_api --write`.

import numpy as np
import onnx
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from stepwell import Module, TensorSpec, Variable
from stepwell.types import Function, TensorLike

@dataclass(frozen=True)
class Difference:
    """How far an output of a model is from the function's own result."""
    name: str
    largest: float
    mean: float
    same_argmax: float
    def __str__(self) -> str:
        """The numbers in percent."""

class Model(Module):
    """A loaded ONNX model, called with a tensor for each of its inputs, in order or by name."""
    function: Function[..., Any]
    inputs: tuple[tuple[str, TensorSpec | None], ...]
    output_names: tuple[str, ...]
    weights: dict[str, Variable]
    def __call__(self, *args: object, **kwargs: object) -> Any:
        """The results for inputs in order, or by name."""
    def __repr__(self) -> str: ...
    def text(self) -> str:
        """The `hl` text of the model, complete: its constants are in it, and its Variables as they are now."""
    def ir(self, level: str = 'hl', *args: object) -> str:
        """The text of the model's program at a level, as `sw.ir` shows it; `args` only where it depends on them."""

def compare(path: str | os.PathLike[str], function: Callable[..., object], *arguments: object) -> list[Difference]:
    """Compare a model's results in ONNX Runtime with those of a function, for each output."""

def export(
    function: Callable[..., object],
    path: str | os.PathLike[str],
    *specs: object,
    sample_inputs: Sequence[object] | None = None,
    drop_prints: bool = False,
    exact: bool = False,
    quantize: str | None = None,
    rtol: float = 0.001,
    atol: float = 1e-05,
) -> Path:
    """Write `function` as an ONNX model (opset 21) with its control flow, its Variables as initializers."""

def load(
    source: str | os.PathLike[str] | bytes | onnx.ModelProto,
    trainable: bool | Collection[str] = True,
    engine: str = 'native',
) -> Model:
    """An ONNX model as a callable whose initializers are Variables: it can be run, differentiated and trained."""

def run(
    path: str | os.PathLike[str],
    *arrays: TensorLike,
    state: Mapping[str, TensorLike] | None = None,
) -> list[np.ndarray]:
    """The outputs of an ONNX file in ONNX Runtime: the function's results, then the new values of its Variables."""
