"""Into which buffer a result is written: that of a dead operand, its destination, or a new one.

In place: a result may overwrite an operand if no value in that buffer is read afterwards, on any path and in any later
iteration (`in_place`). Destination passing: a result without such an operand is computed directly in the buffer that it
is stored to next (a variable, a slice of a larger tensor, the carried value of a loop), if the contents of that buffer
are not read from here on (`destination`). MLIR's One-Shot Bufferize decides likewise, with its elimination
of empty tensors; here it is decided op by op, in program order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xdsl.dialects import bufferization, scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Block, BlockArgument, Operation, OpResult, SSAValue
from xdsl.traits import is_side_effect_free

from ....dialects.debug import AssertOp
from ....dialects.emitter import Emitter
from ....dialects.host import CallOp
from .function_memory import FunctionMemory
from .order import Use
from .storage import Buffer, Storage, memref_of

VIEWS = (tensor.ExtractSliceOp, tensor.CollapseShapeOp, tensor.ExpandShapeOp, tensor.CastOp, tensor.ReshapeOp)
"""Ops whose result is in the memory of their first operand."""

MAX_CHAIN = 32
"""The longest chain of ops, each overwriting the result of the one before, that is followed to its destination: a bound
of compile time, since each link examines all uses of a value."""

Harmless = Callable[[Use, Buffer], bool]
"""Whether an op may read an operand from the memory that it writes."""


def never(use: Use, target: Buffer) -> bool:
    """For ops that must not read the memory that they write."""
    return False


def written(use: Use) -> SSAValue | None:
    """The result that an op would write to the memory of this operand."""
    op, index = use
    if isinstance(op, LinalgStructuredOperation):
        result = index - len(op.inputs)
        return op.results[result] if 0 <= result < len(op.results) else None
    if isinstance(op, CallOp):
        result = index - len(op.ins)
        return op.results[result] if 0 <= result < len(op.results) else None
    if isinstance(op, tensor.InsertOp | tensor.InsertSliceOp):
        return op.result if index == 1 else None
    return None


def written_over(result: OpResult) -> SSAValue | None:
    """The operand that an op on tensors overwrites by `result`."""
    op = result.op
    if isinstance(op, LinalgStructuredOperation):
        return op.outputs[result.index] if op.results else None
    if isinstance(op, CallOp):
        return op.outs[result.index]
    if isinstance(op, tensor.InsertOp | tensor.InsertSliceOp):
        return op.dest
    return None


def is_free(
    r: FunctionMemory, storage: Storage, op: Operation, target: Buffer, harmless: Harmless, ignored: Use | None = None
) -> bool:
    """Whether `op` may overwrite `storage`: no value in it is read from now on.

    An insertion whose slice was computed in place already, and that passes on the rest of a tensor, does not read.
    """
    order = r.order
    for value in storage.values:
        scope = order.scope(value)
        for use in order.uses_of(value):
            own = use.op is op
            # A use that does not read: by an insertion done already, or by `op` where reading and writing one buffer is
            # harmless. Unless it runs again: then it would read, in a later iteration, what `op` wrote in this one.
            if passes_on(r, use, scope):
                continue
            unread = use == ignored or (own and harmless(use, target))
            if unread and not order.may_follow(use.op, use.op, scope):
                continue
            # Any other use reads: it must not be by `op` itself, nor run after it.
            if own or order.may_follow(use.op, op, scope):
                return False
    return True


def passes_on(r: FunctionMemory, use: Use, scope: Block) -> bool:
    """Whether a use of a value defined in `scope` is by an insertion whose slice is in place already, and runs once."""
    return use.index == 1 and use.op in r.placed and not r.order.may_follow(use.op, use.op, scope)


def in_place(r: FunctionMemory, use: Use, harmless: Harmless) -> Buffer | None:
    """The memory of an operand, if the op may write its result over it."""
    buffer = r.buffers.get(use.op.operands[use.index])
    if buffer is None or not buffer.storage.writable:
        return None

    def allowed(other: Use, target: Buffer) -> bool:
        return other.index == use.index or harmless(other, target)

    return buffer if is_free(r, buffer.storage, use.op, buffer, allowed) else None


def continued(r: FunctionMemory, use: Use, result: SSAValue) -> Buffer | None:
    """The memory of an operand that was computed in the destination of the op's result, if the result may be too."""
    buffer = r.buffers.get(use.op.operands[use.index])
    if buffer is None:
        return None
    found = destination(r, use.op, result, lambda other, target: other.index == use.index)
    return found if found is not None and found.memref is buffer.memref else None


