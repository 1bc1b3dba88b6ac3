"""The signatures of a saved model as ONNX models, whose weights are those of the file of tensors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...dialects.diagnostics import StepwellError
from ..functions.concrete import ConcreteFunction
from .tensors import FILE, offsets
from .values import Json

if TYPE_CHECKING:
    import onnx

_SHARED_BYTES = 1024
"""Tensors of fewer bytes are in the model itself, as shapes and the like have to be."""


def write_onnx(folder: Path, signatures: Mapping[str, ConcreteFunction], tensors: Mapping[str, np.ndarray]) -> Json:
    """Write a model for each signature that can be one. Returns for each its file, or the reason why there is none."""
    places = _places(folder, tensors)
    found: dict[str, Json] = {}
    known: dict[object, str] = {}
    for name, concrete in signatures.items():
        same = (id(concrete.module), *map(id, concrete.captures)), concrete.key, concrete.output_plan
        if same not in known:
            known[same] = name
            taken = {each["file"] for each in found.values() if "file" in each}
            found[name] = _write(concrete, folder, _fresh(name, taken), places)
        found[name] = found[known[same]]
    return found


def _write(concrete: ConcreteFunction, folder: Path, file: str, places: Mapping[bytes, tuple[int, int]]) -> Json:
    """Write the model of a signature. Returns its file, or the reason why there is none."""
    try:
        proto = _proto(concrete)
    except StepwellError as error:
        return {"refused": str(error)}
    for tensor in _initializers(proto.graph):
        _share(tensor, places)
    (folder / file).write_bytes(proto.SerializeToString(deterministic=True))
    return {"file": file}


def _proto(concrete: ConcreteFunction) -> Any:
    from ..onnx.export import checked_model  # loads a library

    return checked_model(concrete)


def _places(folder: Path, tensors: Mapping[str, np.ndarray]) -> dict[bytes, tuple[int, int]]:
    """Where the elements are of each tensor that is large enough, by a hash of them."""
    found = offsets(folder / FILE) if tensors else {}
    large = {name: array for name, array in tensors.items() if array.nbytes >= _SHARED_BYTES}
    return {
        hashlib.sha256(array.data if array.flags.c_contiguous else array.tobytes()).digest(): found[name]
        for name, array in large.items()
    }


def _initializers(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    """The stored tensors of a graph and of those in it."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _initializers(attribute.g)


def _share(tensor: onnx.TensorProto, places: Mapping[bytes, tuple[int, int]]) -> None:
    """Let a tensor refer to the file of tensors, if that has its elements."""
    from onnx import TensorProto

    place = places.get(hashlib.sha256(tensor.raw_data).digest()) if len(tensor.raw_data) >= _SHARED_BYTES else None
    if place is None:
        return
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", FILE), ("offset", str(place[0])), ("length", str(place[1]))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def _fresh(name: str, taken: set[str]) -> str:
    """The name of a file for a signature."""
    base = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:60] or "signature"
    found, count = f"{base}.onnx", 1
    while found.lower() in {each.lower() for each in taken}:
        found, count = f"{base}_{count}.onnx", count + 1
    return found
