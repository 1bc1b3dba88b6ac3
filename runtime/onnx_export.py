"""`sw.onnx`: writes a function as an ONNX file that is checked and verified before it appears."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import optree

from ..compiler.diagnostics import ExportError
from ..compiler.frontend.signature import TensorSpec
from ..compiler.interchange.onnx_export import OnnxModel, export_module
from .concrete import ConcreteFunction
from .dispatch import as_tensor
from .engines.onnx import session
from .function import Function
from .tensor import Tensor
from .variable import Variable


def export(
    function: Any,
    path: str | os.PathLike[str],
    *specs: Any,
    rtol: float = 1e-3,
    atol: float = 1e-5,
) -> Path:
    """Write `function` as an ONNX model (opset 21) with its control flow, its Variables as initializers.

    Args:
        function: a `sw.function` or one of its concrete functions.
        path: the file to write; it appears only when all checks passed.
        specs: for each argument a `TensorSpec` (sizes `None` become named dynamic dimensions) or an example. With
            examples for all arguments the model is run in ONNX Runtime and compared with the function's own result.
            None are needed for a function with an `input_signature`.
        rtol, atol: how far results may differ.

    Returns the path. Raises `UnsupportedError` for what ONNX cannot say, `ExportError` when a check fails.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"onnx.export: path: the folder {target.parent} does not exist")
    concrete = _concrete(function, specs)
    model = _model(concrete)
    _check(concrete, model)
    examples = _examples(concrete, specs)
    if examples is not None:
        _verify(concrete, model, examples, rtol, atol)
    _write(model, target)
    return target


def _concrete(function: Any, specs: Sequence[Any]) -> ConcreteFunction:
    if isinstance(function, ConcreteFunction):
        return function
    if not isinstance(function, Function):
        raise TypeError(f"onnx.export: function: expected a sw.function, got {type(function).__name__}")
    return function.get_concrete_function(*specs)


def _model(concrete: ConcreteFunction) -> OnnxModel:
    offset = len(concrete.specs)
    stored = {
        offset + number: thing._buffer(False) if isinstance(thing, Variable) else thing._array
        for number, thing in enumerate(concrete.captures)
    }
    return export_module(concrete.module, stored)


def _check(concrete: ConcreteFunction, model: OnnxModel) -> None:
    try:
        onnx.checker.check_model(model.proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(f"onnx.export: the model of {concrete.name} does not pass ONNX's checker: {error}") from error


def _examples(concrete: ConcreteFunction, specs: Sequence[Any]) -> list[Tensor] | None:
    """The example tensors, when there is one for each argument."""
    leaves = [leaf for leaf in optree.tree_leaves(tuple(specs)) if isinstance(leaf, TensorSpec | Tensor | np.ndarray)]
    if not leaves or len(leaves) != len(concrete.specs) or any(isinstance(leaf, TensorSpec) for leaf in leaves):
        return None
    return [as_tensor(leaf) for leaf in leaves]


def _verify(concrete: ConcreteFunction, model: OnnxModel, examples: Sequence[Tensor], rtol: float, atol: float) -> None:
    """Compare ONNX Runtime's results with the function's own; Variables are put back as they were."""
    things = [thing for thing in concrete.captures if isinstance(thing, Variable)]
    before = [thing._buffer(False).copy() for thing in things]
    feeds = dict(zip(model.inputs, [tensor._array for tensor in examples], strict=True))
    found = session(model.proto.SerializeToString()).run(list(model.outputs), feeds)  # pyright: ignore
    expected = concrete.run(examples)
    for thing, value in zip(things, before, strict=True):
        thing.assign(value)
    for name, got, want in zip(model.outputs, found, expected, strict=True):
        if not np.allclose(got, want._array, rtol=rtol, atol=atol, equal_nan=True):
            error = float(np.abs(np.asarray(got, np.float64) - want._array).max())
            raise ExportError(
                f"onnx.export: output {name} of {concrete.name} differs from the function's own result by {error:.3g}"
            )


def _write(model: OnnxModel, target: Path) -> None:
    """Write under a temporary name, then rename into place."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(model.proto.SerializeToString())
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise


def run(path: str | os.PathLike[str], *arrays: Any) -> list[np.ndarray]:
    """The outputs of an ONNX file in ONNX Runtime, for its inputs in order."""
    loaded: Any = session(Path(path).read_bytes())
    names = [value.name for value in loaded.get_inputs()]
    if len(arrays) != len(names):
        raise TypeError(f"onnx.run: {path} has inputs {', '.join(names)}, got {len(arrays)} arrays")
    return loaded.run(None, dict(zip(names, [np.asarray(array) for array in arrays], strict=True)))