def destination(r: FunctionMemory, op: Operation, result: SSAValue, harmless: Harmless) -> Buffer | None:
    """The memory that a result of `op` is stored to later, if it may be computed there directly.

    The result may be stored by an op that uses it, or be overwritten by ops in the same block whose last result is.
    """
    chain = [result]
    while len(chain) < MAX_CHAIN:
        following = None
        for use in r.order.uses_of(chain[-1]):
            if r.order.block[use.op] is not r.order.block[op]:
                continue
            found = _destination_at(r, op, use, chain, harmless)
            if found is not None:
                return found
            following = following or written(use)
        if following is None:
            return None
        chain.append(following)
    return None


def _destination_at(
    r: FunctionMemory, op: Operation, use: Use, chain: list[SSAValue], harmless: Harmless
) -> Buffer | None:
    """The memory to which one use stores the last value of a chain, if `op` may write there."""
    user = use.op
    if isinstance(user, bufferization.MaterializeInDestinationOp) and use.index == 0:
        return _in_variable(r, op, user, chain, harmless)
    if isinstance(user, tensor.InsertSliceOp) and use.index == 0:
        return _in_part(r, op, user, chain)
    if isinstance(user, scf.YieldOp | scf.ConditionOp):
        targets = r.targets.get(user)
        target = targets[use.index - isinstance(user, scf.ConditionOp)] if targets else None
        if target is not None and _same_type(target, chain) and is_free(r, target.storage, op, target, harmless):
            return target
    return None


def _same_type(target: Buffer, chain: list[SSAValue]) -> bool:
    return target.type == memref_of(chain[0].type)


def _in_variable(
    r: FunctionMemory,
    op: Operation,
    assign: bufferization.MaterializeInDestinationOp,
    chain: list[SSAValue],
    ok: Harmless,
) -> Buffer | None:
    """The variable's own memory, unless its old value is read or the program may stop before the assignment.

    A program that stops leaves Variables as they were; so interrupts are masked from `op` to the assignment.
    """
    order = r.order
    # 1. The memory has the result's layout, and no op in between can stop the program.
    target = r.buffers.get(assign.dest)
    if target is None or not _same_type(target, chain) or order.may_stop_between(op, assign):
        return None
    if r.may_overlap:
        return None  # a read of another variable may be a read of this one's old value
    # 2. Tensors in the variable's memory (reads of it, without a copy) are not used after `op`.
    if not is_free(r, target.storage, op, target, ok):
        return None
    # 3. The variable itself is not read between `op` and the assignment.
    block = order.block[op]
    for use in order.uses_of(assign.dest):
        between = order.may_follow(use.op, op, block) and order.may_follow(assign, use.op, block)
        if use.op is not assign and between:
            return None
    # 4. The values of the chain, which would be in the variable's memory, are not read after it is written again.
    for write in r.writes_of(assign.dest):
        if _read_after(r, chain[:-1] if write is assign else chain, write):
            return None
    r.mask_until(assign, op)
    return target


def _in_part(r: FunctionMemory, op: Operation, insert: tensor.InsertSliceOp, chain: list[SSAValue]) -> Buffer | None:
    """The slice of a larger tensor into which the result is inserted."""
    whole = r.buffers.get(insert.dest)
    if whole is None or not whole.storage.writable or _read_after(r, chain, insert):
        return None
    # 1. The whole is free at `op`, but for the insertion itself, which passes on the rest of it.
    if not is_free(r, whole.storage, op, whole, never, ignored=Use(insert, 1)):
        return None
    # 2. The slice's offsets, sizes and strides are known before `op`, or can be computed there.
    indices = [*insert.offsets, *insert.sizes, *insert.strides]
    if not all(_available(r, value, op) for value in indices):
        return None
    # 3. So is what is checked between the two: `op` would write outside of the whole, were it only checked afterwards.
    checks = _checks_between(r, op, insert)
    if checks is None:
        return None
    for value in indices:
        _make_available(r, value, op)
    for check in checks:
        for value in check.operands:
            _make_available(r, value, op)
        _move_before(r, check, op)
    # 4. The slice as a view before `op`; the insertion then has nothing left to copy.
    part = r.part(Emitter.before(op), whole, insert, insert.source.type)
    r.placed[insert] = (whole, part.memref)
    return part


