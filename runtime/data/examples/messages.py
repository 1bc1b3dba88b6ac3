"""TensorFlow's messages of examples, as classes of Protocol Buffers."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from ....dialects.public import public_values

_Field = descriptor_pb2.FieldDescriptorProto
_PACKAGE = "tensorflow"

_SCALARS = {"bytes": _Field.TYPE_BYTES, "float": _Field.TYPE_FLOAT, "int64": _Field.TYPE_INT64}

_FEATURES = """
BytesList: repeated bytes value
FloatList: repeated float value
Int64List: repeated int64 value
Feature: oneof BytesList bytes_list, oneof FloatList float_list, oneof Int64List int64_list
Features: map Feature feature
FeatureList: repeated Feature feature
FeatureLists: map FeatureList feature_list
"""
"""The messages, each with its fields, whose numbers are 1, 2, 3: a file `feature.proto`."""

_EXAMPLES = """
Example: one Features features
SequenceExample: one Features context, one FeatureLists feature_lists
"""
"""A file `example.proto`."""


def _file(name: str, messages: str, *imports: str) -> descriptor_pb2.FileDescriptorProto:
    """The description of a file."""
    file = descriptor_pb2.FileDescriptorProto(name=name, package=_PACKAGE, syntax="proto3", dependency=imports)
    for line in messages.strip().splitlines():
        message, fields = line.split(": ")
        described = file.message_type.add(name=message)
        for number, field in enumerate(fields.split(", "), 1):
            _add_field(described, number, *field.split())
    return file


def _add_field(message: Any, number: int, rule: str, kind: str, name: str) -> None:
    field = message.field.add(name=name, number=number)
    field.label = _Field.LABEL_REPEATED if rule in ("repeated", "map") else _Field.LABEL_OPTIONAL
    if rule == "oneof":
        if not message.oneof_decl:
            message.oneof_decl.add(name="kind")
        field.oneof_index = 0
    if rule == "map":
        kind = f"{message.name}.{_entry(message, name, kind)}"
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"


def _entry(message: Any, field: str, kind: str) -> str:
    """Add the message that an entry of a map is, by the name that Protocol Buffers give it."""
    entry = message.nested_type.add(name="".join(map(str.capitalize, field.split("_"))) + "Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_Field.TYPE_STRING, label=_Field.LABEL_OPTIONAL)
    value = entry.field.add(name="value", number=2, type=_Field.TYPE_MESSAGE, label=_Field.LABEL_OPTIONAL)
    value.type_name = f".{_PACKAGE}.{kind}"
    return entry.name


def _pool() -> descriptor_pool.DescriptorPool:
    """A pool of our own: TensorFlow, in the same process, describes the same names in the common one."""
    pool = descriptor_pool.DescriptorPool()
    folder = "tensorflow/core/example"
    for file in (
        _file(f"{folder}/feature.proto", _FEATURES),
        _file(f"{folder}/example.proto", _EXAMPLES, f"{folder}/feature.proto"),
    ):
        pool.AddSerializedFile(file.SerializeToString())
    return pool


_POOL = _pool()


def _message(name: str) -> Any:
    """The class of a message."""
    found = message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
    found.__module__ = "stepwell.train"
    return found


BytesList: Any = _message("BytesList")
"""Strings: `BytesList(value=[b"a"])`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

FloatList: Any = _message("FloatList")
"""Numbers of float32: `FloatList(value=[1.5])`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

Int64List: Any = _message("Int64List")
"""Numbers of int64: `Int64List(value=[3])`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

Feature: Any = _message("Feature")
"""One of `bytes_list`, `float_list`, `int64_list`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

Features: Any = _message("Features")
"""Features by name, in a map `feature`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

FeatureList: Any = _message("FeatureList")
"""The features of some steps, in a list `feature`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

FeatureLists: Any = _message("FeatureLists")
"""Lists by name, in a map `feature_list`. A message of Protocol Buffers, byte by byte that of TensorFlow."""

Example: Any = _message("Example")
"""Named features, in `features`; `SerializeToString()` gives what a TFRecord file keeps, and `FromString` reads it.

A message of Protocol Buffers, byte by byte that of TensorFlow.
"""

SequenceExample: Any = _message("SequenceExample")
"""Features of a whole sequence, in `context`, and of each step, in `feature_lists`.

A message of Protocol Buffers, byte by byte that of TensorFlow.
"""

public_values(
    "train",
    "BytesList",
    "FloatList",
    "Int64List",
    "Feature",
    "Features",
    "FeatureList",
    "FeatureLists",
    "Example",
    "SequenceExample",
)
