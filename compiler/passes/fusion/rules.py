"""What may be fused, and what is worth it."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects import arith, bufferization, math, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseIntOrFPElementsAttr, TensorType
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp
from xdsl.ir import Block, Operation, OpResult, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap

from .group import Group, is_constant_or_dim, maps_of

MAX_BODY = 160
"""How many ops a body may hold before nothing more is fused into it."""

MAX_COPIED = 6
"""How many ops are computed again rather than kept in memory."""

MAX_COPIED_IN_ALL = 24
"""How many ops are computed again in one group: in a long chain whose links are all used twice, each is cheap."""

MAX_INPUTS = 32
"""How many operands a group may read: each is one more stream of memory, and what is looked at grows with them."""

MAX_USERS = 4
"""For how many users a cheap computation is repeated."""

MAX_SIBLINGS = 8
"""How many users of an input are looked at for one that can be computed together."""

MAX_RESULTS = 6
"""How many results one op may have: each is one more stream of memory written."""

DEAR = (
    arith.DivfOp,
    arith.DivSIOp,
    arith.DivUIOp,
    arith.RemSIOp,
    arith.RemUIOp,
    arith.FloorDivSIOp,
    arith.CeilDivSIOp,
)
"""Ops besides those of `math` that are not computed twice."""

CHEAP_MATH = (math.AbsFOp, math.FmaOp, math.CopySignOp, math.AbsIOp)


def is_parallel(op: GenericOp) -> bool:
    """Whether every element is computed by itself."""
    return all(attr.data == IteratorType.PARALLEL for attr in op.iterator_types)


def is_cheap(op: GenericOp) -> bool:
    """Whether computing a body again costs less than reading its result from memory."""
    count = 0
    for inner in op.body.walk():
        if isinstance(inner, DEAR) or inner.regions or isinstance(inner, tensor.ExtractOp):
            return False
        if inner.name.startswith("math.") and not isinstance(inner, CHEAP_MATH):
            return False
        count += 1
    return count - 1 <= MAX_COPIED


def is_contraction(op: GenericOp) -> bool:
    """Whether an op sums products of inputs that are each read several times: a kernel will compute it."""
    if is_parallel(op) or len(op.inputs) < 2:
        return False
    loops = op.get_num_loops()
    return any(len(map_.used_dims()) < loops for map_ in maps_of(op)[: len(op.inputs)])


def through_casts(value: SSAValue) -> SSAValue:
    """What a tensor was before its type was made more or less precise."""
    while isinstance(value.owner, tensor.CastOp) and isinstance(value.owner.source.type, TensorType):
        value = value.owner.source
    return value


def is_fill(value: SSAValue) -> bool:
    """Whether all elements of a tensor are known to be equal."""
    op = through_casts(value).owner
    if isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr):
        data, count = op.value.data.data, prod(op.value.get_shape())
        size = len(data) // count if count else 0
        return bool(size) and data == data[:size] * count
    return isinstance(op, FillOp | tensor.SplatOp)


def producer_loops(producer: GenericOp, result: int, read: AffineMap) -> list[AffineExpr] | str:
    """The producer's loop counters at the element that is read through `read`, or why they cannot be told."""
    if not is_parallel(producer):
        return "the producer is a reduction"
    inputs = len(producer.inputs)
    if any(arg.first_use is not None for arg in producer.body.block.args[inputs:]):
        return "the producer reads what it writes over"
    own = maps_of(producer)[inputs + result]
    exprs: list[AffineExpr | None] = [None] * producer.get_num_loops()
    for expr, at in zip(own.results, read.results, strict=True):
        if not isinstance(expr, AffineDimExpr) or exprs[expr.position] is not None:
            return "the producer does not write one element per step"
        exprs[expr.position] = at
    if any(expr is None for expr in exprs):
        return "the producer does not write one element per step"
    known = [expr for expr in exprs if expr is not None]
    if not is_constant_or_dim(known) and any(isinstance(inner, IndexOp) for inner in producer.body.walk()):
        return "the producer uses its loop counters, which are not single loops of the consumer"
    return known


