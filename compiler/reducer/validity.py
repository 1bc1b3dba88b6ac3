"""Is a candidate a module that anybody may be shown? More than the verifiers of single ops ask."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation

from ..pipeline.verification import first_invalid


def is_valid(module: ModuleOp) -> bool:
    """Whether every op verifies, each value is defined before it is used, and loops hand over what they expect."""
    return all(_hands_over(op) for op in module.walk()) and first_invalid(module) is None


def _hands_over(op: Operation) -> bool:
    """Whether the ends of a loop's bodies have the types of what they are handed to; xDSL does not ask `scf.while`."""
    if isinstance(op, scf.WhileOp):
        before, after = op.before_region.block, op.after_region.block
        if not isinstance(before.last_op, scf.ConditionOp) or not isinstance(after.last_op, scf.YieldOp):
            return False
        return _types(op.operands) == _types(before.args) == _types(after.last_op.operands) and _types(
            before.last_op.operands
        )[1:] == _types(after.args) == _types(op.results)
    return True


def _types(values: Sequence[object]) -> list[Attribute]:
    return [value.type for value in values]  # pyright: ignore[reportAttributeAccessIssue]
