"""`fuse-elementwise`: producer and sibling fusion of elementwise ops, by the cost of recomputing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp, TensorType
from xdsl.dialects.linalg.ops import FillOp, GenericOp
from xdsl.ir import Block, Operation, OpResult, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr, AffineMap

from ...dialects.emitter import Emitter
from ..pipeline.base import Pass
from ..rewriting import refuse
from .dce import DcePass, remove_dead
from .fusion import rules
from .fusion.group import Group, Output, maps_of

NAME = "fuse-elementwise"


@dataclass(frozen=True)
class FuseElementwisePass(Pass):
    """Fuse elementwise ops into the ops that use their results, so that intermediate tensors need no memory.

    Before:

        func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
          %0 = tensor.empty() : tensor<4xf32>
          %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
          ^bb0(%2: f32, %3: f32):
            %4 = math.exp %2 : f32
            linalg.yield %4 : f32
          } -> tensor<4xf32>
          %5 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%1 : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
          ^bb0(%6: f32, %7: f32):
            %8 = arith.negf %6 : f32
            linalg.yield %8 : f32
          } -> tensor<4xf32>
          func.return %5 : tensor<4xf32>
        }

    After:

        func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
          %0 = tensor.empty() : tensor<4xf32>
          %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%0 : tensor<4xf32>) {
          ^bb0(%2: f32, %3: f32):
            %4 = math.exp %2 : f32
            %5 = arith.negf %4 : f32
            linalg.yield %5 : f32
          } -> tensor<4xf32>
          func.return %1 : tensor<4xf32>
        }

    Memory is slower than arithmetic. Producers are fused into elementwise consumers and into reductions. A producer
    with several users is recomputed in each if that is cheap; if it is expensive, or its result is needed in memory
    anyway, it is computed once in the fused op, as an additional result. Siblings, which read the same inputs, are
    fused into one op that reads them once. Into a contraction, which is lowered to a kernel, only extensions of
    integers of 8 and 16 bits are fused, as kernels do them where they read operands. No op is moved into a loop.
    Constant fills become scalars.
    """  # noqa: E501

    name = NAME
    requires: ClassVar[str | None] = "linalg"
    ensures: ClassVar[str | None] = "linalg"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Fuse in every block, until nothing changes: what was fused into different ops may make siblings of them."""
        DcePass().apply(ctx, op)  # an unused op is no user of its operands
        blocks = [op.body.block]
        while blocks:
            block = blocks.pop()
            for inner in block.ops:
                if not isinstance(inner, GenericOp):
                    blocks += [nested for region in inner.regions for nested in region.blocks]
            while _fuse_block(block):
                remove_dead(block)  # producers that were recomputed everywhere are unused now
        DcePass().apply(ctx, op)


def _fuse_block(block: Block) -> bool:
    """Fuse the generic ops of a block, from the last to the first; whether any was fused."""
    generics = [op for op in block.ops if isinstance(op, GenericOp) and op.results]
    if not generics:
        return False
    order, changed = rules.BlockOrder(block), False
    fused: set[Operation] = set()
    for op in reversed(generics):
        if op in fused or all(result.first_use is None for result in op.results):
            continue
        fusion = _Fusion(Group(op), order, fused)
        fusion.run()
        changed = changed or fusion.group.changed
    return changed


