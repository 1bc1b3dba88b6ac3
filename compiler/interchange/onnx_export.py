"""`hl` to ONNX: tensor operations by their own rules, `scf` as `If` and `Loop`, Variables as initializers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Attribute

from ...dialects.state import VariableType
from ...dialects.types import DYNAMIC, shape_of
from ..passes.functionalize_state import FunctionalizeStatePass
from .onnx_graph import GraphBuilder, Names, value_info
from .onnx_ops import export_block

OPSET = 21
IR_VERSION = 10


@dataclass(frozen=True)
class OnnxModel:
    """An exported function.

    Attributes:
        proto: the model.
        inputs: names of the graph's inputs that are the function's arguments, in order.
        outputs: names of the results, in order.
        updates: for each assigned Variable, the number of its parameter and the name of the output with its new value.
    """

    proto: onnx.ModelProto
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    updates: tuple[tuple[int, str], ...]


def export_module(
    module: ModuleOp,
    values: Mapping[int, np.ndarray],
    *,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    variables_are_inputs: bool = False,
) -> OnnxModel:
    """Export the function of an `hl` module.

    Args:
        module: the module; it is not changed.
        values: for parameters that are Variables or captured tensors, by number, the values to store as initializers.
        input_names, output_names: names in the model; those of the IR by default.
        variables_are_inputs: declare stored parameters as graph inputs too, so that a caller may give other values.

    Raises `UnsupportedError` naming the op and the user's line for what ONNX cannot say.
    """
    module = module.clone()
    function = _function(module)
    assigned = _assigned(function)
    FunctionalizeStatePass().apply(Context(), module)
    names = Names()
    parameters = _parameter_names(function, names, input_names)
    builder = GraphBuilder(names, function.location)
    block = function.body.block
    results = export_block(builder, block, dict(zip(block.args, parameters, strict=True)))
    outputs = _declare_outputs(builder, function, results, output_names, [parameters[i] for i in assigned])
    inputs = [
        _declare_input(name, argument.type)
        for number, (name, argument) in enumerate(zip(parameters, block.args, strict=True))
        if number not in values or variables_are_inputs
    ]
    for number, array in values.items():
        builder.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), parameters[number]))
    graph = builder.graph(function.sym_name.data, inputs, outputs)
    proto = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="stepwell",
    )
    named = [output.name for output in outputs]
    count = len(named) - len(assigned)
    return OnnxModel(
        proto,
        tuple(name for number, name in enumerate(parameters) if number not in values),
        tuple(named[:count]),
        tuple(zip(assigned, named[count:], strict=True)),
    )


def _function(module: ModuleOp) -> func.FuncOp:
    first = module.body.block.first_op
    assert isinstance(first, func.FuncOp)
    return first


def _assigned(function: func.FuncOp) -> list[int]:
    """The numbers of the parameters that are Variables the function assigns."""
    return [
        number
        for number, argument in enumerate(function.body.block.args)
        if isinstance(argument.type, VariableType)
        and any(use.operation.name.startswith("state.assign") for use in argument.uses)
    ]


def _parameter_names(function: func.FuncOp, names: Names, given: Sequence[str] | None) -> list[str]:
    arguments = function.body.block.args
    wanted = list(given or [])
    bases = [argument.name_hint or f"input{i}" for i, argument in enumerate(arguments)]
    return [names.fresh(wanted[i] if i < len(wanted) else base) for i, base in enumerate(bases)]


def _declare_input(name: str, type_: Attribute) -> onnx.ValueInfoProto:
    """An input whose dynamic sizes are named parameters, `x_dim0`."""
    assert isinstance(type_, TensorType)
    sizes = [f"{name}_dim{axis}" if size == DYNAMIC else size for axis, size in enumerate(shape_of(type_))]
    return value_info(name, type_, sizes)


def _declare_outputs(
    builder: GraphBuilder,
    function: func.FuncOp,
    results: Sequence[str],
    given: Sequence[str] | None,
    updated: Sequence[str],
) -> list[onnx.ValueInfoProto]:
    """Outputs under names of their own: what is an input or a result already goes through `Identity`."""
    types = function.function_type.outputs.data
    count = len(types) - len(updated)
    bases = list(given or [])[:count]
    bases += [f"output{i}" if count > 1 else "output" for i in range(len(bases), count)]
    bases += [f"{name}_new" for name in updated]
    declared = []
    for base, result, type_ in zip(bases, results, types, strict=True):
        name = builder.names.fresh(base)
        proto = helper.make_node("Identity", [result], [name], name=builder.names.fresh("Identity_node"))
        builder.protos.append(proto)
        assert isinstance(type_, TensorType)
        sizes = [f"{name}_dim{axis}" if size == DYNAMIC else size for axis, size in enumerate(shape_of(type_))]
        declared.append(value_info(name, type_, sizes))
    return declared