def stretches(group: Group, read: AffineMap) -> bool:
    """Whether an element is read by more than one step of the group, or may be, as where windows overlap."""
    return len(read.used_dims()) < group.num_dims or any(len(expr.used_dims()) > 1 for expr in read.results)


def new_inputs(group: Group, producer: GenericOp, exprs: Sequence[AffineExpr]) -> list[tuple[SSAValue, AffineMap]]:
    """What the group would read instead of the producer's result."""
    whole = AffineMap(group.num_dims, 0, tuple(exprs))
    pairs = zip(producer.inputs, maps_of(producer), strict=False)
    return [(value, map_.compose(whole)) for value, map_ in pairs]


def bounds_loops(group: Group, producer: GenericOp, exprs: Sequence[AffineExpr]) -> bool:
    """Whether an operand of the producer would say that a loop of the group runs further than it does.

    What is read along an axis by one loop says how far that loop runs. A window over an axis, `d0 * 2 + d1`, says
    nothing, until it is read at one place only: at `d0` = 0 it is read by `d1`, which does not reach its end.
    """
    extents, pairs = group.extents(), zip(producer.inputs, maps_of(producer), strict=False)
    for (value, map_), (_, read) in zip(pairs, new_inputs(group, producer, exprs), strict=True):
        sizes = value.type.get_shape() if isinstance(value.type, TensorType) else ()
        for old, new, size in zip(map_.results, read.results, sizes):
            if not isinstance(new, AffineDimExpr) or isinstance(old, AffineDimExpr):
                continue
            if size == DYNAMIC_INDEX or extents.get(new.position) != size:
                return True
    return False


def is_permutation(exprs: Sequence[AffineExpr], num_dims: int) -> bool:
    """Whether index expressions are all the loops, each once."""
    dims = {expr.position for expr in exprs if isinstance(expr, AffineDimExpr)}
    return len(exprs) == len(dims) == num_dims


class Place:
    """Where the ops of a block stand, and which variables are assigned between them."""

    def __init__(self, block: Block):
        self.block = block
        self.position = {op: number for number, op in enumerate(block.ops)}
        self.assigned: dict[SSAValue, list[int]] = {}
        for op in block.ops:
            for inner in op.walk() if op.regions else (op,):
                if isinstance(inner, bufferization.MaterializeInDestinationOp):
                    self.assigned.setdefault(inner.dest, []).append(self.position[op])

    def of(self, op: Operation) -> int | None:
        """The position of the op of the block that `op` is, or is nested in."""
        current: Operation | None = op
        while current is not None and current.parent is not self.block:
            current = current.parent_op()
        return None if current is None else self.position.get(current)

    def later_read(self, producer: GenericOp, at: int) -> bool:
        """Whether computing `producer` at `at` would read a variable after it is assigned."""
        start = self.position[producer]
        for value in producer.inputs:
            owner = through_casts(value).owner
            assigned = self.assigned.get(owner.memref, ()) if isinstance(owner, bufferization.ToTensorOp) else ()
            if any(start < position <= at for position in assigned):
                return True
        return False

    def all_after(self, result: OpResult, group: Group, position: int) -> bool:
        """Whether whoever uses a result besides `group` stands after `position`."""
        for use in result.uses:
            user = use.operation
            if user in group.members or (isinstance(user, tensor.CastOp) and not other_users(user.results[0], group)):
                continue
            at = self.of(user)
            if at is None or at <= position:
                return False
        return True


def other_users(result: OpResult, group: Group) -> list[Operation]:
    """Who uses a result, or a cast of it, besides the ops of the group."""
    users = []
    for use in result.uses:
        user = use.operation
        if isinstance(user, tensor.CastOp):
            users += other_users(user.results[0], group)
        elif user not in group.members:
            users.append(user)
    return users


__all__ = [
    "MAX_BODY",
    "MAX_COPIED_IN_ALL",
    "MAX_INPUTS",
    "MAX_RESULTS",
    "MAX_USERS",
    "Place",
    "bounds_loops",
    "is_cheap",
    "is_contraction",
    "is_fill",
    "is_parallel",
    "is_permutation",
    "new_inputs",
    "other_users",
    "producer_loops",
    "stretches",
    "through_casts",
]
