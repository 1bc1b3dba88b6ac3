"""Dropping ops: their uses are given another value of the same type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import ModuleOp, SymbolRefAttr
from xdsl.ir import Operation, SSAValue
from xdsl.traits import IsTerminator, SymbolOpInterface

from .edits import Edit, Ops, Strategy, is_in
from .rebuild import erase
from .values import in_scope, new_argument, operand_like, zero

Choice = Callable[[Operation, int], SSAValue | None]
"""Finds what replaces a result of an op, given by its index."""


def by_operand(op: Operation, number: int) -> SSAValue | None:
    """An operand of the op."""
    return operand_like(op, number)


def by_scope(op: Operation, number: int) -> SSAValue | None:
    """A parameter, or else what is computed before the op."""
    return next(in_scope(op, op.results[number].type), None)


def by_constant(op: Operation, number: int) -> SSAValue | None:
    """A zero."""
    return zero(op, op.results[number].type)


def by_argument(op: Operation, number: int) -> SSAValue | None:
    """A parameter that the function did not have."""
    return new_argument(op, op.results[number].type, op.results[number].name_hint)


@dataclass(frozen=True)
class DropOps(Strategy):
    """Removes ops, the last ones first.

    Attributes:
        choices: what replaces a result that is used: the first of these that there is.
    """

    choices: tuple[Choice, ...]
    name = "drop ops"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each op that is no terminator and no function."""
        ops = list(module.walk())
        found = [number for number, op in enumerate(ops) if number and _may_go(op)]
        return [_Drop(number, self.choices) for number in reversed(found)]


def _may_go(op: Operation) -> bool:
    if op.has_trait(IsTerminator) or isinstance(op, func.FuncOp | llvm.FuncOp):
        return False
    return not op.has_trait(SymbolOpInterface) or not is_named(op)


def is_named(op: Operation) -> bool:
    """Whether anything in the module refers to a symbol by its name."""
    module, symbol = op.get_toplevel_object(), op.get_attr_or_prop("sym_name")
    assert isinstance(module, Operation)
    return any(
        isinstance(attr, SymbolRefAttr) and attr.root_reference == symbol
        for other in module.walk()
        for attr in (*other.properties.values(), *other.attributes.values())
    )


@dataclass(frozen=True)
class _Drop:
    number: int
    choices: tuple[Choice, ...]

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops):
            return False
        replacements = [self._replacement(op, number) for number in range(len(op.results))]
        if any(new is None and old.first_use is not None for old, new in zip(op.results, replacements)):
            return False
        for old, new in zip(op.results, replacements, strict=True):
            if new is not None:
                old.replace_all_uses_with(new)
        erase(op)
        return True

    def _replacement(self, op: Operation, number: int) -> SSAValue | None:
        if op.results[number].first_use is None:
            return None
        for choice in self.choices:
            value = choice(op, number)
            if value is not None and value.owner is not op:
                return value
        return None
