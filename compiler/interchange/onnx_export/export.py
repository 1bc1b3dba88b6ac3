"""`hl` to ONNX: tensor operations by their own rules, `scf` as `If` and `Loop`, Variables as initializers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Attribute, Operation

from ....dialects.context import make_context
from ....dialects.debug import BreakOp, PrintOp
from ....dialects.diagnostics import UnsupportedError
from ....dialects.dtypes import dtype_of
from ....dialects.host import PythonOp
from ....dialects.packing import packed
from ....dialects.recursion import deep_recursion
from ....dialects.state import VariableType
from ....dialects.strings import StringType
from ....dialects.types import DYNAMIC, shape_of
from ...passes.functionalize_state import FunctionalizeStatePass
from ...pipeline.manager import PassManager
from ...pipeline.named import PIPELINES
from .control import export_block, require_depth
from .graph import OPSET, TOKEN, GraphBuilder, Names, value_info
from .loops.checks import remove_known_checks
from .loops.collect import collect_loop_outputs
from .result_sizes import name_result_sizes
from .rewrite.standardize import standardize
from .sizes import name_sizes

IR_VERSION = 10

FUNCTION_KEY = "stepwell.function"
"""The key of the model metadata that says which function the model is."""

OPTIONS_KEY = "stepwell.options"
"""The key of the model metadata that says, as JSON, with which options it was exported."""

STATE_KEY = "stepwell.state"
"""The key of the model metadata that says, as JSON, which output is the new value of which input that is a Variable."""


@dataclass(frozen=True)
class OnnxModel:
    """An exported function.

    Attributes:
        proto: the model.
        inputs: names of the graph's inputs that have to be given, in order.
        outputs: names of the results, in order.
        updates: for each assigned Variable, the number of its parameter and the name of the output with its new value.
    """

    proto: onnx.ModelProto
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    updates: tuple[tuple[int, str], ...]


@deep_recursion()
def export_module(
    module: ModuleOp,
    values: Mapping[int, np.ndarray],
    *,
    input_names: Sequence[str] = (),
    output_names: Sequence[str] = (),
    drop_prints: bool = False,
    exact: bool = True,
    size_names: Sequence[Sequence[str | None]] = (),
) -> OnnxModel:
    """Export the function of an `hl` module.

    Args:
        module: the module; it is not changed.
        values: for parameters that are Variables or captured tensors, by number, the values to store as initializers.
            A Variable that the function assigns is an input too, whose stored value is what it is when not given.
        input_names, output_names: names in the model, as far as given; then those of the IR, and `output`.
        drop_prints: leave out what only looks at values, such as `debug.print`, which is an error otherwise.
        exact: keep NaN, the sign of zero and every check as the interpreter has them; otherwise prefer ONNX's standard
            operators.
        size_names: for each input, as far as given, the names of its dynamic sizes; None for what has none.

    Raises `UnsupportedError` naming the op and the user's line for what ONNX cannot say.
    """
    _refuse_strings(module)
    function, assigned = _prepared(module, drop_prints)
    require_depth(function.body.block)
    names = Names()
    arguments = function.body.block.args
    hints = [argument.name_hint or f"input_{number}" for number, argument in enumerate(arguments)]
    parameters = _fresh(names, [*input_names, *hints[len(input_names) :]])
    count = len(function.function_type.outputs.data) - len(assigned)
    outputs = _fresh(names, _output_names(output_names, count))
    updated = _fresh(names, [f"{parameters[number]}_new" for number in assigned])
    builder = GraphBuilder(names, function.location, exact)
    results = export_block(builder, function.body.block, dict(zip(arguments, parameters, strict=True)))
    declared = _declare_outputs(builder, function, results, [*outputs, *updated])
    inputs = [
        _declared(name, argument.type, size_names[number] if number < len(size_names) else ())
        for number, (name, argument) in enumerate(zip(parameters, arguments, strict=True))
        if number not in values or number in assigned
    ]
    for number, array in values.items():
        stored = packed(array) if dtype_of(array).is_complex else np.require(array, requirements="C")
        builder.initializers.append(numpy_helper.from_array(stored, parameters[number]))
    graph = builder.graph(function.sym_name.data, inputs, declared)
    state = {parameters[number]: name for number, name in zip(assigned, updated, strict=True)}
    proto = _model(graph, {"exact": exact, "drop_prints": drop_prints}, state)
    name_sizes(proto, dict(zip([*outputs, *updated], results, strict=True)))
    _name_results(proto, function, parameters)
    if not exact:
        standardize(proto)
    given = tuple(name for number, name in enumerate(parameters) if number not in values)
    return OnnxModel(proto, given, tuple(outputs), tuple(zip(assigned, updated, strict=True)))


def _refuse_strings(module: ModuleOp) -> None:
    """ONNX's strings are text in UTF-8, and few of its operators take them."""
    for op in module.walk():
        arguments = [argument for region in op.regions for block in region.blocks for argument in block.args]
        for value in (*op.results, *arguments):
            if isinstance(getattr(value.type, "element_type", value.type), StringType):
                name = f"argument {value.name_hint!r}" if value in arguments else f"'{op.name}'"
                text = f"ONNX export: {name} is of strings, which are not exported"
                raise UnsupportedError(text, location=op.location)


