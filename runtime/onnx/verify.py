"""Results of an exported model beside those of the function that it was made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import optree

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ...compiler.interchange.onnx_export.export import OnnxModel
from ...dialects.diagnostics import ExportError
from ...dialects.dtypes import dtype_of
from ...dialects.packing import packed
from ..engines import compile_for
from ..engines.onnx import OnnxSession
from ..exported import captured_arrays
from ..functions.concrete import ConcreteFunction, check_spec


def samples_of(where: str, concrete: ConcreteFunction, given: Sequence[object], required: bool) -> list[Tensor] | None:
    """The tensors of arguments, when there is one for each; if not, None, or an error that names `where`."""
    kinds = TensorSpec | Tensor | Variable | np.ndarray | np.generic
    structure: Any = tuple(given)
    leaves = [leaf for leaf in optree.tree_leaves(structure) if isinstance(leaf, kinds)]
    tensors = [leaf for leaf in leaves if not isinstance(leaf, TensorSpec)]
    missing = len(leaves) != len(concrete.specs) or len(tensors) < len(leaves)
    if missing and required:
        raise TypeError(
            f"{where}: expected {len(concrete.specs)} arrays or tensors for "
            f"{', '.join(concrete._tensor_names()) or 'no argument'}, got {len(leaves)}"
        )
    if missing:
        return None
    named = zip(concrete._tensor_names(), concrete.specs, tensors, strict=True)
    return [check_spec(concrete.name, name, spec, tensor) for name, spec, tensor in named]


def verify(
    concrete: ConcreteFunction, model: OnnxModel, proto: bytes, samples: Sequence[Tensor], rtol: float, atol: float
) -> None:
    """Compare ONNX Runtime's results, and new values of Variables, with the function's own; nothing is assigned."""
    session = OnnxSession(proto, f"onnx.export: the model of {concrete.name}")
    for name, got, want in both(concrete, session, model.inputs, samples, model.outputs, model.updates):
        _compare(f"onnx.export: output {name} of {concrete.name}", got, want, rtol, atol)


def both(
    concrete: ConcreteFunction,
    session: OnnxSession,
    inputs: Sequence[str],
    samples: Sequence[Tensor],
    outputs: Sequence[str],
    updates: Sequence[tuple[int, str]],
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """For each output, then each new value of a Variable, its name, the model's result and the function's own."""
    arrays = [tensor._array for tensor in samples]
    given = map(_without_complex, arrays)
    feeds = {name: array for name, array in zip(inputs, given, strict=True) if name in session.inputs}
    names = [*outputs, *(name for _, name in updates)]
    found = session.run(names, feeds)
    oracle = compile_for("interpreter", concrete.module) if concrete.engine == "onnx" else concrete.executable
    everything = [*arrays, *(array.copy() for array in captured_arrays(concrete))]
    expected = [*oracle.run(*everything), *(everything[number] for number, _ in updates)]
    for name, got, want in zip(names, found[: len(names)], map(_without_complex, expected), strict=True):
        yield name, np.asarray(got), np.asarray(want)


def _without_complex(array: np.ndarray) -> np.ndarray:
    """An array as a model has it: the parts of complex numbers along a last axis."""
    array = np.asarray(array)
    return packed(array) if dtype_of(array).is_complex else array


def _compare(what: str, got: np.ndarray, want: np.ndarray, rtol: float, atol: float) -> None:
    if (got.dtype, got.shape) != (want.dtype, want.shape):
        shown = [f"{array.dtype.name}{list(array.shape)}" for array in (got, want)]
        raise ExportError(f"{what} is {shown[0]}, the function's own result is {shown[1]}")
    exact = not dtype_of(want).is_floating
    with np.errstate(all="ignore"):
        largest = 1.0 if exact else float(np.max(np.abs(want), initial=1.0, where=np.isfinite(want)))
        close = got == want if exact else np.isclose(got, want, rtol=rtol, atol=atol * largest, equal_nan=True)
    if not np.all(close):
        place = tuple(int(index) for index in np.argwhere(~close)[0])
        raise ExportError(
            f"{what} differs from the function's own result in {np.sum(~close)} of {want.size} elements: "
            f"at {list(place)} it is {got[place]}, expected {want[place]}"
        )
