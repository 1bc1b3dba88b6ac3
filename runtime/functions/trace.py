"""Traces a Python function: arguments become symbolic tensors, and what it returns the results of a graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import optree
from xdsl.dialects.builtin import LocationAttr
from xdsl.ir import SSAValue

from ...compiler.frontend.tracing.name_scopes import name_scope
from ...compiler.frontend.tracing.signature import CallKey, TensorSpec, VariableKey, leaf_names
from ...compiler.frontend.tracing.tracer import Tracer, current_tracer, tracing
from ...compiler.frontend.values import recording
from ...compiler.frontend.values.dispatch import as_tensor, to_ssa
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ...dialects.locations import Place
from ...dialects.types import tensor_type
from .concrete import ConcreteFunction, OutputPlan
from .function_gradient import FunctionGradient
from .initial_values import evaluate
from .input_signature import check_equal_sizes


def trace(
    name: str,
    key: CallKey,
    body: Callable[[list[object]], object],
    leaves: Sequence[Any],
    engine: str,
    location: LocationAttr,
) -> tuple[ConcreteFunction, Sequence[tuple[Variable, Place | None]]]:
    """Trace `body`, given the argument leaves with symbolic tensors for those that `key` has specs for.

    Returns the trace, and the Variables that were made on the way, with the user's lines that made them.
    """
    name = name.encode(errors="backslashreplace").decode()  # half a character has no place in any text
    tracer = Tracer(name, parent=current_tracer())
    tracer.location = location
    names = leaf_names(key.structure)
    symbolic, stand_ins = [], []
    for leaf, leaf_name, value in zip(key.leaves, names, leaves, strict=True):
        if isinstance(leaf, TensorSpec):
            argument = tracer.argument(tensor_type(leaf.shape, leaf.dtype), leaf_name)
            value = Tensor.symbolic(argument, tracer)
        elif isinstance(leaf, VariableKey):
            value = symbolic[leaf.first] if leaf.first < len(symbolic) else Variable.stand_in(value)
            stand_ins.append(value)
        symbolic.append(value)
    tracer.evaluate = _evaluator(tracer, key, leaves, symbolic)
    with tracing(tracer), recording.stop_recording(), name_scope(""):  # names are the same wherever it is called
        if key.has_equal_sizes:
            with tracer.at(location):
                check_equal_sizes(tracer, key, names, symbolic)
        result = body(symbolic)
        with tracer.at(location):
            plan, values = _plan(name, result)
        module = tracer.finish(values)
        tracer.evaluate = None
    captures = [thing for thing, _ in tracer.captures.values()]
    constants = list(tracer.inlined.values())
    concrete = ConcreteFunction(
        module, key, captures, plan, engine, FunctionGradient, constants, tracer.lineage, tracer.foreign
    )
    concrete._stand_ins = tuple(stand_ins)
    return concrete, tracer.created


def _evaluator(
    tracer: Tracer, key: CallKey, leaves: Sequence[Any], symbolic: Sequence[Any]
) -> Callable[[SSAValue], np.ndarray | None]:
    """What computes values of the trace for the arguments of the call that it is made for."""
    specs = [isinstance(each, TensorSpec) for each in key.leaves]
    given = [leaf if isinstance(leaf, Tensor) else None for leaf, is_spec in zip(leaves, specs) if is_spec]
    represented = {id(stand_in): leaf for stand_in, leaf in zip(symbolic, leaves) if isinstance(stand_in, Variable)}
    return partial(evaluate, tracer, given, represented)


def _plan(name: str, result: Any) -> tuple[OutputPlan, list[SSAValue]]:
    """What of the returned value is a result of the graph."""
    leaves, structure = optree.tree_flatten(result, none_is_leaf=True)
    values: list[SSAValue] = []
    slots: list[int | None] = []
    constants: list[object] = []
    for leaf in leaves:
        if isinstance(leaf, Tensor | Variable | bool | int | float | np.ndarray | np.generic):
            slots.append(len(values))
            constants.append(None)
            values.append(to_ssa(as_tensor(leaf, name=f"{name}: return value")))
        else:
            slots.append(None)
            constants.append(leaf)
    return OutputPlan(structure, tuple(slots), tuple(constants)), values
