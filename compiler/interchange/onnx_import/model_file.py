"""Reading a model: from a path, bytes or a `ModelProto`; nothing in it is run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.errors import DataLossError, NotFoundError

_MOST_BYTES = 2**31
"""A protobuf message holds no more."""


@dataclass(frozen=True)
class ModelFile:
    """A model and where it comes from.

    Attributes:
        proto: the model.
        name: the file's name, for locations and errors.
        folder: where files next to it are; None for a model that is in no file.
    """

    proto: onnx.ModelProto
    name: str
    folder: Path | None

    @property
    def opsets(self) -> dict[str, int]:
        """The version of each domain that the model uses."""
        return {_domain(entry.domain): entry.version for entry in self.proto.opset_import}

    @property
    def properties(self) -> dict[str, str]:
        """The metadata."""
        return {entry.key: entry.value for entry in self.proto.metadata_props}


def _domain(name: str) -> str:
    return "" if name == "ai.onnx" else name


def read_model(source: str | os.PathLike[str] | bytes | onnx.ModelProto) -> ModelFile:
    """The model of a path, of bytes, or given as it is.

    Raises `NotFoundError` for a path without a file, `DataLossError` for bytes that are no model.
    """
    if isinstance(source, onnx.ModelProto):
        return _checked(ModelFile(source, source.graph.name or "model", None))
    if isinstance(source, bytes | bytearray | memoryview):
        return _checked(ModelFile(_parsed("the bytes", bytes(source)), "model", None))
    if not isinstance(source, str | os.PathLike):
        expected = "a path, bytes or an onnx.ModelProto"
        raise InvalidTypeError(f"onnx.load: source: expected {expected}, got {type(source).__name__}")
    path = Path(source)
    if path.is_dir():
        raise InvalidArgumentError(f"onnx.load: {path} is a folder")
    if not path.is_file():
        raise NotFoundError(f"onnx.load: {path}: no such file")
    if path.stat().st_size > _MOST_BYTES:
        raise InvalidArgumentError(f"onnx.load: {path} has {path.stat().st_size} bytes; a model has at most 2 GiB")
    return _checked(ModelFile(_parsed(str(path), path.read_bytes()), str(path), path.resolve().parent))


def _parsed(what: str, data: bytes) -> onnx.ModelProto:
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(data)
    except DecodeError as error:
        raise DataLossError(f"onnx.load: {what}: this is not an ONNX model: {error}") from None
    return proto


def _is_text(message: Any) -> bool:
    """Whether all names in a message, and in those that it holds, are text: protobuf gives bytes for others."""
    for field, value in message.ListFields():
        items = value if field.is_repeated else [value]
        if field.type == field.TYPE_STRING and not all(isinstance(item, str) for item in items):
            return False
        if field.type == field.TYPE_MESSAGE and not all(map(_is_text, items)):
            return False
    return True


def _checked(model: ModelFile) -> ModelFile:
    if not model.proto.HasField("graph") or not model.proto.graph.output:
        raise DataLossError(f"onnx.load: {model.name}: this is not an ONNX model: it has no graph with results")
    if not _is_text(model.proto):
        raise DataLossError(f"onnx.load: {model.name}: a name in it is no text in UTF-8")
    if not model.opsets:
        raise DataLossError(f"onnx.load: {model.name}: the model does not say which opset it is of")
    newest = onnx.defs.onnx_opset_version()
    if model.opsets.get("", 1) > newest:
        version = model.opsets[""]
        raise InvalidArgumentError(f"onnx.load: {model.name}: it is of opset {version}; the newest known is {newest}")
    return model
