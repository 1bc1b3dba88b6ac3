"""After a change of types: each result has again the type that follows from the operands."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import func, scf, tensor
from xdsl.dialects.builtin import FunctionType, TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue

from ...dialects.hl.rules.base import HLOp, InferenceError, compatible
from ...dialects.types import DYNAMIC


def set_type(value: SSAValue, type_: Attribute) -> None:
    """Change the type of a value."""
    value._type = type_  # pyright: ignore[reportAttributeAccessIssue]


def retype(module: Operation) -> bool:
    """Bring the types of a module in order, from operands to results; tell whether that was possible."""
    try:
        for op in module.regions[0].block.ops:
            if isinstance(op, func.FuncOp) and op.body.blocks:
                for block in op.body.blocks:
                    _retype_block(block)
                _retype_function(op)
    except (InferenceError, ValueError, IndexError):
        return False
    return True


def _retype_block(block: Block) -> None:
    for op in block.ops:
        match op:
            case HLOp():
                _follow(op.results, op.infer([operand.type for operand in op.operands], op.attrs()))  # pyright: ignore
            case tensor.CastOp():
                _retype_cast(op)
            case scf.ForOp():
                _set_all(op.body.block.args[1:], _types(op.iter_args))
                _retype_block(op.body.block)
                _set_all(op.results, _types(op.iter_args))
            case scf.WhileOp():
                _retype_while(op)
            case scf.IfOp():
                for region in op.regions:
                    for inner in region.blocks:
                        _retype_block(inner)
                if op.results and op.true_region.block.last_op is not None:
                    _set_all(op.results, _types(op.true_region.block.last_op.operands))


def _types(values: Sequence[SSAValue]) -> list[Attribute]:
    return [value.type for value in values]


def _set_all(values: Sequence[SSAValue], types: Sequence[Attribute]) -> None:
    for value, type_ in zip(values, types, strict=True):
        set_type(value, type_)


def _follow(results: Sequence[SSAValue], inferred: Sequence[Attribute]) -> None:
    """Give results the types inferred, where those that they have do not fit."""
    for result, type_ in zip(results, inferred, strict=True):
        if not compatible(result.type, type_):
            set_type(result, type_)


def _retype_while(op: scf.WhileOp) -> None:
    before, after = op.before_region.block, op.after_region.block
    _set_all(before.args, _types(op.operands))
    _retype_block(before)
    if before.last_op is not None:
        forwarded = _types(before.last_op.operands)[1:]
        _set_all(after.args, forwarded)
        _set_all(op.results, forwarded)
    _retype_block(after)


def _retype_cast(op: tensor.CastOp) -> None:
    """A cast forgets the sizes that it forgot before."""
    source, dest = op.source.type, op.dest.type
    if compatible(source, dest) or not (isinstance(source, TensorType) and isinstance(dest, TensorType)):
        return
    sizes = source.get_shape()
    if len(sizes) == len(dest.get_shape()):
        sizes = [DYNAMIC if old == DYNAMIC else new for new, old in zip(sizes, dest.get_shape(), strict=True)]
    set_type(op.dest, TensorType(source.element_type, sizes))


def _retype_function(function: func.FuncOp) -> None:
    last = function.body.blocks.last
    entry = function.body.blocks.first
    assert last is not None and entry is not None
    if isinstance(last.last_op, func.ReturnOp):
        inputs, outputs = _types(entry.args), _types(last.last_op.operands)
        function.function_type = FunctionType.from_lists(inputs, outputs)
