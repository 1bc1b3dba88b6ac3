"""ONNX models and saved models as programs of the command: functions, and the text of IR."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .errors import CommandError

if TYPE_CHECKING:
    import numpy as np

    from ..runtime.functions.concrete import ConcreteFunction
    from ..runtime.text_inputs import Given


def is_model(path: str) -> bool:
    """Whether a path names an ONNX model."""
    return path.endswith(".onnx")


def load_model(path: str, engine: str = "native") -> Any:
    """The model of a file, whose weights are constants."""
    from ..dialects.errors import DataLossError, NotFoundError, PermissionDeniedError
    from ..runtime.onnx.load import load

    try:
        return load(path, trainable=False, engine=engine)
    except (DataLossError, NotFoundError, PermissionDeniedError) as error:
        raise CommandError(error.message.removeprefix("onnx.load: ")) from error


def model_text(path: str) -> str:
    """The `hl` text of a model, with its weights in it."""
    return load_model(path).text()


def run_model(path: str, engine: str, inputs: Sequence[Given]) -> dict[str, np.ndarray]:
    """The results by name of a model on an engine, for its inputs in order."""
    import numpy as np

    from ..runtime.text_inputs import fit

    model = load_model(path, engine)
    if len(inputs) != len(model.inputs):
        names = ", ".join(name for name, _ in model.inputs) or "none"
        raise CommandError(f"{path} takes {len(model.inputs)} inputs ({names}), got {len(inputs)}")
    arrays = []
    for given, (name, spec) in zip(inputs, model.inputs, strict=True):
        if spec is None:
            raise CommandError(f"{path}: input {name} is no tensor; it is given in Python only")
        shape = spec.sizes
        if shape is None:
            shape = (None,) * np.asarray(given.value).ndim
        arrays.append(fit(given, f"input {name}", spec.dtype, shape))
    found = model(*arrays)
    results = found if isinstance(found, tuple) else (found,)
    return {name: np.asarray(result) for name, result in zip(model.output_names, results, strict=True)}


def load_saved_model(folder: str) -> Any:
    """The saved model of a folder."""
    import stepwell as sw

    if not sw.saved_model.contains_saved_model(folder):
        raise CommandError(f"{folder}: there is no saved model")
    return sw.saved_model.load(folder)


def signature_of(loaded: Any, folder: str, name: str) -> ConcreteFunction:
    """A signature of a saved model."""
    if name not in loaded.signatures:
        there = ", ".join(loaded.signatures) or "none"
        raise CommandError(f"{folder}: there is no signature '{name}'; there are: {there}")
    return loaded.signatures[name]
