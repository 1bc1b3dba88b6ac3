"""Summaries as messages of Protocol Buffers, by tensorboardX's classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.hl.rules.tensor_proto import serialized
from .protos import Summary, SummaryMetadata, TensorProto
from .writing import PluginMetadata


def summary_message(tag: str, array: np.ndarray, metadata: Any, what: str) -> Any:
    """The message of one tensor."""
    value = Summary.Value(tag=tag, tensor=tensor_message(array), metadata=metadata_message(metadata, what))
    return Summary(value=[value])


def tensor_message(array: np.ndarray) -> Any:
    """The message of an array."""
    return TensorProto.FromString(serialized(array))


def metadata_message(metadata: Any, what: str) -> Any:
    """The message that says what a summary is; None where nothing was said."""
    if metadata is None:
        return None
    if isinstance(metadata, PluginMetadata):
        plugin = SummaryMetadata.PluginData(plugin_name=metadata.plugin, content=metadata.content)
        return SummaryMetadata(plugin_data=plugin, summary_description=metadata.description or "")
    content = metadata.SerializeToString() if hasattr(metadata, "SerializeToString") else metadata
    if not isinstance(content, bytes):
        raise InvalidTypeError(f"{what}: metadata: expected a SummaryMetadata or its bytes, got {metadata!r}")
    return _parsed(SummaryMetadata, content, f"{what}: metadata")


def summary_of(content: bytes, what: str) -> Any:
    """The message of which these are the bytes."""
    return _parsed(Summary, content, f"{what}: tensor")


def _parsed(kind: Any, content: bytes, what: str) -> Any:
    try:
        return kind.FromString(content)
    except DecodeError as error:
        raise InvalidArgumentError(f"{what}: these are not the bytes of a {kind.__name__}: {error}") from None
