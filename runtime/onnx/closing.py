"""Modules that need nothing from outside: what a trace captures as constants in it."""

from __future__ import annotations

import numpy as np
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import FunctionType, ModuleOp, TensorType
from xdsl.rewriter import InsertPoint

from ...compiler.frontend.values.variable import Variable
from ...dialects import state
from ...dialects.diagnostics import UnsupportedError
from ...dialects.emitter import Emitter
from ...dialects.types import dense
from ..functions.concrete import ConcreteFunction


def closed(concrete: ConcreteFunction) -> ModuleOp:
    """The module of a trace, whose captured tensors, and Variables that it only reads, are constants.

    Raises `UnsupportedError` for one that assigns Variables.
    """
    module = concrete.module.clone()
    function = module.body.block.first_op
    assert isinstance(function, func.FuncOp)
    block, count = function.body.block, len(concrete.specs)
    emitter = Emitter(InsertPoint.at_start(block), function.location)
    for thing, argument in zip(concrete.captures, list(block.args)[count:], strict=True):
        array = thing._value_now() if isinstance(thing, Variable) else thing._array
        constant = emitter.add(arith.ConstantOp(dense(np.ascontiguousarray(array)))).results[0]
        if isinstance(argument.type, TensorType):
            argument.replace_all_uses_with(constant)
        else:
            for use in list(argument.uses):
                if not isinstance(use.operation, state.ReadOp):
                    raise UnsupportedError(f"{concrete.name}: it assigns a Variable, which a constant cannot be")
                use.operation.results[0].replace_all_uses_with(constant)
                use.operation.detach()
                use.operation.erase()
        block.erase_arg(argument)
    function.function_type = FunctionType.from_lists([a.type for a in block.args], function.function_type.outputs.data)
    return module
