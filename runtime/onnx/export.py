"""`sw.onnx.export`: writes a function as an ONNX file that is checked and verified before it appears."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import optree

from ...compiler.frontend.tracing.signature import TensorSpec
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ...compiler.interchange.onnx_export.export import OnnxModel, export_module
from ...dialects.diagnostics import ExportError, UnsupportedError
from ...dialects.dtypes import dtype_of
from ...dialects.packing import packed
from ...dialects.public import public
from ..engines import compile_for
from ..engines.onnx import OnnxSession
from ..exported import captured_arrays, concrete_of, identifier, output_names
from ..functions.concrete import ConcreteFunction, check_spec

_LARGEST = 2**31 - 1
"""The largest size of a file, which is one protobuf message."""


@public("onnx")
def export(
    function: Callable[..., object],
    path: str | os.PathLike[str],
    *specs: object,
    sample_inputs: Sequence[object] | None = None,
    drop_prints: bool = False,
    exact: bool = False,
    rtol: float = 1e-3,
    atol: float = 1e-5,
) -> Path:
    """Write `function` as an ONNX model (opset 21) with its control flow, its Variables as initializers.

    Args:
        function: a `sw.function` or one of its concrete functions.
        path: the file to write; it appears, or is replaced, only when all checks have passed.
        specs: for each argument a `TensorSpec` or an example; none for a function with an `input_signature`. Sizes that
            are not known become dynamic dimensions with names: those of the specs, or `x_0` after argument and axis.
        sample_inputs: arguments for which the model is run in ONNX Runtime and compared with the function's own
            results; by default `specs`, where all of them are examples.
        drop_prints: leave out `sw.print` and `sw.summary`, which a model cannot do. Without it, they are errors.
        exact: keep NaN, the sign of zero and every run-time check as the function has them. By default the model is
            made of ONNX's standard operators, which other tools run faster and recognise.
        rtol, atol: how far floating-point results may differ, `atol` for a result whose largest element is at most 1
            and in proportion for larger ones, whose small elements may be what large terms leave; others must be equal.

    Complex inputs and results have one more axis, of size 2, with real and imaginary parts, as ONNX's `DFT` has them.

    A Variable that the function assigns is an input that need not be given, with its value now as default, and has
    its new value as an output after the results, `<name>_new`. Assertions, and the run-time checks of operations, stop
    the model with an error. Each node has the user's `file:line:column` in its metadata, as `stepwell.source`.

    Returns the path. Raises `UnsupportedError` naming the op and the user's line for what ONNX cannot say,
    `ExportError` when a check fails.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> @sw.function
        ... def double(x):
        ...     return x + x
        >>> sw.onnx.export(double, f"{tempfile.mkdtemp()}/double.onnx", sw.TensorSpec([None])).name
        'double.onnx'
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"onnx.export: path: the folder {target.parent} does not exist")
    if target.is_dir():
        raise IsADirectoryError(f"onnx.export: path: {target} is a folder")
    concrete = concrete_of("onnx.export", function, specs)
    samples = _samples(concrete, specs if sample_inputs is None else sample_inputs, sample_inputs is not None)
    model = _model(concrete, drop_prints, exact)
    proto = _checked(concrete, model)
    if samples is not None:
        _verify(concrete, model, proto, samples, rtol, atol)
    _write(proto, target)
    return target


def checked_model(concrete: ConcreteFunction) -> onnx.ModelProto:
    """The model of a concrete function in standard operators, without prints, which passes ONNX's full check."""
    model = _model(concrete, drop_prints=True, exact=False)
    _checked(concrete, model)
    return model.proto


def _model(concrete: ConcreteFunction, drop_prints: bool, exact: bool) -> OnnxModel:
    offset = len(concrete.specs)
    stored = {offset + number: array for number, array in enumerate(captured_arrays(concrete))}
    names = [spec.name or name for spec, name in zip(concrete.specs, concrete._tensor_names(), strict=True)]
    model = export_module(
        concrete.module,
        stored,
        input_names=[identifier(name) for name in names],
        output_names=output_names(concrete),
        drop_prints=drop_prints,
        exact=exact,
        size_names=[spec.size_names for spec in concrete.specs],
    )
    if not model.proto.graph.output:
        raise UnsupportedError(
            f"onnx.export: {concrete.name} returns no tensor and assigns no Variable: there is nothing to export",
            location=concrete.function.location,
        )
    return model


def _checked(concrete: ConcreteFunction, model: OnnxModel) -> bytes:
    """The bytes of the model, which pass ONNX's full check."""
    what = f"onnx.export: the model of {concrete.name}"
    size = model.proto.ByteSize()
    if size > _LARGEST:
        raise ExportError(f"{what} has {size / 2**30:.1f} GiB; one ONNX file holds 2 GiB")
    try:
        onnx.checker.check_model(model.proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(f"{what} does not pass ONNX's checker: {error}") from error
    return model.proto.SerializeToString()


def _samples(concrete: ConcreteFunction, given: Sequence[object], required: bool) -> list[Tensor] | None:
    """The sample tensors, when there is one for each argument that is a tensor."""
    kinds = TensorSpec | Tensor | Variable | np.ndarray | np.generic
    structure: Any = tuple(given)
    leaves = [leaf for leaf in optree.tree_leaves(structure) if isinstance(leaf, kinds)]
    tensors = [leaf for leaf in leaves if not isinstance(leaf, TensorSpec)]
    missing = len(leaves) != len(concrete.specs) or len(tensors) < len(leaves)
    if missing and required:
        raise TypeError(
            f"onnx.export: sample_inputs: expected {len(concrete.specs)} arrays or tensors for "
            f"{', '.join(concrete._tensor_names()) or 'no argument'}, got {len(leaves)}"
        )
    if missing:
        return None
    named = zip(concrete._tensor_names(), concrete.specs, tensors, strict=True)
    return [check_spec(concrete.name, name, spec, tensor) for name, spec, tensor in named]


def _verify(
    concrete: ConcreteFunction, model: OnnxModel, proto: bytes, samples: Sequence[Tensor], rtol: float, atol: float
) -> None:
    """Compare ONNX Runtime's results, and new values of Variables, with the function's own; nothing is assigned."""
    arrays = [tensor._array for tensor in samples]
    session = OnnxSession(proto, f"onnx.export: the model of {concrete.name}")
    given = map(_without_complex, arrays)
    feeds = {name: array for name, array in zip(model.inputs, given, strict=True) if name in session.inputs}
    names = [*model.outputs, *(name for _, name in model.updates)]
    found = session.run(names, feeds)
    oracle = compile_for("interpreter", concrete.module) if concrete.engine == "onnx" else concrete.executable
    everything = [*arrays, *(array.copy() for array in captured_arrays(concrete))]
    expected = [*oracle.run(*everything), *(everything[number] for number, _ in model.updates)]
    for name, got, want in zip(names, found[: len(names)], map(_without_complex, expected), strict=True):
        _compare(f"onnx.export: output {name} of {concrete.name}", np.asarray(got), np.asarray(want), rtol, atol)


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


def _write(proto: bytes, target: Path) -> None:
    """Write under a temporary name, then rename into place."""
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "xb") as file:
            file.write(proto)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
