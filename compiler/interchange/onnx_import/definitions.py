"""Operators that ONNX defines by other operators: their bodies, and attributes that bodies refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import onnx
import onnx.defs
from onnx import helper

from ...frontend.values.tensor import Tensor
from .values import Narrow, Sizes, Value, code_of

_LATEST = 2**31 - 1
"""The largest version that can be asked for."""


def with_attributes(node: onnx.NodeProto, around: Mapping[str, onnx.AttributeProto]) -> dict[str, onnx.AttributeProto]:
    """The attributes of a node by name; those that refer to one of the function around it have its value."""
    found = {}
    for attribute in node.attribute:
        if attribute.ref_attr_name:
            given = around.get(attribute.ref_attr_name)
            if given is None:
                continue
            attribute = _renamed(given, attribute.name)
        found[attribute.name] = attribute
    return found


def _renamed(attribute: onnx.AttributeProto, name: str) -> onnx.AttributeProto:
    copy = onnx.AttributeProto()
    copy.CopyFrom(attribute)
    copy.name = name
    return copy


@lru_cache(maxsize=4096)
def schema_of(domain: str, op: str, version: int) -> Any:
    """What ONNX says of an operator, an `OpSchema`; None where it knows none."""
    try:
        return onnx.defs.get_schema(op, max(min(version, _LATEST), 0), domain)
    except onnx.defs.SchemaError:
        return None


def has_body(domain: str, op: str, version: int) -> bool:
    """Whether ONNX defines an operator by others."""
    schema = schema_of(domain, op, version)
    return schema is not None and (schema.has_function or schema.has_context_dependent_function)


def body_of(
    node: onnx.NodeProto,
    domain: str,
    version: int,
    inputs: Sequence[Value],
    attributes: Mapping[str, onnx.AttributeProto],
) -> onnx.FunctionProto | None:
    """The definition of a node by other operators; None where ONNX has none."""
    schema = schema_of(domain, node.op_type, version)
    if schema is None:
        return None
    body = onnx.FunctionProto()
    if schema.has_function:
        newest = [each for each in schema.function_opset_versions if each <= version]
        data = (
            schema.get_function_with_opset_version(max(newest))
            if newest
            else schema.get_function_with_opset_version(min(schema.function_opset_versions))
        )
        body.ParseFromString(data)
    elif schema.has_context_dependent_function:
        versions = schema.context_dependent_function_opset_versions
        chosen = max([each for each in versions if each <= version] or [min(versions)])
        whole = _whole(node, inputs, attributes)
        types = [_type(value).SerializeToString() for value in inputs]
        data = schema.get_context_dependent_function_with_opset_version(chosen, whole.SerializeToString(), types)
        body.ParseFromString(data)
    else:
        return None
    if not body.attribute_proto:
        for attribute in schema.attributes.values():
            if attribute.default_value.name:
                body.attribute_proto.append(attribute.default_value)
    return body


def _whole(
    node: onnx.NodeProto, inputs: Sequence[Value], attributes: Mapping[str, onnx.AttributeProto]
) -> onnx.NodeProto:
    """A node without references to attributes around it, whose absent inputs have no names."""
    whole = onnx.NodeProto()
    whole.CopyFrom(node)
    del whole.attribute[:]
    whole.attribute.extend(attributes.values())
    for index, value in enumerate(inputs):
        if value is None:
            whole.input[index] = ""
    return whole


def _type(value: Value) -> onnx.TypeProto:
    """The type of a value as ONNX has it."""
    if isinstance(value, list):
        inner = _type(value[0]) if value else onnx.TypeProto()
        return helper.make_sequence_type_proto(inner)
    if isinstance(value, Sizes):
        return helper.make_tensor_type_proto(code_of(value), [] if value.is_scalar else [len(value.items)])
    if isinstance(value, Tensor | Narrow):
        tensor = value.tensor if isinstance(value, Narrow) else value
        return helper.make_tensor_type_proto(code_of(value), list(tensor.shape))
    return onnx.TypeProto()
