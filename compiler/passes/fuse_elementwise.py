"""`fuse-elementwise`: a chain of computations over tensors is one loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp, TensorType
from xdsl.dialects.linalg.ops import FillOp, GenericOp
from xdsl.ir import Block, Operation, OpResult, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr

from ...dialects.emitter import Emitter
from ..pipeline.base import Pass
from ..rewriting import refuse
from .dce import DcePass, remove_dead
from .fusion import rules
from .fusion.group import Group, Output, maps_of

NAME = "fuse-elementwise"


@dataclass(frozen=True)
class FuseElementwisePass(Pass):
    """Computes elementwise results where they are used, instead of writing them to memory and reading them back.

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

    Memory is slower than arithmetic. Producers go into elementwise consumers and into reductions. What several
    consumers use is computed again if it is cheap; if it is dear, or needed in memory anyway, it becomes one more
    result of its consumer. Computations over the same inputs are done in one pass over them. Nothing is moved into a
    loop. Constant fills become scalars.
    """  # noqa: E501

    name = NAME
    requires: ClassVar[str | None] = "linalg"
    ensures: ClassVar[str | None] = "linalg"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Fuse in every block, until nothing changes: what was fused into different ops may make siblings of them."""
        DcePass().apply(ctx, op)  # what nobody needs is no user of anything
        blocks = [op.body.block]
        while blocks:
            block = blocks.pop()
            for inner in block.ops:
                if not isinstance(inner, GenericOp):
                    blocks += [nested for region in inner.regions for nested in region.blocks]
            while _fuse_block(block):
                remove_dead(block)  # nor is what is computed again elsewhere
        DcePass().apply(ctx, op)


def _fuse_block(block: Block) -> bool:
    """Fuse what stands in a block, from the end to the beginning; tell whether there was anything to fuse."""
    generics = [op for op in block.ops if isinstance(op, GenericOp) and op.results]
    if not generics:
        return False
    place, changed = rules.Place(block), False
    taken: set[Operation] = set()
    for op in reversed(generics):
        if op in taken or all(result.first_use is None for result in op.results):
            continue
        fusion = _Fusion(Group(op), place, taken)
        fusion.run()
        changed = changed or fusion.group.changed
    return changed


