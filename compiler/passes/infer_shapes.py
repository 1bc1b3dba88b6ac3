"""`infer-shapes`: sizes that follow from other sizes become static."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func, scf, tensor
from xdsl.dialects.builtin import FunctionType, ModuleOp, TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue

from ...dialects import gradient
from ...dialects.emitter import Emitter
from ...dialects.hl.rules.base import HLOp, InferenceError, compatible
from ...dialects.hl.rules.sizes.refinement import forget_sizes, refined
from ...dialects.types import DYNAMIC, shape_of
from ...dialects.walk import ops_of
from ..pipeline.base import Pass


@dataclass(frozen=True)
class InferShapesPass(Pass):
    """Replace `?` sizes in result types by sizes inferred from operands, through branches and up to function results.

    Before:

        func.func @f(%x: tensor<2x3xf32>) -> tensor<?x3xf32> {
          %0 = hl.exp %x : (tensor<2x3xf32>) -> tensor<?x3xf32>
          func.return %0 : tensor<?x3xf32>
        }

    After:

        func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
          %0 = hl.exp %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
          func.return %0 : tensor<2x3xf32>
        }

    Code for static sizes is faster. Values that a loop carries keep their types, since a size may change from one
    iteration to the next; a refined initial value is cast to the carried type.
    """

    name = "infer-shapes"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """One walk in program order."""
        called = {call.callee.string_value() for call in ops_of(op, func.CallOp)}
        for function in op.ops:
            if isinstance(function, func.FuncOp) and function.body.blocks:
                _refine_block(function.body.block)
                _refine_results(function, function.sym_name.data in called)


def _refine_results(function: func.FuncOp, is_called: bool) -> None:
    """The function's type says what its body now gives; callers have been promised the old types."""
    last = function.body.block.last_op
    assert last is not None
    inputs, outputs = function.function_type.inputs.data, function.function_type.outputs.data
    if is_called:
        _match(last, list(outputs))
    else:
        function.function_type = FunctionType.from_lists(inputs, [operand.type for operand in last.operands])


def _set_type(value: SSAValue, type_: Attribute) -> None:
    """Change the type of a value; users that insist on the old type are given a cast."""
    if value.type == type_:
        return
    strict = [use for use in value.uses if isinstance(use.operation, scf.ForOp | scf.WhileOp | func.CallOp)]
    old = value.type
    value._type = type_  # pyright: ignore[reportAttributeAccessIssue]
    for use in strict:
        assert isinstance(old, TensorType)
        use.operation.operands[use.index] = Emitter.before(use.operation).value(tensor.CastOp(value, old))


def _refine_block(block: Block) -> None:
    for op in list(block.ops):
        if isinstance(op, HLOp):
            _refine_op(op)
        elif isinstance(op, tensor.CastOp):
            _refine_cast(op)
        else:
            for region in op.regions:
                for inner in region.blocks:
                    _refine_block(inner)
            _refine_structured(op)


def _refine_op(op: HLOp) -> None:
    try:
        types = op.infer([operand.type for operand in op.operands], op.attrs())  # pyright: ignore
    except InferenceError:
        forget_sizes(op)
        return
    for result, type_ in zip(op.results, types, strict=True):
        _set_type(result, refined(result.type, type_))


def _refine_cast(op: tensor.CastOp) -> None:
    """A cast that forgets sizes goes; users that need it get one of their own.

    A cast to other sizes than the known ones is an error when it runs, which it may never do.
    """
    if not compatible(op.source.type, op.dest.type):
        forget_sizes(op)
        return
    _set_type(op.dest, refined(op.dest.type, op.source.type))
    if op.source.type == op.dest.type:
        op.dest.replace_all_uses_with(op.source)
        op.detach()
        op.erase()


def _refine_structured(op: Operation) -> None:
    """Results of a branch get the sizes on which both sides agree; bodies of loops hand over what is carried."""
    if isinstance(op, scf.IfOp) and op.results:
        ends = [op.true_region.block.last_op, op.false_region.block.last_op]
        for number, result in enumerate(op.results):
            sides = [end.operands[number].type for end in ends if end is not None]
            _set_type(result, refined(result.type, _agreed(sides[0], sides[1])))
        for end in ends:
            assert end is not None
            _match(end, [result.type for result in op.results])
    elif isinstance(op, scf.ForOp):
        assert op.body.block.last_op is not None
        _match(op.body.block.last_op, [argument.type for argument in op.body.block.args[1:]])
    elif isinstance(op, gradient.CustomOp):
        for value, result, argument in zip(op.values, op.res, op.body.block.args, strict=True):
            _set_type(result, value.type)
            _set_type(argument, value.type)
    elif isinstance(op, scf.WhileOp):
        before, after = op.before_region.block.last_op, op.after_region.block.last_op
        assert before is not None and after is not None
        _match(before, [before.operands[0].type, *op.result_types])
        _match(after, [argument.type for argument in op.before_region.block.args])


def _agreed(a: Attribute, b: Attribute) -> Attribute:
    """The sizes that two types have in common."""
    if not (isinstance(a, TensorType) and isinstance(b, TensorType)) or a.get_num_dims() != b.get_num_dims():
        return a
    return TensorType(a.element_type, [x if x == y else DYNAMIC for x, y in zip(shape_of(a), shape_of(b))])


def _match(terminator: Operation, types: list[Attribute]) -> None:
    """Cast what a terminator hands over to the types expected."""
    for number, (operand, type_) in enumerate(zip(list(terminator.operands), types, strict=True)):
        if operand.type != type_:
            assert isinstance(type_, TensorType)
            terminator.operands[number] = Emitter.before(terminator).value(tensor.CastOp(operand, type_))
