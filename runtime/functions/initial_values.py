"""Initial values of Variables that a function makes in its first call, from its arguments or from random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, OpResult, Region, SSAValue

from ...compiler.frontend.tracing.tracer import Tracer
from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ...dialects import debug, state


def evaluate(
    tracer: Tracer, arguments: Sequence[Tensor | None], represented: Mapping[int, Any], value: SSAValue
) -> np.ndarray | None:
    """The array that a value of an unfinished trace is, given the arguments of the call it is made for.

    `represented` has the Variables among the arguments, by the identity of what represents them in the trace. None
    where the value is not known: an argument has no value, or it is one of a branch or a loop.
    """
    if isinstance(value, OpResult) and value.op.parent is not tracer.entry:
        return None
    captured = [represented.get(id(thing), thing) for thing, _ in tracer.captures.values()]
    things = [*arguments, *captured]
    if len(things) != len(tracer.entry.args):
        return None
    arrays = [_array(thing) for thing in things]
    if any(array is None for array in arrays):
        return None
    from ..engines.interpreter import run_module  # loads the interpreter

    return run_module(_slice(tracer, value), arrays)[0]


def _array(thing: object) -> np.ndarray | None:
    """The elements, which the interpreter may change, of what an argument is."""
    if isinstance(thing, Variable):
        return thing._memory.copy()
    if not isinstance(thing, Tensor):
        return None
    if thing._ssa is None:
        return thing._array
    evaluator = thing._tracer.evaluate if thing._tracer is not None else None
    return None if evaluator is None else evaluator(thing._ssa)


def _slice(tracer: Tracer, value: SSAValue) -> ModuleOp:
    """A function of the trace's arguments with the ops that `value` depends on."""
    needed = {value}
    kept: list[Operation] = []
    for op in reversed(list(tracer.entry.ops)):
        effect = any(isinstance(inner, state.UpdateOp) for inner in op.walk())
        if effect or any(result in needed for result in op.results):
            kept.append(op)
            needed |= {operand for inner in op.walk() for operand in inner.operands}
    block = Block(arg_types=[argument.type for argument in tracer.entry.args])
    values: dict[SSAValue, SSAValue] = dict(zip(tracer.entry.args, block.args))
    for op in reversed(kept):
        block.add_op(op.clone(values))
    for op in list(block.walk()):
        if isinstance(op, debug.PrintOp | debug.BreakOp):
            op.detach()
            op.erase()
    block.add_op(func.ReturnOp(values[value]))
    types = [argument.type for argument in block.args], [value.type]
    return ModuleOp([func.FuncOp("initial_value", types, Region(block))])
