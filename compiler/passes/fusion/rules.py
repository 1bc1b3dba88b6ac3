"""Which ops may be fused, and the cost model that decides which should be.

Recomputing saves a write and a read of the producer's result. A cache line that is in no cache takes 3 ns to read (22
GB/s for one core, on the machine of the benchmarks), the time of some ten vector instructions; so a producer of up to 6
cheap ops is recomputed in less time than its result is read. Measured with two consumers, a row sum and a column
maximum of 2048 x 2048 float32: from 2 to 24 adds, recomputing and keeping take the same time within 15 %. The other
limits bound the size of code and the work of the pass, and are not tuned; that the work grows in proportion to the
length of a program is checked by `tests/passes/test_fuse_elementwise_effort.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects import arith, bufferization, math, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseIntOrFPElementsAttr, IntegerType, TensorType, i32
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.dialects.linalg.ops import FillOp, GenericOp, IndexOp
from xdsl.ir import Block, Operation, OpResult, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap

from ....dialects.walk import ops_in
from .group import Group, is_constant_or_dim, maps_of

MAX_BODY = 160
"""The most ops of a body into which more is fused."""

MAX_RECOMPUTED_OPS = 6
"""The most ops of a producer that is recomputed for each user rather than kept in memory; see above."""

MAX_RECOMPUTED_IN_GROUP = 24
"""The most ops recomputed in one group: in a long chain whose links all have two users, each alone is cheap."""

MAX_INPUTS = 32
"""The most operands of a group: each is one more stream of memory, and compile time grows with them."""

MAX_USERS = 4
"""The most users for which a cheap producer is recomputed; see above."""

MAX_SIBLINGS = 8
"""The most users of an input that are examined for a sibling."""

MAX_RESULTS = 6
"""The most results of one op: each is one more stream of memory written."""

EXPENSIVE = (
    arith.DivfOp,
    arith.DivSIOp,
    arith.DivUIOp,
    arith.RemSIOp,
    arith.RemUIOp,
    arith.FloorDivSIOp,
    arith.CeilDivSIOp,
)
"""Ops besides those of `math` that are too expensive to recompute."""

CHEAP_MATH = (math.AbsFOp, math.FmaOp, math.CopySignOp, math.AbsIOp)


# Reasons of refusals, as `--why-not` prints them.
CONSUMER_IS_A_CONTRACTION = "the consumer is a contraction, which is lowered to a kernel"
BODY_TOO_LARGE = "the fused body would be too large"
TOO_MANY_OPERANDS = "the fused op would have too many operands"
RECOMPUTED_BY_BROADCAST = "it would be recomputed for each element that it is broadcast to"
LOOP_WITHOUT_EXTENT = "no operand would determine the extent of a loop"
WINDOW_WITHOUT_EXTENT = "an operand read by windows would be read along one loop, whose extent differs"
VARIABLE_IS_ASSIGNED = "a variable that it reads is assigned in between"
OTHER_USERS = "it has other users and is too expensive to recompute"
READ_IN_TWO_ORDERS = "it is read in two orders"
TOO_EXPENSIVE = "it is too expensive to recompute"
TOO_MUCH_RECOMPUTED = "too many ops would be recomputed"


def is_parallel(op: GenericOp) -> bool:
    """Whether every element is computed by itself."""
    return all(attr.data == IteratorType.PARALLEL for attr in op.iterator_types)


def is_cheap(op: GenericOp) -> bool:
    """Whether computing a body again costs less than reading its result from memory."""
    count = 0
    for inner in op.body.walk():
        if isinstance(inner, EXPENSIVE) or inner.regions or isinstance(inner, tensor.ExtractOp):
            return False
        if inner.name.startswith("math.") and not isinstance(inner, CHEAP_MATH):
            return False
        count += 1
    return count - 1 <= MAX_RECOMPUTED_OPS


def is_contraction(op: GenericOp) -> bool:
    """Whether an op sums products of inputs that are each read several times: it is lowered to a kernel."""
    if is_parallel(op) or len(op.inputs) < 2:
        return False
    loops = op.get_num_loops()
    return any(len(map_.used_dims()) < loops for map_ in maps_of(op)[: len(op.inputs)])


def extends_integers(op: GenericOp) -> bool:
    """Whether an op only extends integers of 8 or 16 bits to 32, which kernels of contractions do themselves."""
    first, *others = op.body.block.ops
    if not isinstance(first, arith.ExtSIOp | arith.ExtUIOp) or len(others) != 1:
        return False
    assert isinstance(first.input.type, IntegerType)
    return first.input.type.bitwidth in (8, 16) and first.result.type == i32


def through_casts(value: SSAValue) -> SSAValue:
    """The tensor before casts that make its type more or less precise."""
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
    """The producer's loop counters at the element read through `read`, or why they are not determined."""
    if not is_parallel(producer):
        return "the producer is a reduction"
    inputs = len(producer.inputs)
    if any(arg.first_use is not None for arg in producer.body.block.args[inputs:]):
        return "the producer reads the values that it overwrites"
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
    nothing, until it is read at one index only: at `d0` = 0 it is read by `d1`, which does not reach its end.
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


class BlockOrder:
    """The positions of the ops of a block, and of the assignments of variables between them."""

    def __init__(self, block: Block):
        self.block = block
        self.position = {op: index for index, op in enumerate(block.ops)}
        self.assigned: dict[SSAValue, list[int]] = {}
        for op in block.ops:
            for inner in ops_in(op) if op.regions else (op,):
                if isinstance(inner, bufferization.MaterializeInDestinationOp):
                    self.assigned.setdefault(inner.dest, []).append(self.position[op])

    def of(self, op: Operation) -> int | None:
        """The position of the op of the block that is `op`, or that contains it."""
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
        """Whether all users of a result outside of `group` are after `position`."""
        for use in result.uses:
            user = use.operation
            if user in group.members or (isinstance(user, tensor.CastOp) and not other_users(user.results[0], group)):
                continue
            at = self.of(user)
            if at is None or at <= position:
                return False
        return True


def other_users(result: OpResult, group: Group) -> list[Operation]:
    """The users of a result, or of a cast of it, that are not in the group."""
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
    "MAX_INPUTS",
    "MAX_RECOMPUTED_IN_GROUP",
    "MAX_RESULTS",
    "MAX_USERS",
    "BlockOrder",
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
