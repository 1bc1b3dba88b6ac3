"""The messages of TensorBoard's files, as tensorboardX has them; imported when the first one is written."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

from ...dialects.public import public_values


def _module(name: str) -> ModuleType:
    return import_module(f"tensorboardX.proto.{name}_pb2")


Event: Any = _module("event").Event
Summary: Any = _module("summary").Summary
"""What a program writes by `sw.summary.experimental.write_raw_pb`: the message of TensorBoard's files."""
public_values("compat.v1", "Summary")
SummaryMetadata: Any = _module("summary").SummaryMetadata
TensorProto: Any = _module("tensor").TensorProto
HParamsPluginData: Any = _module("plugin_hparams").HParamsPluginData
GraphDef: Any = _module("graph").GraphDef
NodeDef: Any = _module("node_def").NodeDef
AttrValue: Any = _module("attr_value").AttrValue
TensorShapeProto: Any = _module("tensor_shape").TensorShapeProto
SessionStartInfo: Any = _module("plugin_hparams").SessionStartInfo


def _run_metadata() -> Any:
    """The class of `tensorflow.RunMetadata`, which tensorboardX does not have, with the graphs of functions alone."""
    pool, field = descriptor_pool.Default(), FieldDescriptorProto
    file = FileDescriptorProto(name="stepwell/run_metadata.proto", package="stepwell", syntax="proto3")
    file.dependency.append(GraphDef.DESCRIPTOR.file.name)
    graphs, metadata = file.message_type.add(name="FunctionGraphs"), file.message_type.add(name="RunMetadata")
    fields = (
        (graphs, "pre_optimization_graph", 2, field.LABEL_OPTIONAL, GraphDef.DESCRIPTOR.full_name),
        (metadata, "function_graphs", 4, field.LABEL_REPEATED, "stepwell.FunctionGraphs"),
    )
    for message, name, number, label, kind in fields:
        message.field.add(name=name, number=number, label=label, type=field.TYPE_MESSAGE, type_name=f".{kind}")
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("stepwell.RunMetadata"))


RunMetadata: Any = _run_metadata()


def run_metadata(graphs: Sequence[Any]) -> bytes:
    """The message of the graphs of functions that have run."""
    message = RunMetadata()
    for graph in graphs:
        message.function_graphs.add().pre_optimization_graph.CopyFrom(graph)
    return message.SerializeToString()
