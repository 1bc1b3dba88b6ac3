"""Loops and branches that carry tensors.

A carried tensor whose shape stays the same has one piece of memory outside the loop, which each iteration writes over
where that is safe, and else copies to. One whose shape may change is handed from iteration to iteration: each makes
fresh memory and frees the old. Branches write into one piece of memory, or give fresh memory away, likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from xdsl.dialects import memref, scf
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Block, Operation, OpResult, SSAValue

from ....dialects.emitter import Emitter
from .order import Use
from .placement import destination, is_free, never, passes_on, written_over
from .rewriter import Handler, Rewriter
from .shapes import is_static, keeps_shape
from .storage import Buffer, Storage, is_row_major, memref_of, without_casts


class Kind(Enum):
    """How a value is carried."""

    PLAIN = auto()
    """Not a tensor: as it was."""
    FIXED = auto()
    """In one piece of memory, which is not carried."""
    OWNED = auto()
    """In memory that is handed on."""


@dataclass(frozen=True, eq=False)
class Slot:
    """How one value of a loop or branch is carried; `target`: the memory of a fixed one."""

    kind: Kind
    target: Buffer | None = None


PLAIN = Slot(Kind.PLAIN)
OWNED = Slot(Kind.OWNED)


def _is_tensor(value: SSAValue) -> bool:
    return isinstance(value.type, TensorType)


def _targets(slots: Sequence[Slot]) -> list[Buffer | None]:
    return [slot.target for slot in slots]


def _begin(r: Rewriter, e: Emitter, use: Use, result: SSAValue | None) -> Buffer:
    """The memory of a fixed value that starts as an operand of a loop: the operand's own if nobody needs it later."""
    loop, init = use.op, use.op.operands[use.index]
    own = r.buffers.get(init)
    writable = own is not None and own.storage.writable and own.type == memref_of(init.type)
    if own is not None and writable and is_free(r, own.storage, loop, own, lambda other, _: other.index == use.index):
        r.forget_dead(own.storage, loop)
        return own
    found = destination(r, loop, result, never) if result is not None else None
    if found is None or not found.storage.writable or not is_row_major(found.memref):
        found = r.own(e, memref_of(init.type), r.dynamic_sizes(e, init))
    r.copy(e, init, found.memref)
    return found


def _carry(r: Rewriter, argument: SSAValue, slot: Slot) -> None:
    """Say where a block argument lives."""
    if slot.target is not None:
        r.place(argument, slot.target)


def _new_argument(r: Rewriter, block: Block, argument: SSAValue, slot: Slot) -> None:
    """Give a block the memref of a tensor that is handed to it."""
    if slot.kind is not Kind.OWNED:
        return
    new = block.insert_arg(memref_of(argument.type), argument.index)  # pyright: ignore
    new.name_hint = argument.name_hint
    r.owned[new] = None
    r.place(argument, Buffer(new, Storage(new, writable=True)))


def _hand_over(r: Rewriter, e: Emitter, block: Block, value: SSAValue, given: set[SSAValue]) -> SSAValue:
    """Memory of `value` that is given away at the end of `block`: its own if it belongs to the block, or a copy."""
    buffer = r.buffers.get(value)
    if buffer is not None:
        root = buffer.storage.root
        home = root.owner if isinstance(root.owner, Block) else root.owner.parent
        if root in r.owned and buffer.memref is root and home is block and root not in given:
            given.add(root)
            return root
    copy = r.own(e, memref_of(value.type), r.dynamic_sizes(e, value)).memref
    r.copy(e, value, copy)
    return copy


def _give(r: Rewriter, op: Operation, values: Sequence[SSAValue], slots: Sequence[Slot]) -> list[SSAValue]:
    """Bring the operands of a terminator to where they are carried; those that it still has."""
    e, block = Emitter.before(op), op.parent
    assert block is not None
    given: set[SSAValue] = set()
    operands, moves = [], []
    for value, slot in zip(values, slots, strict=True):
        if slot.kind is Kind.PLAIN:
            operands.append(value)
        elif slot.kind is Kind.OWNED:
            operands.append(_hand_over(r, e, block, value, given))
        elif slot.target is not None and not _lives_in(r, value, slot.target):
            moves.append((value, slot.target))
    _move_all(r, e, moves)
    return operands


def _lives_in(r: Rewriter, value: SSAValue, target: Buffer) -> bool:
    buffer = r.buffers.get(value)
    return buffer is not None and without_casts(buffer.memref) is without_casts(target.memref)


