"""Generated modules as concrete functions of an object that can be saved."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import optree
from xdsl.dialects import func
from xdsl.dialects.builtin import FunctionType

import stepwell as sw
from stepwell.compiler.frontend.tracing.signature import CallKey
from stepwell.compiler.passes.inline import InlinePass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.dialects.context import make_context
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import DYNAMIC, shape_of
from stepwell.runtime.functions.concrete import ConcreteFunction, OutputPlan
from stepwell.runtime.functions.function_gradient import FunctionGradient
from stepwell.testing.modules import Case


def object_of(case: Case, engine: str) -> tuple[Any, list[np.ndarray]]:
    """An object whose `f` is the program and whose `variables_` are its Variables, and the arguments of a call."""
    module = case.module.clone()
    PassManager(make_context()).run(module, [InlinePass()])
    main, *others = [op for op in module.ops if isinstance(op, func.FuncOp)]
    for op in others:
        op.detach()
        op.erase()
    block = main.body.block
    variables, arguments, specs = [], [], OrderedDict()
    for argument, array in zip(list(block.args), case.inputs, strict=True):
        if isinstance(argument.type, VariableType):
            type_ = argument.type.value_type
            variables.append(sw.Variable(array, dtype=array.dtype, shape=_sizes(type_)))
            new = block.insert_arg(argument.type, len(block.args))  # Variables come last
            argument.replace_all_uses_with(new)
            block.erase_arg(argument)
        else:
            arguments.append(array)
            name = f"x{len(specs)}"
            specs[name] = sw.TensorSpec(_sizes(argument.type), array.dtype)
    outputs = main.function_type.outputs.data
    main.function_type = FunctionType.from_lists([argument.type for argument in block.args], outputs)
    keys: Any = OrderedDict.fromkeys(specs, 0)
    results: Any = (0,) * len(outputs)
    plan = OutputPlan(optree.tree_structure(results), tuple(range(len(outputs))), (None,) * len(outputs))
    key = CallKey(optree.tree_structure(keys, none_is_leaf=True), tuple(specs.values()))
    thing: Any = sw.Module()
    thing.f = ConcreteFunction(module, key, variables, plan, engine, FunctionGradient)
    thing.variables_ = variables
    return thing, arguments


def _sizes(type_: Any) -> list[int | None]:
    return [None if size == DYNAMIC else size for size in shape_of(type_)]