class _Fusion:
    """Fuses into one op what may be fused into it."""

    def __init__(self, group: Group, place: rules.Place, taken: set[Operation]):
        self.group = group
        self.place = place
        self.taken = taken
        self.position = place.position[group.op]
        self.refused: set[tuple[SSAValue, object]] = set()
        self.fills: dict[SSAValue, bool] = {}
        self.producers: dict[SSAValue, OpResult | None] = {}
        self.copied = 0

    def run(self) -> None:
        """Take in producers, the latest first, then siblings; then put the op in place."""
        group = self.group
        self._drop_unused()
        while True:
            self._use_scalars()
            number = self._latest_producer()
            if number is None:
                if rules.is_parallel(group.op) and self._take_sibling():
                    continue
                break
            reason = self._fuse(number)
            if reason is not None:
                value, map_ = group.inputs[number]
                refuse(NAME, group.op, reason)
                self.refused.add((value, map_))
        self._drop_unused()
        self.taken |= group.members
        self.place.position[group.finish()] = self.position

    def _drop_unused(self) -> None:
        """What the body computes in vain it needs no inputs for."""
        remove_dead(self.group.block)
        self.group.merge_inputs()

    def _use_scalars(self) -> None:
        """Inputs whose elements are all equal become scalars."""
        number = 0
        while number < len(self.group.inputs):
            value, _ = self.group.inputs[number]
            if self._has_one_element(value) and self.group.without(number):
                self.group.use_scalar(number, self._only_element(value))
            else:
                number += 1

    def _has_one_element(self, value: SSAValue) -> bool:
        """Whether all elements of an input are known to be equal."""
        if value not in self.fills:
            self.fills[value] = isinstance(value.type, TensorType) and rules.is_fill(value)
        return self.fills[value]

    def _only_element(self, value: SSAValue) -> SSAValue:
        """The scalar that all elements of an input are equal to."""
        op = rules.through_casts(value).owner
        if isinstance(op, FillOp):
            return op.inputs[0]
        if isinstance(op, tensor.SplatOp):
            return op.input
        assert isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr)
        return Emitter.before(self.group.op).value(arith.ConstantOp(next(iter(op.value.iter_attrs()))))

    def _producer(self, value: SSAValue) -> OpResult | None:
        """The result of a generic op of the same block that an input is."""
        if value not in self.producers:
            self.producers[value] = self._find_producer(value)
        return self.producers[value]

    def _find_producer(self, value: SSAValue) -> OpResult | None:
        source = rules.through_casts(value)
        op = source.owner
        if isinstance(source, OpResult) and isinstance(op, GenericOp) and op in self.place.position:
            return source
        return None

    def _latest_producer(self) -> int | None:
        best, found = -1, None
        for number, key in enumerate(self.group.inputs):
            producer = self._producer(key[0])
            if producer is not None and key not in self.refused and producer.op not in self.taken:
                position = self.place.position[producer.op]
                if position > best:
                    best, found = position, number
        return found

    def _fuse(self, number: int) -> str | None:
        """Take in the producer of an input; why not, if not."""
        value, read = self.group.inputs[number]
        result = self._producer(value)
        assert result is not None
        producer = result.op
        assert isinstance(producer, GenericOp)
        exprs = rules.producer_loops(producer, result.index, read)
        if isinstance(exprs, str):
            return exprs
        reason = self._objection(number, producer, exprs)
        if reason is not None:
            return reason
        others = [user for each in producer.results for user in rules.other_users(each, self.group)]
        shared = [n for n, (v, _) in enumerate(self.group.inputs) if self._producer(v) in producer.results]
        if self._is_written_over(producer):
            return self._repeat(number, result, exprs)
        if not others and all(self.group.inputs[n][1] == read for n in shared):
            self._move(producer, exprs, shared)
            return None
        return self._repeat_or_share(number, result, exprs, others)

    def _is_written_over(self, producer: GenericOp) -> bool:
        """Whether the group writes over what a producer gives: then that has to be in memory, whoever else reads it."""
        return any(rules.through_casts(output.init).owner is producer for output in self.group.outputs)

    def _objection(self, number: int, producer: GenericOp, exprs: list[AffineExpr]) -> str | None:
        group, read = self.group, self.group.inputs[number][1]
        if rules.is_contraction(group.op):
            return "the consumer is a contraction, for which there are kernels"
        if group.size + sum(1 for _ in producer.body.block.ops) > rules.MAX_BODY:
            return "the body would become too large"
        added = rules.new_inputs(group, producer, exprs)
        if len({*group.inputs, *added}) - 1 > rules.MAX_INPUTS:
            return "it would have too many operands"
        if rules.stretches(group, read) and not rules.is_cheap(producer):
            return "it would be computed again for each element it is broadcast to"
        if not group.without(number, added):
            return "no operand would say how far a loop runs"
        if rules.bounds_loops(group, producer, exprs):
            return "an operand that is read by windows would be read by one loop, which does not reach its end"
        if self.place.later_read(producer, self.position):
            return "a variable it reads is assigned in between"
        return None

    def _move(self, producer: GenericOp, exprs: list[AffineExpr], shared: list[int]) -> None:
        """Take in a producer that nobody else uses."""
        results = {n: self._producer(self.group.inputs[n][0]) for n in shared}
        scalars = self.group.take(producer, exprs, move=True)
        for number in reversed(shared):
            result = results[number]
            assert result is not None
            self.group.replace_input(number, scalars[result.index])
        self.taken.add(producer)

    def _repeat_or_share(
        self, number: int, result: OpResult, exprs: list[AffineExpr], others: list[Operation]
    ) -> str | None:
        """A producer that others use too is computed again, or becomes one more result."""
        producer = result.op
        assert isinstance(producer, GenericOp)
        elsewhere = any(not isinstance(user, GenericOp) or user.parent is not self.place.block for user in others)
        if not elsewhere and len(others) < rules.MAX_USERS and self._repeat(number, result, exprs) is None:
            return None
        if not self._may_share(producer, exprs):
            return "others use it, and it is too dear to compute again"
        read = self.group.inputs[number][1]
        shared = [n for n, (v, _) in enumerate(self.group.inputs) if self._producer(v) is result]
        if any(self.group.inputs[n][1] != read for n in shared):
            return "it is read in two orders"
        self._share(producer, exprs, shared)
        return None

    def _repeat(self, number: int, result: OpResult, exprs: list[AffineExpr]) -> str | None:
        """Compute a producer again in the group, if that is cheap."""
        producer = result.op
        assert isinstance(producer, GenericOp)
        if not rules.is_cheap(producer):
            return "it is too dear to compute again"
        size = sum(1 for _ in producer.body.block.ops) - 1
        if self.copied + size > rules.MAX_COPIED_IN_ALL:
            return "too much would be computed again"
        self.copied += size
        scalars = self.group.take(producer, exprs, move=False)
        self.group.replace_input(number, scalars[result.index])
        return None

    def _may_share(self, producer: GenericOp, exprs: list[AffineExpr]) -> bool:
        """Whether a producer can be computed together with the group, its result kept."""
        group = self.group
        if not rules.is_parallel(group.op) or len(producer.results) != 1:
            return False
        if len(group.outputs) >= rules.MAX_RESULTS or not rules.is_permutation(exprs, group.num_dims):
            return False
        return self.place.all_after(producer.results[0], group, self.position)

    def _share(self, producer: GenericOp, exprs: list[AffineExpr], shared: list[int]) -> None:
        """Compute a producer together with the group, and keep its result."""
        group = self.group
        own = maps_of(producer)[-1]
        at = tuple(exprs[expr.position] for expr in own.results if isinstance(expr, AffineDimExpr))
        output = Output(producer.outputs[0], type(own)(group.num_dims, 0, at), producer.results[0])
        scalars = group.take(producer, exprs, move=True)
        for number in reversed(shared):
            group.replace_input(number, scalars[0])
        group.give(output, scalars[0])
        self.taken.add(producer)

    def _take_sibling(self) -> bool:
        """Take in another computation over one of the inputs, to read that input once."""
        if len(self.group.outputs) >= rules.MAX_RESULTS:
            return False
        for value, map_ in self.group.inputs:
            if not isinstance(value.type, TensorType) or not rules.is_permutation(map_.results, self.group.num_dims):
                continue
            for number, use in enumerate(value.uses):
                if number >= rules.MAX_SIBLINGS:
                    break
                if self._is_sibling(use.operation):
                    other = use.operation
                    assert isinstance(other, GenericOp)
                    exprs = self._loops_of(other, use.index, map_.results)
                    if exprs is not None:
                        self._share(other, exprs, [])
                        return True
        return False

    def _is_sibling(self, op: Operation) -> bool:
        if not isinstance(op, GenericOp) or op in self.taken or op in self.group.members:
            return False
        if self.place.position.get(op, self.position) >= self.position or len(op.results) != 1:
            return False
        if not rules.is_parallel(op) or self.place.later_read(op, self.position):
            return False
        read = [value for value, _ in self.group.inputs] + [output.init for output in self.group.outputs]
        read += op.operands
        if any(rules.through_casts(value).owner in (op, *self.group.members) for value in read):
            return False  # one would read what the other computes, and so the op itself
        if len({value for value, _ in self.group.inputs} | {*op.inputs}) > rules.MAX_INPUTS:
            return False
        size = self.group.size + sum(1 for _ in op.body.block.ops)
        used = bool(rules.other_users(op.results[0], self.group))
        return used and size <= rules.MAX_BODY and self.place.all_after(op.results[0], self.group, self.position)

    def _loops_of(self, other: GenericOp, index: int, at: tuple[AffineExpr, ...]) -> list[AffineExpr] | None:
        """The loops of `other` in terms of the group's, if both walk over a shared input alike."""
        read = maps_of(other)[index]
        if index >= len(other.inputs) or not rules.is_permutation(read.results, other.get_num_loops()):
            return None
        if other.get_num_loops() != self.group.num_dims:
            return None
        exprs: list[AffineExpr] = list(at)
        for expr, mine in zip(read.results, at, strict=True):
            assert isinstance(expr, AffineDimExpr)
            exprs[expr.position] = mine
        known = rules.producer_loops(other, 0, maps_of(other)[-1])
        return None if isinstance(known, str) else exprs