def _model(graph: onnx.GraphProto, options: Mapping[str, bool], state: Mapping[str, str]) -> onnx.ModelProto:
    """The model of a graph; its metadata says what was exported, and how."""
    proto = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="stepwell",
        producer_version=_version(),
    )
    properties = {FUNCTION_KEY: graph.name, OPTIONS_KEY: json.dumps(options)}
    if state:
        properties[STATE_KEY] = json.dumps(state)
    helper.set_model_props(proto, properties)
    return proto


def _name_results(proto: onnx.ModelProto, function: func.FuncOp, parameters: Sequence[str]) -> None:
    """Give the sizes of results that are those of arguments their names, where ONNX's inference does not know it."""
    given = {value.name: value.type.tensor_type.shape.dim for value in proto.graph.input}
    arguments = zip(parameters, function.body.block.args, strict=True)
    inputs = [_sizes(given.get(name), argument.type) for name, argument in arguments]
    for output, names in zip(proto.graph.output, name_result_sizes(function, inputs), strict=False):
        for dim, name in zip(output.type.tensor_type.shape.dim, names, strict=False):
            if dim.HasField("dim_param") and name is not None:
                dim.dim_param = name


def _sizes(declared: Any, type_: Attribute) -> list[int | str | None]:
    if declared is not None:
        return [dim.dim_value if dim.HasField("dim_value") else dim.dim_param for dim in declared]
    assert isinstance(type_, TensorType)
    return [None if size == DYNAMIC else size for size in shape_of(type_)]


def _version() -> str:
    """Stepwell's version; empty where it is not installed."""
    try:
        return metadata.version("stepwell")
    except metadata.PackageNotFoundError:
        return ""


def _prepared(module: ModuleOp, drop_prints: bool) -> tuple[func.FuncOp, list[int]]:
    """The function, simplified, its Variables as values; and which of its parameters are Variables that it assigns."""
    module = module.clone()
    if drop_prints:
        for op in [op for op in module.walk() if _observes(op)]:
            op.detach()
            op.erase()
    PassManager(make_context()).run(module, PIPELINES["export-onnx"])
    function = next(op for op in module.ops if isinstance(op, func.FuncOp))
    assigned = _assigned(function)
    FunctionalizeStatePass().apply(Context(), module)
    collect_loop_outputs(function)
    remove_known_checks(function)
    return function, assigned


def _observes(op: Operation) -> bool:
    return isinstance(op, PrintOp | BreakOp) or (isinstance(op, PythonOp) and op.callee.data.observes)


def _assigned(function: func.FuncOp) -> list[int]:
    return [
        number
        for number, argument in enumerate(function.body.block.args)
        if isinstance(argument.type, VariableType)
        and any(use.operation.name.startswith("state.assign") for use in argument.uses)
    ]


def _fresh(names: Names, wanted: Sequence[str]) -> list[str]:
    return [names.fresh(name) for name in wanted]


def _output_names(given: Sequence[str], count: int) -> list[str]:
    return [*given[:count], *(f"output_{i}" if count > 1 else "output" for i in range(len(given), count))]


def _declared(name: str, type_: Attribute, names: Sequence[str | None] = ()) -> onnx.ValueInfoProto:
    """The declaration of an input or output: a dynamic size without a name is named after it and the axis, `x_0`."""
    if not isinstance(type_, TensorType):
        raise UnsupportedError(f"ONNX has tensors only: '{name}' is of type {type_}")
    shape = shape_of(type_)
    known = [*names, *[None] * (len(shape) - len(names))]
    sizes = [(known[axis] or f"{name}_{axis}") if size == DYNAMIC else size for axis, size in enumerate(shape)]
    return value_info(name, type_, sizes)


def _declare_outputs(
    builder: GraphBuilder, function: func.FuncOp, results: Sequence[str], names: Sequence[str]
) -> list[onnx.ValueInfoProto]:
    """The results, under their names, behind all checks. Without results the checks' token is the only one."""
    if not names and builder.tokens:
        name = builder.alias(builder.token(), builder.names.fresh("checks"))
        return [value_info(name, TOKEN)]
    types = function.function_type.outputs.data
    for result, name in zip(results, names, strict=True):
        builder.alias(builder.after_checks(result), name)
    return [_declared(name, type_) for name, type_ in zip(names, types, strict=True)]
