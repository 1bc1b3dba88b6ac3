"""Names for the sizes of a model that are known only when it runs: one name for sizes that are the same.

A dynamic size of an input is named after it and its axis, `x_0`. What ONNX's shape inference then says about the
results gives an output the names of the inputs' sizes; a size it does not know is named after the output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import onnx
from onnx import shape_inference

Sizes = tuple[int | str | None, ...]
"""For each axis a number, a name, or None where nothing is known."""


def name_sizes(model: onnx.ModelProto, sources: Mapping[str, str]) -> None:
    """Give the dynamic sizes of a model's inputs and outputs their names, in place.

    Args:
        model: a model whose dynamic sizes have one name each.
        sources: for outputs, by name, the values they are copies of, about which inference knows more.

    A model that ONNX's shape inference does not accept is left as it is: its checker says why.
    """
    try:
        _name_sizes(model, sources)
    except shape_inference.InferenceError:
        return


def _name_sizes(model: onnx.ModelProto, sources: Mapping[str, str]) -> None:
    shapes = _inferred(model)
    same = _required_equal(model.graph, shapes)
    if same:
        for value in model.graph.input:
            for dim in value.type.tensor_type.shape.dim:
                if dim.dim_param in same:
                    dim.dim_param = same[dim.dim_param]
        shapes = _inferred(model)
    known = {dim.dim_param for value in model.graph.input for dim in value.type.tensor_type.shape.dim}
    for output in model.graph.output:
        sizes = shapes.get(sources.get(output.name, ""), ())
        for dim, size in zip(output.type.tensor_type.shape.dim, sizes, strict=False):
            if not dim.HasField("dim_param"):
                continue
            if isinstance(size, int):
                dim.dim_value = size
            elif size in known:
                dim.dim_param = size


def _inferred(model: onnx.ModelProto) -> dict[str, Sizes]:
    """The sizes of the values of the outermost graph."""
    graph = shape_inference.infer_shapes(model, strict_mode=False, data_prop=True).graph
    shapes = {value.name: _sizes(value) for value in (*graph.input, *graph.value_info)}
    return shapes | {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}


def _sizes(value: onnx.ValueInfoProto) -> Sizes:
    dims = value.type.tensor_type.shape.dim
    return tuple(dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None for dim in dims)


def _required_equal(graph: onnx.GraphProto, shapes: Mapping[str, Sizes]) -> dict[str, str]:
    """For names of inputs' sizes that an operator requires to be the same as another's: that one's name."""
    order = [dim.dim_param for value in graph.input for dim in value.type.tensor_type.shape.dim if dim.dim_param]
    same: dict[str, str] = {}

    def root(name: str) -> str:
        while name in same:
            name = same[name]
        return name

    for a, b in _pairs(graph, shapes):
        if isinstance(a, str) and isinstance(b, str) and a in order and b in order and root(a) != root(b):
            first, second = sorted((root(a), root(b)), key=order.index)
            same[second] = first
    return {name: root(name) for name in same}


def _pairs(graph: onnx.GraphProto, shapes: Mapping[str, Sizes]) -> Iterator[tuple[int | str | None, int | str | None]]:
    """The sizes that products and concatenations require to be equal."""
    for node in graph.node:
        operands: Sequence[Sizes] = [shapes.get(name, ()) for name in node.input]
        if not all(operands):
            continue
        if node.op_type == "MatMul":
            x, y = operands
            yield x[-1], y[-2 if len(y) > 1 else -1]
        elif node.op_type == "Concat":
            axis = next(attribute.i for attribute in node.attribute if attribute.name == "axis")
            for other in operands[1:]:
                yield from (pair for place, pair in enumerate(zip(operands[0], other)) if place != axis % len(other))
