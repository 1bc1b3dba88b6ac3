"""`differentiate`: for each function, one that computes gradients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects import arith, func, tensor
from xdsl.dialects.builtin import AnyFloat, ModuleOp, TensorType
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...dialects import debug
from ...dialects.diagnostics import PipelineError
from ...dialects.dtypes import dtype_of
from ...dialects.emitter import Emitter
from ...dialects.state import VariableType
from ...dialects.types import DYNAMIC, dense, shape_of, zeros
from ..frontend.control_flow.recorded import ControlFlowGradientError
from ..frontend.control_flow.values import cast_sizes
from ..frontend.gradients.observe import observe
from ..frontend.gradients.tape import GradientTape
from ..frontend.tracing.tracer import Tracer, tracing
from ..frontend.values.dispatch import to_ssa
from ..frontend.values.recording import stop_recording
from ..frontend.values.tensor import Tensor
from ..frontend.values.variable import Variable
from ..pipeline.base import Pass
from ..rewriting import refuse

NAME = "differentiate"


@dataclass(frozen=True)
class DifferentiatePass(Pass):
    """Add for each function `@f` a function `@f_vjp`, which computes the gradients of the arguments of `@f`.

    Before:

        func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
          %0 = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>
          func.return %0 : tensor<3xf32>
        }

    After:

        func.func @f(%x: tensor<3xf32>) -> tensor<3xf32> {
          %0 = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>
          func.return %0 : tensor<3xf32>
        }
        func.func @f_vjp(%x: tensor<3xf32>, %dresult: tensor<3xf32>) -> tensor<3xf32> {
          %0 = hl.exp %x : (tensor<3xf32>) -> tensor<3xf32>
          %1 = hl.mul %dresult, %0 : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
          func.return %1 : tensor<3xf32>
        }

    The new function has the arguments of `@f`, and then the gradient of each result of floats; it returns the gradient
    of each argument of floats, Variables among them, zeros where no result depends on it. It is what tapes compute,
    through branches and loops too, and can be differentiated in turn: `differentiate,differentiate{functions=f_vjp}`
    computes second derivatives. Calls have no gradient here, so `inline` comes first.

    A function that has no gradient is left alone, unless it is named: then it is an error.

    Options: `functions` are the names of those to differentiate, by default all; `arguments` are the indices of the
    arguments whose gradients are returned, by default all floats.
    """

    functions: tuple[str, ...] = ()
    arguments: tuple[int, ...] = ()

    name = NAME
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"
    idempotent: ClassVar[bool] = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Add the functions behind those that they differentiate."""
        present = {f.sym_name.data: f for f in op.ops if isinstance(f, func.FuncOp)}
        unknown = [name for name in self.functions if name not in present]
        if unknown:
            raise PipelineError(f"{NAME}: there is no function '@{unknown[0]}' in the module")
        for name in self.functions or present:
            why = self._why_not(present[name], present)
            if why is None:
                try:
                    Rewriter.insert_op(self._vjp(present[name]), InsertPoint.after(present[name]))
                except ControlFlowGradientError as error:
                    why = str(error)
            if why is not None and self.functions:
                raise PipelineError(f"{NAME}: '@{name}': {why}")
            if why is not None:
                refuse(NAME, present[name], why)

    def _why_not(self, function: func.FuncOp, present: dict[str, func.FuncOp]) -> str | None:
        """Why a function has no gradient."""
        if f"{function.sym_name.data}_vjp" in present:
            return "it has one"
        if len(function.body.blocks) != 1:
            return "it has more than one block, or none"
        block = function.body.block
        if wrong := [i for i in self.arguments if not 0 <= i < len(block.args) or not _is_float(block.args[i])]:
            return f"argument {wrong[0]} is no tensor or Variable of floats"
        if not any(_is_float(argument) for argument in block.args):
            return "no argument is of floats"
        for op in block.walk():
            if isinstance(op, func.CallOp):
                return "it calls another function; use 'inline' first"
            if _takes_float(op):
                return f"'{op.name}' takes a float out of a tensor"
        return None

    def _vjp(self, function: func.FuncOp) -> func.FuncOp:
        """The function of gradients: a copy of the function, which goes on with those."""
        block = function.clone().body.detach_block(0)
        tracer = Tracer(f"{function.sym_name.data}_vjp")
        tracer.location = function.location
        variables: dict[SSAValue, Variable] = {
            each: _variable(each) for each in block.args if isinstance(each.type, VariableType)
        }
        tracer.adopt(block, variables)
        wanted = self.arguments or [i for i, argument in enumerate(block.args) if _is_float(argument)]
        sources = [
            variables[a] if a in variables else Tensor.symbolic(a, tracer) for a in (block.args[i] for i in wanted)
        ]
        types = [_type_of(block.args[i]) for i in wanted]
        end = block.last_op
        assert isinstance(end, func.ReturnOp)
        targets = [Tensor.symbolic(value, tracer) for value in end.operands if _is_float(value)]
        end.detach()
        end.erase()
        with tracing(tracer), stop_recording(), tracer.at(function.location):
            grads = _gradients(tracer, sources, targets)
            values = [to_ssa(cast_sizes(grad, type_)) for grad, type_ in zip(grads, types, strict=True)]
            _name_constants(tracer)
            module = tracer.finish(values)
        found = module.body.block.first_op
        assert isinstance(found, func.FuncOp)
        found.detach()
        return found


def _gradients(tracer: Tracer, sources: Sequence[Tensor | Variable], targets: Sequence[Tensor]) -> list[Tensor]:
    """The gradients of the sources, for parameters that are those of the targets."""
    tape = GradientTape(watch_accessed_variables=False)
    tape.watch(list(sources))
    with tape:
        observe(tracer, list(tracer.entry.ops))
    starts = [Tensor.symbolic(tracer.argument(_type_of(to_ssa(each)), "dresult"), tracer) for each in targets]
    return tape.gradient(list(targets), list(sources), starts, "zero")


def _name_constants(tracer: Tracer) -> None:
    """Let arrays that became parameters be constants: there is nobody to give them."""
    for key, (thing, argument) in list(tracer.captures.items()):
        if isinstance(thing, Tensor):
            emitter = Emitter(InsertPoint.at_start(tracer.entry), tracer.location)
            argument.replace_all_uses_with(emitter.value(arith.ConstantOp(dense(np.asarray(thing)))))
            tracer.entry.erase_arg(argument)
            del tracer.captures[key]


def _variable(argument: BlockArgument) -> Variable:
    """A Variable of the type of an argument, for tapes to follow."""
    type_ = _type_of(argument)
    sizes = [None if size == DYNAMIC else size for size in shape_of(type_)]
    value = zeros([size or 0 for size in sizes], dtype_of(type_))
    return Variable(value, name=argument.name_hint, shape=sizes)


def _type_of(value: SSAValue) -> TensorType[Attribute]:
    """The type of a tensor, or of what a Variable holds."""
    type_ = value.type.value_type if isinstance(value.type, VariableType) else value.type
    assert isinstance(type_, TensorType)
    return type_


def _is_float(value: SSAValue) -> bool:
    return isinstance(value.type, TensorType | VariableType) and dtype_of(_type_of(value)).is_inexact


def _takes_float(op: Operation) -> bool:
    """Whether a float leaves a tensor, for more than a message: tapes do not follow it."""
    if not isinstance(op, tensor.ExtractOp) or not isinstance(op.result.type, AnyFloat):
        return False
    return not all(isinstance(use.operation, debug.AssertOp | debug.PrintOp) for use in op.result.uses)
