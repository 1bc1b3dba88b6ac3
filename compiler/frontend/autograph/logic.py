"""`and`, `or`, `not` on tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from xdsl.dialects import arith
from xdsl.ir import Block, Operation, SSAValue

from ....dialects.hl import logical
from ....dialects.hl.elementwise_base import ElementwiseOp
from ..control_flow import staged
from ..control_flow_branch import Outcome, Side, merge, reopened
from ..control_flow_loop import splice
from ..control_flow_values import predicate
from ..source import user_place
from ..tracer import Tracer
from ..values import model


def not_(value: Any) -> Any:
    """`not value`."""
    tracer = staged(value)
    if tracer is None:
        return not value
    ssa = predicate(tracer, value, "'not'")
    inner = negated(ssa)
    if inner is not None and tracer.visible(inner):
        return model().from_ssa(inner)
    return model().from_ssa(tracer.emit(logical.LogicalNotOp, [ssa], {}).results[0])


def and_(*operands: Callable[[], Any]) -> Any:
    """`a and b and …`: each operand is evaluated only if those before it hold."""
    return _in_turn(operands, logical.LogicalAndOp, "'and'")


def or_(*operands: Callable[[], Any]) -> Any:
    """`a or b or …`: each operand is evaluated only if none of those before it holds."""
    return _in_turn(operands, logical.LogicalOrOp, "'or'")


def _in_turn(operands: Sequence[Callable[[], Any]], op: Any, what: str) -> Any:
    value: Any = None
    for number, operand in enumerate(operands, 1):
        value = operand()
        if number == len(operands):
            break
        tracer = staged(value)
        if tracer is not None:
            rest = partial(_in_turn, operands[number:], op, what)
            return _lazy(tracer, value, rest, op, what)
        if bool(value) is not (op is logical.LogicalAndOp):
            break
    return value


def _lazy(tracer: Tracer, first: Any, right: Callable[[], Any], op: Any, what: str) -> Any:
    condition = predicate(tracer, first, what)
    with tracer.region() as block:
        second = right()
    is_and = op is logical.LogicalAndOp
    if isinstance(second, bool):
        splice(tracer, block)
        return first if second is is_and else second
    if _cheap(block):
        splice(tracer, block)
        return model().from_ssa(tracer.emit(op, [condition, predicate(tracer, second, what)], {}).results[0])
    with reopened(tracer, block):
        predicate(tracer, second, what)
    with tracer.region() as short:
        pass
    place = user_place()
    outcomes = [Outcome(block, [second]), Outcome(short, [not is_and])]
    sides = [Side("the right side", list, lambda _: place), Side("the left side", list, lambda _: place)]
    if not is_and:
        outcomes.reverse()
        sides.reverse()
    return merge(tracer, condition, sides, outcomes, [what])[0]


def _cheap(block: Block) -> bool:
    """Whether the ops may run although Python would not have run them."""
    return all(isinstance(op, ElementwiseOp | arith.ConstantOp) for op in block.ops)


def negated(ssa: SSAValue) -> SSAValue | None:
    """What `ssa` is the negation of."""
    owner = ssa.owner
    return owner.operands[0] if isinstance(owner, logical.LogicalNotOp) else None


def conjuncts(condition: Any) -> Sequence[SSAValue]:
    """The values that all hold when a symbolic condition holds."""
    ssa = getattr(condition, "_ssa", None)
    return _conjuncts(ssa) if isinstance(ssa, SSAValue) else ()


def _conjuncts(ssa: SSAValue) -> list[SSAValue]:
    owner = ssa.owner
    if isinstance(owner, logical.LogicalAndOp):
        return [part for operand in owner.operands for part in _conjuncts(operand)]
    if isinstance(owner, Operation) and owner.name == "scf.if":
        return _conjuncts_of_if(owner, ssa)
    return [ssa]


def _conjuncts_of_if(owner: Any, ssa: SSAValue) -> list[SSAValue]:
    """`and` whose right side is evaluated lazily: the left side holds."""
    last = owner.false_region.block.last_op
    value = last.operands[ssa.index].owner if last is not None else None  # pyright: ignore
    if not (isinstance(value, arith.ConstantOp) and not any(value.value.get_values())):  # pyright: ignore
        return [ssa]
    bit = owner.cond.owner
    return [ssa, *_conjuncts(bit.operands[0])] if isinstance(bit, Operation) and bit.operands else [ssa]
