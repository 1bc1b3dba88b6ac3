"""Which Variables an op may write, itself or in what is nested in it."""

from __future__ import annotations

from collections.abc import Collection

from xdsl.dialects import func
from xdsl.ir import Operation, SSAValue
from xdsl.traits import IsTerminator

from ...dialects import debug, state
from ...dialects.walk import ops_in


class VariableWrites:
    """What the ops of a program may write.

    An op other than a read may write each Variable that it is given. Whoever stops at a breakpoint may write them all.
    Two parameters of one type may be one Variable, but for those of a public function that nothing in the program
    calls: callers from outside give it each Variable once.
    """

    def __init__(self, program: Operation):
        self._writes: dict[Operation, dict[SSAValue, None]] = {}
        self._stops: set[Operation] = set()
        self._separate: set[Operation] = set()
        ops = ops_in(program)
        called = {op.callee.string_value() for op in ops if isinstance(op, func.CallOp)}
        for op in ops:
            if isinstance(op, func.FuncOp) and _has_separate_variables(op, called):
                self._separate.add(op)
            self._note(op)

    def _note(self, op: Operation) -> None:
        """Add what an op writes to what those around it write."""
        written: list[SSAValue] = []
        if not (isinstance(op, state.ReadOp) or op.has_trait(IsTerminator)):
            written = [value for value in op.operands if isinstance(value.type, state.VariableType)]
        stops = isinstance(op, debug.BreakOp)
        outer: Operation | None = op if written or stops else None
        while outer is not None and not isinstance(outer, func.FuncOp):
            self._writes.setdefault(outer, {}).update(dict.fromkeys(written))
            if stops:
                self._stops.add(outer)
            outer = outer.parent_op()

    def written_by(self, op: Operation, variables: Collection[SSAValue]) -> list[SSAValue]:
        """Those of `variables` that `op` may write."""
        if op in self._stops:
            return list(variables)
        written = self._writes.get(op)
        if not written:
            return []
        if _function(op) in self._separate:
            return [variable for variable in written if variable in variables]
        types = {variable.type for variable in written}
        return [variable for variable in variables if variable.type in types]


def _function(op: Operation) -> Operation | None:
    """The function that an op is in."""
    outer = op.parent_op()
    while outer is not None and not isinstance(outer, func.FuncOp):
        outer = outer.parent_op()
    return outer


def _has_separate_variables(function: func.FuncOp, called: set[str]) -> bool:
    """Whether no two Variables in a function, under whatever names, can be one."""
    public = function.sym_visibility is None or function.sym_visibility.data == "public"
    if not public or function.sym_name.data in called or not function.body.blocks:
        return False
    entry = function.body.blocks[0]
    return not any(
        isinstance(value.type, state.VariableType)
        for op in ops_in(function)
        for value in (*op.results, *(a for region in op.regions for b in region.blocks for a in b.args))
        if value.owner is not entry
    )


__all__ = ["VariableWrites"]
