"""Functions: those that nobody calls go, those that are called replace the call."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from .edits import Edit, OneAtATime, Ops, Strategy, is_in
from .operations import is_named
from .rebuild import erase


class DropFunctions(Strategy):
    """Removes functions that nothing refers to, but not the last one that can be called from outside."""

    name = "drop functions"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each such function."""
        return [_DropFunction(number) for number, op in enumerate(module.walk()) if _may_go(op)]


def _may_go(op: Operation) -> bool:
    if not isinstance(op, func.FuncOp | llvm.FuncOp) or is_named(op):
        return False
    module = op.parent_op()
    assert isinstance(module, ModuleOp)
    return not _is_public(op) or any(other is not op and _is_public(other) for other in module.ops)


def _is_public(op: Operation) -> bool:
    """Whether an op is a function that can be called from outside."""
    if not isinstance(op, func.FuncOp | llvm.FuncOp) or not op.body.blocks:
        return False
    return op.sym_visibility is None or op.sym_visibility.data == "public"


@dataclass(frozen=True)
class _DropFunction:
    number: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops) or not _may_go(op):
            return False
        erase(op)
        return True


class KeepFunction(OneAtATime):
    """Keeps one function only, which can then be called from outside."""

    name = "keep function"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each function with a body, where there are others."""
        functions = [number for number, op in enumerate(module.walk()) if isinstance(op, func.FuncOp)]
        return [_KeepFunction(number) for number in functions if len(functions) > 1]


@dataclass(frozen=True)
class _KeepFunction:
    number: int

    def __call__(self, ops: Ops) -> bool:
        kept, module = ops[self.number], ops[0]
        assert isinstance(kept, func.FuncOp) and isinstance(module, ModuleOp)
        if not kept.body.blocks or is_named(kept):
            return False
        for op in list(module.ops):
            if op is not kept and isinstance(op, func.FuncOp):
                erase(op)
        kept.sym_visibility = None
        return True


class InlineCalls(Strategy):
    """Replaces a call of a function by its body."""

    name = "inline"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each call."""
        return [_Inline(number) for number, op in enumerate(module.walk()) if isinstance(op, func.CallOp)]


@dataclass(frozen=True)
class _Inline:
    number: int

    def __call__(self, ops: Ops) -> bool:
        call = ops[self.number]
        assert isinstance(call, func.CallOp)
        callee = _callee(call) if is_in(call, ops) else None
        if callee is None or len(callee.body.blocks) != 1 or callee.is_ancestor(call):
            return False
        block = callee.body.block
        mapping: dict[SSAValue, SSAValue] = dict(zip(block.args, call.operands, strict=True))
        results: list[SSAValue] = []
        for op in block.ops:
            if isinstance(op, func.ReturnOp):
                results = [mapping[operand] for operand in op.operands]
            else:
                Rewriter.insert_op(op.clone(mapping), InsertPoint.before(call))
        for old, new in zip(call.results, results, strict=True):
            old.replace_all_uses_with(new)
        erase(call)
        return True


def _callee(call: func.CallOp) -> func.FuncOp | None:
    module = call.get_toplevel_object()
    assert isinstance(module, ModuleOp)
    name = call.callee.string_value()
    return next((op for op in module.ops if isinstance(op, func.FuncOp) and op.sym_name.data == name), None)