def _checks_between(r: FunctionMemory, op: Operation, insert: Operation) -> list[AssertOp] | None:
    """The checks after `op` and before `insert` of its block; None if one of them cannot be made before `op`."""
    if not r.order.may_stop_between(op, insert):
        return []
    checks: list[AssertOp] = []
    have_effects = False
    following = op.next_op
    while following is not None and following is not insert:
        if isinstance(following, AssertOp):
            if have_effects or not all(_is_known(r, value, op) for value in following.operands):
                return None
            checks.append(following)
        have_effects = have_effects or not (_is_pure(following) or isinstance(following, AssertOp))
        following = following.next_op
    return checks


def _is_known(r: FunctionMemory, value: SSAValue, op: Operation) -> bool:
    return not isinstance(value.type, TensorType) and _available(r, value, op)


def _is_pure(op: Operation) -> bool:
    """Whether an op does nothing but compute its results."""
    return is_side_effect_free(op) or isinstance(op, LinalgStructuredOperation)


def _read_after(r: FunctionMemory, chain: list[SSAValue], write: Operation) -> bool:
    """Whether a value of `chain` is read after `write`."""
    for value in chain:
        scope = r.order.scope(value)
        for use in uses_with_views(r, value):
            if use.op is not write and r.order.may_follow(use.op, write, scope):
                return True
    return False


def uses_with_views(r: FunctionMemory, value: SSAValue) -> Iterator[Use]:
    """The uses of a value and of the views of it."""
    for use in r.order.uses_of(value):
        yield use
        if isinstance(use.op, VIEWS) and use.index == 0:
            yield from uses_with_views(r, use.op.results[0])


def overwritten_while_read(r: FunctionMemory, view: SSAValue, storage: Storage) -> bool:
    """Whether a value in `storage` may be overwritten while `view` is still read; conservative."""
    if not storage.writable:
        return False
    assert isinstance(view.owner, Operation)
    scope = r.order.scope(view)
    reads = list(uses_with_views(r, view))
    for write, index in _writes_ahead(r, storage):
        if not r.order.may_follow(write, view.owner, scope):
            continue
        for read in reads:
            if read.op is write and read.index != index:
                return True
            if r.order.may_follow(read.op, write, scope):
                return True
    return False


def _writes_ahead(r: FunctionMemory, storage: Storage) -> Iterator[Use]:
    """The ops that may overwrite a value in `storage`, or the result of one that does."""
    pending = list(storage.values)
    while pending:
        for use in r.order.uses_of(pending.pop()):
            result = written(use)
            if result is not None:
                yield use
                pending.append(result)
            elif isinstance(use.op, scf.ForOp | scf.WhileOp):
                yield use


def _available(r: FunctionMemory, value: SSAValue, op: Operation) -> bool:
    """Whether `value` is known before `op`, or can be computed there."""
    if isinstance(value, BlockArgument):
        return True
    owner, order = value.owner, r.order
    assert isinstance(owner, Operation)
    if owner not in order.block:
        return False
    if order.block[owner] is not order.block[op] or order.position[owner] < order.position[op]:
        return True
    movable = is_side_effect_free(owner) and not owner.regions
    return movable and all(
        not isinstance(operand.type, TensorType) and _available(r, operand, op) for operand in owner.operands
    )


def _make_available(r: FunctionMemory, value: SSAValue, op: Operation) -> None:
    owner, order = value.owner, r.order
    if isinstance(owner, Block) or order.block[owner] is not order.block[op]:
        return
    if order.position[owner] > order.position[op]:
        for operand in owner.operands:
            _make_available(r, operand, op)
        _move_before(r, owner, op)


def _move_before(r: FunctionMemory, moved: Operation, op: Operation) -> None:
    moved.detach()
    Emitter.before(op).add(moved)
    r.order.position[moved] = r.order.position[op]


__all__ = [
    "VIEWS",
    "Harmless",
    "continued",
    "destination",
    "in_place",
    "is_free",
    "never",
    "overwritten_while_read",
    "passes_on",
    "uses_with_views",
    "written",
    "written_over",
]
