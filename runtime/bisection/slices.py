"""Which op made the difference: the program is cut off behind one op after the other, and taken down again.

What is cut off returns the op's results, also out of branches and loops: those of the first iteration, or the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xdsl.dialects import func
from xdsl.dialects.builtin import FunctionType, ModuleOp, TensorType
from xdsl.ir import Block, Operation, OpResult, SSAValue

from ...compiler.reduction.edits import remove_dead
from ...compiler.reduction.validity import is_valid
from ...dialects import state
from .carry import carried_out

MAX_INNER = 200
"""How many ops inside of a branch or loop are looked at."""

Wrong = Callable[[ModuleOp], bool]
"""Whether a program that is cut off comes to something wrong."""


def find_op(module: ModuleOp, result: int | None, wrong: Wrong) -> Operation | None:
    """The op whose results are wrong, though those of the ops that it depends on are right; None if none is found.

    Args:
        module: the program as traced, whose ops are on tensors.
        result: the number of the result that is wrong; None where a Variable, or something else, is.
        wrong: tells about cut programs.
    """
    function = _entry(module)
    if function is None:
        return None
    return _Search(module, function.body.block, wrong).run(_roots(function, result))


def _entry(module: ModuleOp) -> func.FuncOp | None:
    """The function that is run, if it is one block that works on tensors."""
    found = [op for op in module.ops if isinstance(op, func.FuncOp) and len(op.body.blocks) == 1]
    public = [op for op in found if op.sym_visibility is None or op.sym_visibility.data == "public"]
    return next((op for op in public if op.sym_name.data == "main"), public[0] if public else None)


def _roots(function: func.FuncOp, result: int | None) -> list[SSAValue]:
    """The values that the wrong thing is computed from."""
    last = function.body.block.last_op
    assert last is not None
    if result is not None:
        return [last.operands[result]]
    writes = [
        op.operands[1]
        for op in function.walk()
        if isinstance(op, state.AssignOp | state.AssignAddOp | state.AssignSubOp)
    ]
    return [*writes, *last.operands]


class _Search:
    def __init__(self, module: ModuleOp, block: Block, wrong: Wrong):
        self.module, self.block, self._wrong = module, block, wrong
        self._number = {op: number for number, op in enumerate(module.walk())}
        self._known: dict[tuple[Operation, bool], bool] = {}

    def run(self, roots: Sequence[SSAValue]) -> Operation | None:
        found = None
        for root in roots:
            op = self._outermost(root)
            if op is not None and self.is_wrong(op):
                found = self._first_wrong(op)
                break
        return self._innermost(found) if found is not None else None

    def _outermost(self, value: SSAValue) -> Operation | None:
        """The op at the top of the function that a value comes from."""
        return self.block.find_ancestor_op_in_block(value.op) if isinstance(value, OpResult) else None

    def is_wrong(self, op: Operation, first: bool = True) -> bool:
        """Whether the results of an op are wrong; in a loop, in the first iteration or the last."""
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
        """All ops at the top of the function that `last` depends on, and it, in order."""
        found, open_ = {last}, [last]
        while open_:
            new = [op for op in self._depends_on(open_.pop()) if op not in found]
            found.update(new)
            open_ += new
        return [op for op in self.block.ops if op in found and _tensors(op)]

    def _depends_on(self, op: Operation) -> Iterator[Operation]:
        """The ops at the top of the function whose results `op`, or an op inside of it, uses."""
        seen = {op}
        for nested in op.walk():
            for operand in nested.operands:
                earlier = self._outermost(operand)
                if earlier is not None and earlier not in seen:
                    seen.add(earlier)
                    yield earlier

    def _innermost(self, op: Operation) -> Operation:
        """Of an op that is a branch or a loop, the first op in it that is wrong, if there is one."""
        inner = [each for each in op.walk(region_first=True) if each is not op and _tensors(each)][:MAX_INNER]
        for first in (True, False):
            found = next((each for each in inner if self.is_wrong(each, first)), None)
            if found is not None:
                return found
        return op


def _tensors(op: Operation) -> list[SSAValue]:
    return [result for result in op.results if isinstance(result.type, TensorType)]


def cut(module: ModuleOp, number: int, first: bool = True) -> ModuleOp | None:
    """A copy of a module whose function returns the tensors that one of its ops gives; None if they cannot be had.

    Args:
        module: the module.
        number: the number of the op in the order of `walk`.
        first: whether, of an op in a loop, the values of the first iteration are returned, or those of the last.
    """
    copy = module.clone()
    op = list(copy.walk())[number]
    function = _entry(copy)
    values = [carried_out(value, first) for value in _tensors(op)]
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