def _move_all(r: Rewriter, e: Emitter, moves: Sequence[tuple[SSAValue, Buffer]]) -> None:
    """Copy values to their places as if at once: first those whose place nobody reads any more, cycles by a detour."""
    pending = list(moves)
    aside: dict[SSAValue, SSAValue] = {}

    def root(value: SSAValue) -> SSAValue | None:
        buffer = r.buffers.get(value)
        return buffer.storage.root if buffer is not None and value not in aside else None

    while pending:
        number = next((i for i, move in enumerate(pending) if not _read_by_others(pending, i, root)), None)
        if number is None:
            value = next(value for value, _ in pending if value not in aside)
            aside[value] = r.own(e, memref_of(value.type), r.dynamic_sizes(e, value)).memref
            r.copy(e, value, aside[value])
            continue
        value, target = pending.pop(number)
        if value in aside:
            e.add(memref.CopyOp(aside[value], target.memref))
        else:
            r.copy(e, value, target.memref)


def _read_by_others(
    moves: Sequence[tuple[SSAValue, Buffer]], number: int, root: Callable[[SSAValue], SSAValue | None]
) -> bool:
    """Whether another move still reads what this one writes over."""
    target = moves[number][1].storage.root
    return any(root(value) is target for i, (value, _) in enumerate(moves) if i != number)


def _erase_tensor_arguments(block: Block) -> None:
    for argument in list(block.args):
        if isinstance(argument.type, TensorType):
            block.erase_arg(argument)


def _results(r: Rewriter, old: Operation, new: Operation, slots: Sequence[Slot]) -> None:
    """Say where the results of a rewritten op are."""
    rest = iter(new.results)
    for result, slot in zip(old.results, slots, strict=True):
        if slot.kind is Kind.PLAIN:
            value = next(rest)
            value.name_hint = result.name_hint
            result.replace_all_uses_with(value)
        elif slot.kind is Kind.OWNED:
            value = next(rest)
            r.owned[value] = None
            r.place(result, Buffer(value, Storage(value, writable=True)))
        elif slot.target is not None:
            r.place(result, slot.target)
    r.drop(old)


def _result_types(old: Operation, slots: Sequence[Slot]) -> list[Attribute]:
    """The types of what is still a result."""
    types = []
    for result, slot in zip(old.results, slots, strict=True):
        if slot.kind is not Kind.FIXED:
            types.append(memref_of(result.type) if slot.kind is Kind.OWNED else result.type)
    return types


def _inits(r: Rewriter, op: Operation, first: int, slots: Sequence[Slot]) -> list[SSAValue]:
    """What a loop still starts from."""
    e = Emitter.before(op)
    inits = []
    for index, slot in enumerate(slots, first):
        if slot.kind is Kind.PLAIN:
            inits.append(op.operands[index])
        elif slot.kind is Kind.OWNED:
            inits.append(_hand_in(r, e, Use(op, index)))
    return inits


def _hand_in(r: Rewriter, e: Emitter, use: Use) -> SSAValue:
    """Memory of an operand that a loop will own: its own, if nobody needs it later, or a copy."""
    value = use.op.operands[use.index]
    buffer, block = r.buffers.get(value), use.op.parent
    if buffer is not None and buffer.memref is buffer.storage.root and buffer.memref in r.owned:
        home = buffer.memref.owner if isinstance(buffer.memref.owner, Block) else buffer.memref.owner.parent
        free = is_free(r, buffer.storage, use.op, buffer, lambda other, _: other.index == use.index)
        if home is block and free:
            return buffer.memref
    copy = r.own(e, memref_of(value.type), r.dynamic_sizes(e, value)).memref
    r.copy(e, value, copy)
    return copy


def _rewrite_for(r: Rewriter, op: scf.ForOp) -> None:
    block = op.body.block
    if not any(_is_tensor(init) for init in op.iter_args):
        r.run_block(block)
        return
    last = block.last_op
    assert last is not None
    slots = [_for_slot(r, op, number, last.operands[number]) for number in range(len(op.iter_args))]
    inits = _inits(r, op, 3, slots)
    for argument, slot in zip(block.args[1:], slots, strict=True):
        _carry(r, argument, slot)
        _new_argument(r, block, argument, slot)
    r.targets[last] = _targets(slots)

    def finish(terminator: Operation) -> None:
        values = _give(r, terminator, list(terminator.operands), slots)
        Emitter.before(terminator).add(scf.YieldOp(*values))
        r.drop(terminator)

    r.run_block(block, finish)
    _erase_tensor_arguments(block)
    bounds = (op.lb, op.ub, op.step)
    new = scf.ForOp(*bounds, inits, op.detach_region(op.body))
    new.attributes.update(op.attributes)
    Emitter.before(op).add(new)
    _results(r, op, new, slots)