class _Fusion:
    """Fuses into one op all producers and siblings that the cost model and the rules admit."""

    def __init__(self, group: Group, order: rules.BlockOrder, fused: set[Operation]):
        self.group = group
        self.order = order
        self.fused = fused
        self.position = order.position[group.op]
        self.refused: set[tuple[SSAValue, object]] = set()
        self.fills: dict[SSAValue, bool] = {}
        self.producers: dict[SSAValue, OpResult | None] = {}
        self.recomputed = 0

    def run(self) -> None:
        """Fuse producers, the latest first, then siblings; then replace the op by the fused one.

        The latest first, so that a producer is fused after its own consumers in the block: then its result has fewer
        users left, and is not recomputed where it could be moved.
        """
        group = self.group
        self._drop_unused()
        while True:
            self._use_scalars()
            index = self._latest_producer_input()
            if index is None:
                if rules.is_parallel(group.op) and self._fuse_sibling():
                    continue
                break
            reason = self._fuse_producer(index)
            if reason is not None:
                value, map_ = group.inputs[index]
                refuse(NAME, group.op, reason)
                self.refused.add((value, map_))
        self._drop_unused()
        self.fused |= group.members
        self.order.position[group.finish()] = self.position

    def _drop_unused(self) -> None:
        """Remove unused ops of the body, and inputs that become unused."""
        remove_dead(self.group.block)
        self.group.merge_inputs()

    def _use_scalars(self) -> None:
        """Replace inputs whose elements are all equal by scalars."""
        index = 0
        while index < len(self.group.inputs):
            value, _ = self.group.inputs[index]
            if self._is_uniform(value) and self.group.without(index):
                self.group.use_scalar(index, self._uniform_element(value))
            else:
                index += 1

    def _is_uniform(self, value: SSAValue) -> bool:
        """Whether all elements of an input are known to be equal."""
        if value not in self.fills:
            self.fills[value] = isinstance(value.type, TensorType) and rules.is_fill(value)
        return self.fills[value]

    def _uniform_element(self, value: SSAValue) -> SSAValue:
        """The scalar that all elements of an input are equal to."""
        op = rules.through_casts(value).owner
        if isinstance(op, FillOp):
            return op.inputs[0]
        if isinstance(op, tensor.SplatOp):
            return op.input
        assert isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr)
        return Emitter.before(self.group.op).value(arith.ConstantOp(next(iter(op.value.iter_attrs()))))

    def _producer(self, value: SSAValue) -> OpResult | None:
        """The result of a generic op of the same block that an input is a cast of, if it is one."""
        if value not in self.producers:
            self.producers[value] = self._find_producer(value)
        return self.producers[value]

    def _find_producer(self, value: SSAValue) -> OpResult | None:
        source = rules.through_casts(value)
        op = source.owner
        if isinstance(source, OpResult) and isinstance(op, GenericOp) and op in self.order.position:
            return source
        return None

    def _latest_producer_input(self) -> int | None:
        """The index of the input whose producer is the last in the block, of those that may still be fused."""
        best, found = -1, None
        for index, key in enumerate(self.group.inputs):
            producer = self._producer(key[0])
            if producer is not None and key not in self.refused and producer.op not in self.fused:
                position = self.order.position[producer.op]
                if position > best:
                    best, found = position, index
        return found

    def _fuse_producer(self, index: int) -> str | None:
        """Fuse the producer of an input, by one of three ways; the reason if none is possible.

        Its ops are moved if the group is the only user; copied if recomputing is cheap; or moved with the producer's
        result as an additional result of the group.
        """
        value, read = self.group.inputs[index]
        result = self._producer(value)
        assert result is not None
        producer = result.op
        assert isinstance(producer, GenericOp)
        exprs = rules.producer_loops(producer, result.index, read)
        if isinstance(exprs, str):
            return exprs
        reason = self._reason_against(index, producer, exprs)
        if reason is not None:
            return reason
        others = [user for each in producer.results for user in rules.other_users(each, self.group)]
        shared = [n for n, (v, _) in enumerate(self.group.inputs) if self._producer(v) in producer.results]
        if self._is_overwritten(producer):
            return self._recompute(index, result, exprs)
        if not others and all(self.group.inputs[n][1] == read for n in shared):
            self._fuse_whole(producer, exprs, shared)
            return None
        return self._recompute_or_keep(index, result, exprs, others)

    def _is_overwritten(self, producer: GenericOp) -> bool:
        """Whether the group overwrites the producer's result, which then has to be in memory."""
        return any(rules.through_casts(output.init).owner is producer for output in self.group.outputs)

    def _reason_against(self, index: int, producer: GenericOp, exprs: list[AffineExpr]) -> str | None:
        """Why fusing would be wrong or slower, whichever way it is done."""
        group, read = self.group, self.group.inputs[index][1]
        if rules.is_contraction(group.op) and not rules.extends_integers(producer):
            return rules.CONSUMER_IS_A_CONTRACTION
        if group.size + sum(1 for _ in producer.body.block.ops) > rules.MAX_BODY:
            return rules.BODY_TOO_LARGE
        added = rules.new_inputs(group, producer, exprs)
        if len({*group.inputs, *added}) - 1 > rules.MAX_INPUTS:
            return rules.TOO_MANY_OPERANDS
        if rules.stretches(group, read) and not rules.is_cheap(producer):
            return rules.RECOMPUTED_BY_BROADCAST
        if not group.without(index, added):
            return rules.LOOP_WITHOUT_EXTENT
        if rules.bounds_loops(group, producer, exprs):
            return rules.WINDOW_WITHOUT_EXTENT
        if self.order.later_read(producer, self.position):
            return rules.VARIABLE_IS_ASSIGNED
        return None

    def _fuse_whole(self, producer: GenericOp, exprs: list[AffineExpr], shared: list[int]) -> None:
        """Move the ops of a producer without other users into the group."""
        results = {n: self._producer(self.group.inputs[n][0]) for n in shared}
        scalars = self.group.inline(producer, exprs, move=True)
        for index in reversed(shared):
            result = results[index]
            assert result is not None
            self.group.replace_input(index, scalars[result.index])
        self.fused.add(producer)

    def _recompute_or_keep(
        self, index: int, result: OpResult, exprs: list[AffineExpr], others: list[Operation]
    ) -> str | None:
        """Recompute a producer that has other users, or keep its result as an additional one of the group."""
        producer = result.op
        assert isinstance(producer, GenericOp)
        elsewhere = any(not isinstance(user, GenericOp) or user.parent is not self.order.block for user in others)
        if not elsewhere and len(others) < rules.MAX_USERS and self._recompute(index, result, exprs) is None:
            return None
        if not self._may_keep(producer, exprs):
            return rules.OTHER_USERS
        read = self.group.inputs[index][1]
        shared = [n for n, (v, _) in enumerate(self.group.inputs) if self._producer(v) is result]
        if any(self.group.inputs[n][1] != read for n in shared):
            return rules.READ_IN_TWO_ORDERS
        self._fuse_and_keep(producer, exprs, shared)
        return None

    def _recompute(self, index: int, result: OpResult, exprs: list[AffineExpr]) -> str | None:
        """Copy the ops of a producer into the group, if recomputing is cheap."""
        producer = result.op
        assert isinstance(producer, GenericOp)
        if not rules.is_cheap(producer):
            return rules.TOO_EXPENSIVE
        size = sum(1 for _ in producer.body.block.ops) - 1
        if self.recomputed + size > rules.MAX_RECOMPUTED_IN_GROUP:
            return rules.TOO_MUCH_RECOMPUTED
        self.recomputed += size
        scalars = self.group.inline(producer, exprs, move=False)
        self.group.replace_input(index, scalars[result.index])
        return None

    def _may_keep(self, producer: GenericOp, exprs: list[AffineExpr]) -> bool:
        """Whether a producer can be computed in the group with its result kept: same loops, and all users after it."""
        group = self.group
        if not rules.is_parallel(group.op) or len(producer.results) != 1:
            return False
        if len(group.outputs) >= rules.MAX_RESULTS or not rules.is_permutation(exprs, group.num_dims):
            return False
        return self.order.all_after(producer.results[0], group, self.position)

    def _fuse_and_keep(self, producer: GenericOp, exprs: list[AffineExpr], shared: list[int]) -> None:
        """Move the ops of a producer or sibling into the group, with its result as an additional one of the group."""
        group = self.group
        written = maps_of(producer)[-1]
        results = tuple(exprs[expr.position] for expr in written.results if isinstance(expr, AffineDimExpr))
        output = Output(producer.outputs[0], AffineMap(group.num_dims, 0, results), producer.results[0])
        scalars = group.inline(producer, exprs, move=True)
        for index in reversed(shared):
            group.replace_input(index, scalars[0])
        group.add_output(output, scalars[0])
        self.fused.add(producer)

    def _fuse_sibling(self) -> bool:
        """Fuse one op that reads an input of the group over the same loops, so that the input is read once."""
        if len(self.group.outputs) >= rules.MAX_RESULTS:
            return False
        for value, map_ in self.group.inputs:
            if not isinstance(value.type, TensorType) or not rules.is_permutation(map_.results, self.group.num_dims):
                continue
            for index, use in enumerate(value.uses):
                if index >= rules.MAX_SIBLINGS:
                    break
                if self._is_sibling(use.operation):
                    other = use.operation
                    assert isinstance(other, GenericOp)
                    exprs = self._sibling_loops(other, use.index, map_.results)
                    if exprs is not None:
                        self._fuse_and_keep(other, exprs, [])
                        return True
        return False

    def _is_sibling(self, op: Operation) -> bool:
        """Whether an op can be computed in the group without a dependence between them in either direction."""
        if not isinstance(op, GenericOp) or op in self.fused or op in self.group.members:
            return False
        if self.order.position.get(op, self.position) >= self.position or len(op.results) != 1:
            return False
        if not rules.is_parallel(op) or self.order.later_read(op, self.position):
            return False
        read = [value for value, _ in self.group.inputs] + [output.init for output in self.group.outputs]
        read += op.operands
        if any(rules.through_casts(value).owner in (op, *self.group.members) for value in read):
            return False  # one reads the result of the other, so the fused op would read its own
        if len({value for value, _ in self.group.inputs} | {*op.inputs}) > rules.MAX_INPUTS:
            return False
        size = self.group.size + sum(1 for _ in op.body.block.ops)
        used = bool(rules.other_users(op.results[0], self.group))
        return used and size <= rules.MAX_BODY and self.order.all_after(op.results[0], self.group, self.position)

    def _sibling_loops(self, other: GenericOp, index: int, read_at: tuple[AffineExpr, ...]) -> list[AffineExpr] | None:
        """The loop counters of `other` in terms of the group's, where both read the shared input in the same order."""
        read = maps_of(other)[index]
        if index >= len(other.inputs) or not rules.is_permutation(read.results, other.get_num_loops()):
            return None
        if other.get_num_loops() != self.group.num_dims:
            return None
        exprs: list[AffineExpr] = list(read_at)
        for expr, own in zip(read.results, read_at, strict=True):
            assert isinstance(expr, AffineDimExpr)
            exprs[expr.position] = own
        known = rules.producer_loops(other, 0, maps_of(other)[-1])
        return None if isinstance(known, str) else exprs
