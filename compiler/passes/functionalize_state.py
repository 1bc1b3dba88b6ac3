"""`functionalize-state`: Variables become values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func, scf
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint

from ...dialects import state
from ...dialects.debug import AssertOp
from ...dialects.dtypes import INT64
from ...dialects.emitter import Emitter
from ...dialects.hl.arithmetic import AddOp, SubOp
from ...dialects.hl.comparison import EqualOp
from ...dialects.hl.rules.linalg_builder import type_of
from ...dialects.hl.shape import DimOp
from ...dialects.types import DYNAMIC, shape_of
from ..pipeline.base import Pass

Current = dict[SSAValue, SSAValue]
"""The value of each Variable at the point of the program that has been reached."""

_UPDATES = (state.AssignOp, state.AssignAddOp, state.AssignSubOp)


@dataclass(frozen=True)
class FunctionalizeStatePass(Pass):
    """Turn every Variable parameter into a tensor parameter, and every assigned one into an additional result.

    Before:

        func.func @f(%v: !state.variable<tensor<f32>>, %x: tensor<f32>) {
          state.assign_add %v, %x : !state.variable<tensor<f32>>, tensor<f32>
          func.return
        }

    After:

        func.func @f(%v: tensor<f32>, %x: tensor<f32>) -> tensor<f32> {
          %0 = hl.add %v, %x : (tensor<f32>, tensor<f32>) -> tensor<f32>
          func.return %0 : tensor<f32>
        }

    Formats without state, such as ONNX, can then represent a function that assigns Variables: the caller stores the
    additional results. Loops and branches that contain assignments return the values as additional results.
    """

    name = "functionalize-state"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Transform each function."""
        for function in op.ops:
            if isinstance(function, func.FuncOp) and function.body.blocks:
                _functionalize(function)


def _functionalize(function: func.FuncOp) -> None:
    block = function.body.block
    variables = [arg for arg in block.args if isinstance(arg.type, state.VariableType)]
    assigned = [v for v in variables if any(isinstance(use.operation, _UPDATES) for use in v.uses)]
    current: Current = {}
    for variable in variables:
        assert isinstance(variable.type, state.VariableType)
        new = block.insert_arg(variable.type.value_type, variable.index)
        new.name_hint = variable.name_hint
        current[variable] = new
    _thread(block, current)
    last = block.last_op
    assert isinstance(last, func.ReturnOp)
    results = [*last.operands, *(current[variable] for variable in assigned)]
    last.operands = results
    for variable in variables:
        block.erase_arg(variable)
    function.function_type = FunctionType.from_lists([a.type for a in block.args], [r.type for r in results])


def _thread(block: Block, current: Current) -> None:
    """Replace the state ops of `block`, keeping `current` up to date."""
    for op in list(block.ops):
        if isinstance(op, state.ReadOp):
            op.value.replace_all_uses_with(current[op.variable])
            _erase(op)
        elif isinstance(op, _UPDATES):
            current[op.variable] = _updated(op, current[op.variable])
            _erase(op)
        elif op.regions:
            _thread_nested(op, current)


def _updated(op: Operation, old: SSAValue) -> SSAValue:
    new = op.operands[1]
    _check_sizes(op, new, old)
    if isinstance(op, state.AssignAddOp):
        return Emitter.before(op).value(AddOp.build([old, new]))
    if isinstance(op, state.AssignSubOp):
        return Emitter.before(op).value(SubOp.build([old, new]))
    return new


def _check_sizes(update: Operation, new: SSAValue, old: SSAValue) -> None:
    """A Variable keeps its sizes, those too that are known only when the program runs."""
    e = Emitter.before(update)
    for axis, size in enumerate(shape_of(type_of(old))):
        if size == DYNAMIC and not _is_checked(update.parent, new, old, axis):
            sizes = [e.value(DimOp.build([each], {"axis": axis, "dtype": INT64})) for each in (new, old)]
            e.add(AssertOp(e.value(EqualOp.build(sizes)), state.SIZE_MESSAGE.format(axis), sizes))