def _for_slot(r: Rewriter, op: scf.ForOp, number: int, carried: SSAValue) -> Slot:
    init = op.iter_args[number]
    if not _is_tensor(init):
        return PLAIN
    if keeps_shape(r, init, op.body.block.args[1 + number], carried):
        return Slot(Kind.FIXED, _begin(r, Emitter.before(op), Use(op, 3 + number), op.results[number]))
    return OWNED


Choice = scf.IfOp | scf.IndexSwitchOp | scf.ExecuteRegionOp
"""Ops of which one region runs, once, and gives the results."""


def _rewrite_choice(r: Rewriter, op: Choice) -> None:
    blocks = [block for region in op.regions for block in region.blocks]
    if not any(_is_tensor(result) for result in op.results):
        for block in blocks:
            r.run_block(block)
        return
    taken: set[SSAValue] = set()
    slots = [_slot_of_choice(r, op, blocks, number, taken) for number in range(len(op.results))]

    def finish(terminator: Operation) -> None:
        values = _give(r, terminator, list(terminator.operands), slots)
        Emitter.before(terminator).add(scf.YieldOp(*values))
        r.drop(terminator)

    for block in blocks:
        assert block.last_op is not None
        r.targets[block.last_op] = _targets(slots)
        r.run_block(block, finish)
    new = _with_results(op, _result_types(op, slots))
    new.attributes.update(op.attributes)
    Emitter.before(op).add(new)
    _results(r, op, new, slots)


def _with_results(op: Choice, types: Sequence[Attribute]) -> Operation:
    """An op with the regions of `op` and results of other types."""
    first, *others = (op.detach_region(region) for region in list(op.regions))
    match op:
        case scf.IfOp():
            return scf.IfOp(op.cond, types, first, others[0])
        case scf.IndexSwitchOp():
            return scf.IndexSwitchOp(op.arg, op.cases, first, others, types)
        case scf.ExecuteRegionOp():
            return scf.ExecuteRegionOp(types, first)


def _slot_of_choice(r: Rewriter, op: Choice, blocks: Sequence[Block], number: int, taken: set[SSAValue]) -> Slot:
    """Memory in which a branch's value already is, if it may be written over; where the result is wanted; or fresh."""
    result = op.results[number]
    if not _is_tensor(result):
        return PLAIN
    sources = [_outer_source(r, block, number) for block in blocks]
    for source in sources:
        own = r.buffers.get(source) if source is not None else None
        if own is None or not own.storage.writable or own.type != memref_of(result.type):
            continue
        alike = is_static(result) or all(source is other for other in sources)
        if alike and own.storage.root not in taken and _dead_after(r, own.storage, op):
            taken.add(own.storage.root)
            return Slot(Kind.FIXED, own)
    if not is_static(result):
        return OWNED
    found = destination(r, op, result, never)
    if found is None or found.storage.root in taken:
        found = r.own(Emitter.before(op), memref_of(result.type), [])
    taken.add(found.storage.root)
    return Slot(Kind.FIXED, found)


def _outer_source(r: Rewriter, block: Block, number: int) -> SSAValue | None:
    """The tensor from outside over which a branch writes what it gives; `None` if it starts afresh."""
    assert block.last_op is not None
    value = block.last_op.operands[number]
    while isinstance(value, OpResult) and r.order.scope(value) is block:
        over = written_over(value)
        if over is None and isinstance(value.op, scf.ForOp):
            over = value.op.iter_args[value.index]
        if over is None:
            return None
        value = over
    return value


def _dead_after(r: Rewriter, storage: Storage, op: Operation) -> bool:
    """Whether no value in `storage` is read after `op`, leaving aside what is inside of `op`."""
    order = r.order
    for value in storage.values:
        scope = order.scope(value)
        for use in order.uses_of(value):
            if passes_on(r, use, scope):
                continue
            inside = use.op is op or order.is_inside(use.op, op)
            if inside and order.may_follow(op, op, scope):
                return False
            if not inside and order.may_follow(use.op, op, scope):
                return False
    return True


