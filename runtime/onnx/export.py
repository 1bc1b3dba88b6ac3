"""`sw.onnx.export`: writes a function as an ONNX file that is checked and verified before it appears."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import onnx

from ...compiler.interchange.onnx_export.export import OnnxModel, export_module
from ...compiler.interchange.onnx_export.rewrite.quantize import quantize_weights
from ...dialects.diagnostics import ExportError, InvalidArgumentError, UnsupportedError
from ...dialects.files import replacing
from ...dialects.public import public
from ..exported import captured_arrays, concrete_of, identifier, output_names
from ..functions.concrete import ConcreteFunction
from .verify import samples_of, verify

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
    quantize: str | None = None,
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
        quantize: `"int8"` stores weights in eight bits, a scale for each output channel: the model is about four times
            smaller, and its products are of integers (dynamic quantisation). It is checked before it is quantised;
            `sw.onnx.compare` says how much accuracy that costs. Weights are constants of float32 with at least 1,024
            elements: a matrix on the right of a product, filters of convolutions, tables whose rows are gathered.
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
    if quantize not in (None, "int8"):
        raise InvalidArgumentError(f"onnx.export: quantize: expected 'int8' or None, got {quantize!r}")
    concrete = concrete_of("onnx.export", function, specs)
    given = specs if sample_inputs is None else sample_inputs
    samples = samples_of("onnx.export: sample_inputs", concrete, given, sample_inputs is not None)
    model = _model(concrete, drop_prints, exact)
    proto = _checked(concrete, model)
    if samples is not None:
        verify(concrete, model, proto, samples, rtol, atol)
    if quantize is not None:
        proto = _quantized(concrete, model)
    with replacing(target) as temporary:
        temporary.write_bytes(proto)
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


def _quantized(concrete: ConcreteFunction, model: OnnxModel) -> bytes:
    """The bytes of a model with weights of eight bits, which pass ONNX's full check, too."""
    if not quantize_weights(model.proto):
        raise UnsupportedError(
            f"onnx.export: quantize: {concrete.name} has no weight to give eight bits",
            location=concrete.function.location,
        )
    return _checked(concrete, model)
