"""Export of Keras models: ONNX, by stepwell's own exporter."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from keras.src import tree
from keras.src.backend.common import standardize_dtype
from keras.src.utils import io_utils

import stepwell as sw

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


class StepwellExportArchive:
    """The base of Keras's ExportArchive, which writes SavedModels: not with this backend."""

    def track(self, resource: Any) -> NoReturn:
        """Refused."""
        raise _no_saved_model()

    def add_endpoint(self, name: str, fn: Any, input_signature: Any = None, **kwargs: Any) -> NoReturn:
        """Refused."""
        raise _no_saved_model()


def export_saved_model(model: Any, filepath: Any, verbose: bool | None = None, **kwargs: Any) -> None:
    """Write an ONNX model where no format was asked for and the file's name says so; refuse otherwise."""
    if Path(filepath).suffix != ".onnx":
        raise _no_saved_model()
    export_onnx(model, filepath, verbose, **kwargs)


def _no_saved_model() -> NotImplementedError:
    return NotImplementedError(
        "the stepwell backend does not write TensorFlow's SavedModel (yet); use model.export('model.onnx', "
        "format='onnx') for inference anywhere, and model.save('model.keras') to go on in Keras"
    )
