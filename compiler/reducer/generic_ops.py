"""Operands of `linalg.generic`: those that its body does not need go, with their maps."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.dialects.linalg import ops as linalg

from .edits import Edit, Ops, Strategy, is_in
from .rebuild import drop_block_argument, rebuilt, without


class DropGenericInputs(Strategy):
    """Removes inputs of generic ops; the body uses another element of the same type instead."""

    name = "drop inputs of generic ops"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each input, the last ones first."""
        return [
            _DropInput(number, operand)
            for number, op in enumerate(module.walk())
            if isinstance(op, linalg.GenericOp)
            for operand in range(len(op.inputs))
        ][::-1]


@dataclass(frozen=True)
class _DropInput:
    number: int
    operand: int

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops):
            return False
        assert isinstance(op, linalg.GenericOp)
        block = op.body.block
        argument = block.args[self.operand]
        others = [other for other in block.args if other.type == argument.type and other is not argument]
        if argument.first_use is not None and not others:
            return False
        drop_block_argument(block, self.operand, others[0] if others else argument)
        maps = [map_ for n, map_ in enumerate(op.indexing_maps) if n != self.operand]
        kept = without(len(op.operands), self.operand)
        rebuilt(op, kept, range(len(op.results)), indexing_maps=ArrayAttr(maps))
        return True
