"""Export of Keras models: ONNX, by stepwell's own exporter, and saved models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from keras.src import tree
from keras.src.backend.common import standardize_dtype
from keras.src.utils import io_utils

import stepwell as sw

from .saved_model import StepwellExportArchive

OPSET = 21
"""The version of ONNX's operators that models are written in."""


def export_onnx(
    model: Any,
    filepath: Any,
    verbose: bool | None = None,
    input_signature: Any = None,
    opset_version: int | None = None,
    **kwargs: Any,
) -> None:
    """Write the forward pass of a model, without training, as an ONNX model; see `stepwell.onnx.export`.

    Args:
        model: a model that is built.
        filepath: the file to write.
        verbose: whether to say where it is; None is True.
        input_signature: shapes and dtypes of the inputs: what has `shape` and `dtype`, in the structure of the inputs;
            by default those that the model was built for.
        opset_version: 21, or None.
        **kwargs: further arguments of `stepwell.onnx.export`.
    """
    from keras.src.export.export_utils import get_input_signature

    if opset_version not in (None, OPSET):
        raise ValueError(f"export: opset_version: expected {OPSET} or None, got {opset_version}")
    signature = get_input_signature(model) if input_signature is None else input_signature
    names = _names(tree.flatten(signature))

    def forward(*leaves: sw.Tensor) -> Any:
        return model(*tree.pack_sequence_as(signature, list(leaves)), training=False)

    specs = [
        sw.TensorSpec(leaf.shape, standardize_dtype(leaf.dtype), name=name)
        for leaf, name in zip(tree.flatten(signature), names, strict=True)
    ]
    sw.onnx.export(sw.function(forward, autograph=False), filepath, *specs, **kwargs)
    if verbose is None or verbose:
        io_utils.print_msg(f"Saved artifact at '{filepath}'.")


def _names(leaves: list[Any]) -> list[str]:
    """A name for each input: its own, or by its number."""
    return [getattr(leaf, "name", None) or f"input_{i}" for i, leaf in enumerate(leaves)]


def export_saved_model(
    model: Any,
    filepath: Any,
    verbose: bool | None = None,
    input_signature: Any = None,
    **kwargs: Any,
) -> None:
    """Write the forward pass of a model, without training, as a saved model with the endpoint `serve`.

    A file whose name ends with `.onnx` is an ONNX model, as `format="onnx"` makes it.

    Args:
        model: a model that is built.
        filepath: the folder to write; see `stepwell.saved_model.save`.
        verbose: whether to say where it is; None is True.
        input_signature: shapes and dtypes of the inputs, by default those that the model was built for.
        **kwargs: further arguments of an export as ONNX.
    """
    if Path(filepath).suffix == ".onnx":
        export_onnx(model, filepath, verbose, input_signature, **kwargs)
        return
    from keras.src.export.export_utils import get_input_signature

    archive = StepwellExportArchive()
    signature = get_input_signature(model) if input_signature is None else input_signature
    archive.track_and_add_endpoint("serve", model, signature, **kwargs)
    archive.write_out(filepath, verbose=verbose is None or verbose)


__all__ = ["StepwellExportArchive", "export_onnx", "export_saved_model"]