def _is_checked(block: Block | None, new: SSAValue, old: SSAValue, axis: int) -> bool:
    """Whether a check in `block` is that two tensors have the same size along an axis: one that says more to users."""

    def size_of(value: SSAValue, tensor: SSAValue) -> bool:
        op = value.owner
        return isinstance(op, DimOp) and op.operands[0] is tensor and op.attrs()["axis"] == axis

    for check in block.ops if block is not None else ():
        compared = check.condition.owner if isinstance(check, AssertOp) else None
        if isinstance(compared, EqualOp):
            x, y = compared.operands
            if (size_of(x, old) and size_of(y, new)) or (size_of(x, new) and size_of(y, old)):
                return True
    return False


def _erase(op: Operation) -> None:
    op.detach()
    op.erase()


def _thread_nested(op: Operation, current: Current) -> None:
    assigned = [
        variable
        for variable in current
        if any(isinstance(nested, _UPDATES) and nested.operands[0] is variable for nested in op.walk())
    ]
    if isinstance(op, scf.IfOp):
        _thread_if(op, current, assigned)
    elif isinstance(op, scf.WhileOp):
        _thread_while(op, current, assigned)
    else:
        assert isinstance(op, scf.ForOp), op.name
        _thread_for(op, current, assigned)


def _yield_more(block: Block, values: Sequence[SSAValue]) -> None:
    last = block.last_op
    assert last is not None
    last.operands = [*last.operands, *values]


def _replace(old: Operation, new: Operation, current: Current, assigned: Sequence[SSAValue]) -> None:
    """Replace `old` by `new`, whose last results are the assigned Variables' values."""
    Emitter.before(old).add(new)
    for before, after in zip(old.results, new.results):
        before.replace_all_uses_with(after)
    for variable, value in zip(assigned, new.results[len(old.results) :], strict=True):
        current[variable] = value
    _erase(old)


def _thread_if(op: scf.IfOp, current: Current, assigned: Sequence[SSAValue]) -> None:
    if not op.false_region.blocks:
        op.false_region.add_block(Block())
        Emitter(InsertPoint.at_end(op.false_region.block), op.location).add(scf.YieldOp())
    for region in (op.true_region, op.false_region):
        inner = dict(current)
        _thread(region.block, inner)
        _yield_more(region.block, [inner[variable] for variable in assigned])
    if assigned:
        types = [*op.result_types, *(current[variable].type for variable in assigned)]
        new = scf.IfOp(op.cond, types, _taken(op.true_region), _taken(op.false_region))
        _replace(op, new, current, assigned)


def _taken(region: Region) -> Region:
    """The blocks of `region` in a region of their own."""
    new = Region()
    region.move_blocks(new)
    return new


def _with_arguments(block: Block, current: Current, assigned: Sequence[SSAValue]) -> Current:
    """The state inside a loop's block, which gets an argument for each assigned Variable."""
    inner = dict(current)
    for variable in assigned:
        inner[variable] = block.insert_arg(current[variable].type, len(block.args))
    return inner


def _thread_while(op: scf.WhileOp, current: Current, assigned: Sequence[SSAValue]) -> None:
    for region in (op.before_region, op.after_region):
        inner = _with_arguments(region.block, current, assigned)
        _thread(region.block, inner)
        _yield_more(region.block, [inner[variable] for variable in assigned])
    if assigned:
        values = [current[variable] for variable in assigned]
        new = scf.WhileOp(
            [*op.arguments, *values],
            [*op.result_types, *(value.type for value in values)],
            _taken(op.before_region),
            _taken(op.after_region),
        )
        _replace(op, new, current, assigned)


def _thread_for(op: scf.ForOp, current: Current, assigned: Sequence[SSAValue]) -> None:
    inner = _with_arguments(op.body.block, current, assigned)
    _thread(op.body.block, inner)
    _yield_more(op.body.block, [inner[variable] for variable in assigned])
    if assigned:
        values = [current[variable] for variable in assigned]
        new = scf.ForOp(op.lb, op.ub, op.step, [*op.iter_args, *values], _taken(op.body))
        _replace(op, new, current, assigned)
