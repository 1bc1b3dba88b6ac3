"""Which op made the difference: the program is cut off behind one op after the other, and taken down again.

What is cut off returns the op's results, also out of branches and loops: those of the first iteration, or the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xdsl.dialects import func
from xdsl.dialects.builtin import FunctionType, ModuleOp, TensorType
from xdsl.ir import Block, Operation, OpResult, SSAValue

from ...compiler.reducer.edits import remove_dead
from ...compiler.reducer.validity import is_valid
from ...dialects import state
from ...dialects.emitter import Emitter
from ..outcomes import Difference
from .carry import carried_out

MAX_INNER = 200
"""How many ops inside of a branch or loop are looked at."""

Wrong = Callable[[ModuleOp], bool]
"""Whether a program that is cut off comes to something wrong."""


def find_op(module: ModuleOp, where: Difference, wrong: Wrong) -> Operation | None:
    """The op with a wrong result, although the results of the ops that it depends on are right; None if none is found.

    The result of a write to a Variable is the Variable's new value.

    Args:
        module: the program as traced, whose ops are on tensors.
        where: what is wrong: a result, a Variable, or something else.
        wrong: tells about cut programs.
    """
    function = _entry(module)
    if function is None:
        return None
    return _Search(module, function.body.block, wrong).run(_roots(function, where))


def _entry(module: ModuleOp) -> func.FuncOp | None:
    """The function that is run, if it is one block that works on tensors."""
    found = [op for op in module.ops if isinstance(op, func.FuncOp) and len(op.body.blocks) == 1]
    public = [op for op in found if op.sym_visibility is None or op.sym_visibility.data == "public"]
    return next((op for op in public if op.sym_name.data == "main"), public[0] if public else None)


def _roots(function: func.FuncOp, where: Difference) -> list[Operation]:
    """The ops that the wrong thing is from, the last ones first."""
    block, last = function.body.block, function.body.block.last_op
    assert last is not None
    if where.result is not None:
        return [value.op for value in [last.operands[where.result]] if isinstance(value, OpResult)]
    variable = block.args[where.parameter] if where.parameter is not None else None
    writes = [op for op in function.walk() if isinstance(op, state.UpdateOp) and variable in (None, op.operands[0])]
    return [*reversed(writes), *(value.op for value in last.operands if isinstance(value, OpResult))]


class _Search:
    def __init__(self, module: ModuleOp, block: Block, wrong: Wrong):
        self.module, self.block, self._wrong = module, block, wrong
        self._number = {op: number for number, op in enumerate(module.walk())}
        self._known: dict[tuple[Operation, bool], bool] = {}

    def run(self, roots: Sequence[Operation]) -> Operation | None:
        for root in roots:
            op = self.block.find_ancestor_op_in_block(root)
            for each in (root, op):
                if op is not None and each is not None and self.is_wrong(each):
                    return self._innermost(self._first_wrong(op))
        return None

    def is_wrong(self, op: Operation, first: bool = True) -> bool:
        """Whether the result of an op is wrong; in a loop, in the first iteration or the last."""
        if (op, first) not in self._known:
            cut_off = cut(self.module, self._number[op], first)
            self._known[op, first] = cut_off is not None and self._wrong(cut_off)
        return self._known[op, first]

    def _first_wrong(self, last: Operation) -> Operation:
        """An op that `last` depends on, or it itself, that is wrong though what it depends on is not."""
        needed = self._needed(last)
        low, high = -1, len(needed) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.is_wrong(needed[middle]) else (middle, high)
        found = needed[high]
        while True:
            earlier = next((op for op in self._depends_on(found) if self.is_wrong(op)), None)
            if earlier is None:
                return found
            found = earlier

    def _needed(self, last: Operation) -> list[Operation]:
        """All ops at the top of the function that `last` depends on and that give something, in order, then it."""
        found, open_ = {last}, [last]
        while open_:
            new = [op for op in self._depends_on(open_.pop()) if op not in found]
            found.update(new)
            open_ += new
        return [op for op in self.block.ops if op in found and (_gives(op) or op is last)]

    def _depends_on(self, op: Operation) -> Iterator[Operation]:
        """The ops at the top of the function that `op`, or an op inside of it, uses the results or the writes of."""
        seen = {op}
        for nested in op.walk():
            owners = [operand.op for operand in nested.operands if isinstance(operand, OpResult)]
            if isinstance(nested, state.ReadOp | state.UpdateOp):
                owners += self._writes_before(op, nested.operands[0])
            for owner in owners:
                earlier = self.block.find_ancestor_op_in_block(owner)
                if earlier is not None and earlier not in seen:
                    seen.add(earlier)
                    yield earlier

    def _writes_before(self, op: Operation, variable: SSAValue) -> list[Operation]:
        """The writes to a Variable in ops at the top of the function before `op`."""
        writes = [use.operation for use in variable.uses if isinstance(use.operation, state.UpdateOp)]
        return sorted(
            (write for write in writes if self._number[write] < self._number[op]), key=self._number.__getitem__
        )

    def _innermost(self, op: Operation) -> Operation:
        """Of an op that is a branch or a loop, the first op in it that is wrong, if there is one."""
        inner = [each for each in op.walk(region_first=True) if each is not op and _gives(each)][:MAX_INNER]
        for first in (True, False):
            found = next((each for each in inner if self.is_wrong(each, first)), None)
            if found is not None:
                return found
        return op


def _gives(op: Operation) -> bool:
    """Whether an op gives a tensor, or writes one."""
    return isinstance(op, state.UpdateOp) or bool(_tensors(op))


def _tensors(op: Operation) -> list[SSAValue]:
    return [result for result in op.results if isinstance(result.type, TensorType)]


def cut(module: ModuleOp, number: int, first: bool = True) -> ModuleOp | None:
    """A copy of a module whose function returns the results of one of its ops; None if that is impossible.

    Args:
        module: the module.
        number: the index of the op in the order of `walk`.
        first: whether, of an op in a loop, the values of the first iteration are returned, or those of the last.
    """
    copy = module.clone()
    op = list(copy.walk())[number]
    function = _entry(copy)
    given = [Emitter.after(op).value(state.ReadOp(op.operands[0]))] if isinstance(op, state.UpdateOp) else _tensors(op)
    values = [carried_out(value, first) for value in given]
    if function is None or not values or None in values:
        return None
    last = function.body.block.last_op
    assert last is not None
    last.operands = [value for value in values if value is not None]
    function.res_attrs = None
    types = [operand.type for operand in last.operands]
    function.function_type = FunctionType.from_lists(function.function_type.inputs.data, types)
    remove_dead(copy)
    return copy if is_valid(copy) else None
