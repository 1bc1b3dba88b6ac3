"""Operands: earlier values in their place, or none at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Block, Operation
from xdsl.irdl import OperandDef, VarOperandDef

from ...dialects import debug
from ...dialects.hl.rules.base import HLOp
from .edits import Edit, Ops, Strategy, is_in
from .rebuild import rebuilt, without
from .retype import retype
from .values import in_scope


class EarlierOperands(Strategy):
    """Uses the first value of the same type, instead of one computed later."""

    name = "earlier operands"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each operand that is not a parameter, the last ones first."""
        return [
            _UseEarlier(number, operand)
            for number, op in enumerate(module.walk())
            for operand, value in enumerate(op.operands)
            if not (isinstance(value.owner, Block) and value.owner.parent_block() is None)
        ][::-1]


@dataclass(frozen=True)
class _UseEarlier:
    number: int
    operand: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops):
            return False
        old = op.operands[self.operand]
        value = next(in_scope(op, old.type), old)
        if value is old:
            return False
        op.operands[self.operand] = value
        return True


class DropOperands(Strategy):
    """Removes operands of ops that take any number of them; types of what depends on them follow."""

    name = "drop operands"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each operand that may go, the last ones first."""
        return [
            _DropOperand(number, operand)
            for number, op in enumerate(module.walk())
            if _is_variadic(op)
            for operand in range(len(op.operands))
        ][::-1]


def _is_variadic(op: Operation) -> bool:
    """Whether an op takes any number of operands. Others count them in attributes, and do not verify that."""
    if isinstance(op, debug.PrintOp | debug.AssertOp | debug.BreakOp):
        return True
    return isinstance(op, HLOp) and any(isinstance(each, VarOperandDef) for _, each in _operand_definitions(op))


def _operand_definitions(op: HLOp) -> list[tuple[str, OperandDef]]:
    return op.get_irdl_definition().operands


@dataclass(frozen=True)
class _DropOperand:
    number: int
    operand: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops) or self.operand >= len(op.operands):
            return False
        texts = {}
        if isinstance(op, debug.PrintOp):
            texts["format"] = _without_value(op.format, self.operand)
        elif isinstance(op, debug.AssertOp):
            if not self.operand:
                return False
            texts["message"] = _without_value(op.message, self.operand - 1)
        rebuilt(op, without(len(op.operands), self.operand), range(len(op.results)), **texts)
        return retype(ops[0])


def _without_value(text: StringAttr, number: int) -> StringAttr:
    """A text that names values by their indices, `{0}`, when there is one less; a space before it goes with it."""

    def renumbered(match: re.Match[str]) -> str:
        named = int(match[2])
        return "" if named == number else f"{match[1]}{{{named - (named > number)}}}"

    return StringAttr(re.sub(r"( ?)(?<!\{)\{(\d+)\}", renumbered, text.data))
