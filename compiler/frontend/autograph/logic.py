"""`and`, `or`, `not` on tensors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, scf
from xdsl.ir import Block, Operation, SSAValue

from ....dialects.hl import logical
from ....dialects.hl.rules.elementwise import ElementwiseOp
from ..control_flow.branch import Branch, Changes, Outcome, merge, reopened
from ..control_flow.loop import splice
from ..control_flow.ranges import staged
from ..control_flow.values import ControlFlowError, describe, leaf_type, predicate
from ..tracing.source import user_place
from ..tracing.tracer import Tracer
from ..values.dispatch import from_ssa
from ..values.tensor import traced_value


def not_(value: object) -> object:
    """`not value`."""
    tracer = staged(value)
    if tracer is None:
        return not value
    ssa = predicate(tracer, value, "'not'")
    inner = negated(ssa)
    if inner is not None and tracer.visible(inner):
        return from_ssa(inner)
    return from_ssa(tracer.emit(logical.LogicalNotOp, [ssa], {}).results[0])


def truth(value: object) -> object:
    """What a value counts for as a condition: a bool, or the tensor that it is."""
    return value if staged(value) is not None else bool(value)


def and_(*operands: Callable[[], object]) -> object:
    """`a and b and …`: each operand is evaluated only if those before it hold."""
    return _of_operands(operands, AND)


def or_(*operands: Callable[[], object]) -> object:
    """`a or b or …`: each operand is evaluated only if none of those before it holds."""
    return _of_operands(operands, OR)


@dataclass(frozen=True)
class Connective:
    """`and` or `or`.

    Attributes:
        op: the operation on boolean tensors.
        what: what to call it in errors.
        neutral: the operand that decides nothing.
    """

    op: type[logical.LogicalAndOp] | type[logical.LogicalOrOp]
    what: str
    neutral: bool


AND = Connective(logical.LogicalAndOp, "'and'", True)
OR = Connective(logical.LogicalOrOp, "'or'", False)


def _of_operands(operands: Sequence[Callable[[], object]], connective: Connective) -> object:
    """The first operand that decides, else the last one; staged from the first one that is a tensor."""
    value: object = None
    for count, operand in enumerate(operands, 1):
        value = operand()
        if count == len(operands):
            break
        tracer = staged(value)
        if tracer is not None:
            return _after(tracer, value, _Rest(operands[count:], connective), connective)
        if bool(value) is not connective.neutral:
            break
    return value


class _Rest(Iterator[object]):
    """The values of operands, each evaluated when it is asked for. All but the last only count for what they decide."""

    def __init__(self, operands: Sequence[Callable[[], object]], connective: Connective):
        self._operands = list(operands)[::-1]
        self._neutral = connective.neutral

    def __next__(self) -> object:
        if not self._operands:
            raise StopIteration
        value = self._operands.pop()()
        if not self._operands or staged(value) is not None or bool(value) is not self._neutral:
            return value
        return self._neutral

    def code(self) -> Sequence[Callable[..., object]]:
        """The code that computes the next value."""
        return self._operands[-1:]


def in_turn(values: Iterator[object], connective: Connective) -> object:
    """What `all` or `any` of the values is: each is evaluated only if none before it decides."""
    for value in values:
        tracer = staged(value)
        if tracer is not None:
            return _after(tracer, value, map(truth, values), connective)
        if bool(value) is not connective.neutral:
            return not connective.neutral
    return connective.neutral


_END = object()


def _after(tracer: Tracer, found: object, values: Iterator[object], connective: Connective) -> object:
    """What becomes of a tensor and values that are evaluated only if neither it nor one before them decides.

    Where evaluating one has no effects and is cheap it is always done; otherwise the rest stands in a branch.
    """
    predicate(tracer, found, connective.what)
    while True:
        changes = Changes(values.code() if isinstance(values, _Rest) else ())
        with tracer.region() as block:
            second = next(values, _END)
        if changes.undo(connective.what) or not _cheap(block):
            with reopened(tracer, block):
                rest = _rest(second, values, connective)
            return _branched(tracer, found, block, rest, connective)
        splice(tracer, block)
        if second is _END or second is connective.neutral:
            if second is _END:
                return found
        elif isinstance(second, bool):
            return second
        else:
            both = [_operand(tracer, value, connective) for value in (found, second)]
            found = from_ssa(tracer.emit(connective.op, both, {}).results[0])


def _rest(first: object, values: Iterator[object], connective: Connective) -> object:
    """What becomes of a value and those after it."""
    for value in itertools.chain(() if first is _END else (first,), values):
        tracer = staged(value)
        if tracer is not None:
            return _after(tracer, value, values, connective)
        if value is not connective.neutral:
            return value
    return connective.neutral


def _operand(tracer: Tracer, value: object, connective: Connective) -> SSAValue:
    type_ = leaf_type(value)
    if type_ is not None and (not type_.weak or isinstance(value, bool)):
        return predicate(tracer, value, connective.what)
    raise ControlFlowError(
        f"{connective.what} of a tensor and {describe(value)}: which of both it is is known only when the program runs",
        remedy="give it booleans, or write an if statement",
    )


def _branched(tracer: Tracer, found: object, block: Block, second: object, connective: Connective) -> object:
    """The branch in which the rest is evaluated, and the value of all."""
    place = user_place()
    condition = predicate(tracer, found, connective.what)
    with tracer.region() as short:
        pass
    outcomes = [Outcome(block, []), Outcome(short, [])]
    branches = [Branch("the right operand", list, lambda _: place), Branch("the left operand", list, lambda _: place)]
    names = []
    if not isinstance(second, bool):
        with reopened(tracer, block):
            _operand(tracer, second, connective)
        outcomes = [Outcome(block, [second]), Outcome(short, [not connective.neutral])]
        names = [connective.what]
    if not connective.neutral:
        outcomes.reverse()
        branches.reverse()
    merged = merge(tracer, condition, branches, outcomes, names)
    return merged[0] if merged else found if second is connective.neutral else second


def _cheap(block: Block) -> bool:
    """Whether the ops may run although Python would not have run them."""
    return all(isinstance(op, ElementwiseOp | arith.ConstantOp) for op in block.ops)


def negated(ssa: SSAValue) -> SSAValue | None:
    """What `ssa` is the negation of."""
    owner = ssa.owner
    return owner.operands[0] if isinstance(owner, logical.LogicalNotOp) else None


def conjuncts(condition: object) -> Sequence[SSAValue]:
    """The values that all hold when a symbolic condition holds."""
    ssa = traced_value(condition)
    return _conjuncts(ssa) if isinstance(ssa, SSAValue) else ()


def _conjuncts(ssa: SSAValue) -> list[SSAValue]:
    owner = ssa.owner
    if isinstance(owner, logical.LogicalAndOp):
        return [part for operand in owner.operands for part in _conjuncts(operand)]
    if isinstance(owner, scf.IfOp):
        return _conjuncts_of_if(owner, ssa)
    return [ssa]


def _conjuncts_of_if(owner: scf.IfOp, ssa: SSAValue) -> list[SSAValue]:
    """`and` whose right operand is evaluated lazily: the left operand is true."""
    last = owner.false_region.block.last_op
    value = last.operands[ssa.index].owner if last is not None else None  # pyright: ignore
    if not (isinstance(value, arith.ConstantOp) and not any(value.value.get_values())):  # pyright: ignore
        return [ssa]
    bit = owner.cond.owner
    return [ssa, *_conjuncts(bit.operands[0])] if isinstance(bit, Operation) and bit.operands else [ssa]