def _rewrite_while(r: Rewriter, op: scf.WhileOp) -> None:
    before, after = op.before_region.block, op.after_region.block
    tensors = [*op.arguments, *op.results]
    if not any(_is_tensor(value) for value in tensors):
        r.run_block(before)
        r.run_block(after)
        return
    slots = [_while_slot(r, op, number) for number in range(len(op.arguments))]
    inits = _inits(r, op, 0, slots)
    for argument, slot in zip(list(before.args), slots, strict=True):
        _carry(r, argument, slot)
        _new_argument(r, before, argument, slot)
    forwarded: list[Slot] = []

    def finish_before(terminator: Operation) -> None:
        assert isinstance(terminator, scf.ConditionOp)
        forwarded.extend(_forwarded(r, op, terminator, slots))
        values = _give(r, terminator, list(terminator.args), forwarded)
        Emitter.before(terminator).add(scf.ConditionOp(terminator.condition, *values))
        r.drop(terminator)

    r.run_block(before, finish_before)
    _erase_tensor_arguments(before)
    _rewrite_after(r, after, slots, forwarded)
    types = _result_types(op, forwarded)
    regions = [op.detach_region(region) for region in list(op.regions)]
    new = scf.WhileOp(inits, types, *regions)
    new.attributes.update(op.attributes)
    Emitter.before(op).add(new)
    _results(r, op, new, forwarded)


def _while_slot(r: Rewriter, op: scf.WhileOp, number: int) -> Slot:
    init = op.arguments[number]
    last = op.after_region.block.last_op
    assert last is not None
    if not _is_tensor(init):
        return PLAIN
    if is_static(init) or _comes_round(r, op, number):
        return Slot(Kind.FIXED, _begin(r, Emitter.before(op), Use(op, number), None))
    return OWNED


def _comes_round(r: Rewriter, op: scf.WhileOp, number: int) -> bool:
    """Whether a value of dynamic shape keeps its shape, being forwarded to the body at its own place."""
    condition, last = op.before_region.block.last_op, op.after_region.block.last_op
    assert isinstance(condition, scf.ConditionOp) and last is not None
    if number >= len(condition.args) or condition.args[number] is not op.before_region.block.args[number]:
        return False
    return keeps_shape(r, op.arguments[number], op.after_region.block.args[number], last.operands[number])


def _forwarded(r: Rewriter, op: scf.WhileOp, last: scf.ConditionOp, slots: Sequence[Slot]) -> list[Slot]:
    """How the values that a condition forwards are carried: in the memory they are in, where that is fixed."""
    taken: set[SSAValue] = set()
    fixed = {slot.target.memref for slot in slots if slot.target is not None}
    forwarded = []
    for value in last.args:
        if not _is_tensor(value):
            forwarded.append(PLAIN)
            continue
        buffer = r.buffers.get(value)
        if buffer is not None and buffer.memref in fixed and buffer.memref not in taken:
            taken.add(buffer.memref)
            forwarded.append(Slot(Kind.FIXED, buffer))
        elif is_static(value):
            forwarded.append(Slot(Kind.FIXED, r.own(Emitter.before(op), memref_of(value.type), [])))
        else:
            forwarded.append(OWNED)
    return forwarded


def _rewrite_after(r: Rewriter, block: Block, slots: Sequence[Slot], forwarded: Sequence[Slot]) -> None:
    """The body of a `while`: from what the condition forwards to what the condition sees next."""
    for argument, slot in zip(list(block.args), forwarded, strict=True):
        _carry(r, argument, slot)
        _new_argument(r, block, argument, slot)
    last = block.last_op
    assert last is not None
    r.targets[last] = _targets(slots)

    def finish(terminator: Operation) -> None:
        values = _give(r, terminator, list(terminator.operands), slots)
        Emitter.before(terminator).add(scf.YieldOp(*values))
        r.drop(terminator)

    r.run_block(block, finish)
    _erase_tensor_arguments(block)


HANDLERS: dict[type, Handler] = {
    scf.ForOp: _rewrite_for,
    scf.IfOp: _rewrite_choice,
    scf.IndexSwitchOp: _rewrite_choice,
    scf.ExecuteRegionOp: _rewrite_choice,
    scf.WhileOp: _rewrite_while,
}
"""How each op is rewritten."""
