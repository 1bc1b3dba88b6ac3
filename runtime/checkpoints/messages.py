"""The protocol buffers that TensorFlow's checkpoints consist of."""

from __future__ import annotations

from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto
_MESSAGES = {
    "CheckpointState": """
        string model_checkpoint_path = 1; repeated string all_model_checkpoint_paths = 2;
        repeated double all_model_checkpoint_timestamps = 3; double last_preserved_timestamp = 4""",
    "BundleHeaderProto": "int32 num_shards = 1; int32 endianness = 2",
    "BundleEntryProto": """
        int32 dtype = 1; TensorShapeProto shape = 2; int32 shard_id = 3; int64 offset = 4; int64 size = 5;
        fixed32 crc32c = 6; repeated bytes slices = 7""",
    "TensorShapeProto": "repeated Dim dim = 2; bool unknown_rank = 3",
    "Dim": "int64 size = 1; string name = 2",
    "TrackableObjectGraph": "repeated TrackableObject nodes = 1",
    "TrackableObject": "repeated ObjectReference children = 1; repeated SerializedTensor attributes = 2",
    "ObjectReference": "int32 node_id = 1; string local_name = 2",
    "SerializedTensor": "string name = 1; string full_name = 2; string checkpoint_key = 3",
}
"""The fields that are read, as a `.proto` file declares them; others are ignored, as protocol buffers are."""


@cache
def message(name: str) -> Any:
    """The class of a message."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"tensorflow.{name}"))


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    """A pool of its own: TensorFlow may be in the same process, and has these names in the common one."""
    file = descriptor_pb2.FileDescriptorProto(name="checkpoints.proto", package="tensorflow", syntax="proto3")
    for name, fields in _MESSAGES.items():
        file.message_type.add(name=name, field=[_field(text) for text in fields.split(";")])
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _field(text: str) -> Any:
    """A field, as `repeated string names = 2` declares it."""
    *repeated, kind, name, _, number = text.split()
    field = _FIELD(name=name, number=int(number), label=_FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL)
    if kind in _MESSAGES:
        field.type, field.type_name = _FIELD.TYPE_MESSAGE, f".tensorflow.{kind}"
    else:
        field.type = getattr(_FIELD, f"TYPE_{kind.upper()}")
    return field
