"""A generic op into whose body other ops are fused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import DYNAMIC_INDEX, AffineMapAttr, ArrayAttr, ContainerType, ShapedType
from xdsl.dialects.linalg.ops import GenericOp, IndexOp, YieldOp
from xdsl.ir import Attribute, Block, BlockArgument, Operation, OpResult, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.rewriter import InsertPoint, Rewriter

from ....dialects.creation import generic_op
from ....dialects.emitter import Emitter
from ....dialects.walk import ops_in


def maps_of(op: GenericOp) -> list[AffineMap]:
    """The index maps of inputs and outputs."""
    return [attr.data for attr in op.indexing_maps]


def element_of(value: SSAValue) -> Attribute:
    """The type of the scalars that a body receives for an operand."""
    type_ = value.type
    return type_.get_element_type() if isinstance(type_, ShapedType) and isinstance(type_, ContainerType) else type_


@dataclass(frozen=True, eq=False)
class Output:
    """One result: the operand that it overwrites, its index map, and the result of an op that it replaces."""

    init: SSAValue
    map: AffineMap
    old: OpResult


class Group:
    """A generic op that grows; `finish` replaces the ops that were fused by it."""

    def __init__(self, op: GenericOp):
        self.op = op
        self.block: Block = op.body.block
        maps, count = maps_of(op), len(op.inputs)
        self.inputs: list[tuple[SSAValue, AffineMap]] = list(zip(op.inputs, maps[:count], strict=True))
        self.outputs = [
            Output(init, map_, result) for init, map_, result in zip(op.outputs, maps[count:], op.results, strict=True)
        ]
        self.members: set[Operation] = {op}
        self.size = sum(1 for _ in self.block.ops) - 1
        self.changed = False

    @property
    def num_dims(self) -> int:
        """How many loops there are."""
        return self.op.get_num_loops()

    def covers(self, inputs: Sequence[tuple[SSAValue, AffineMap]]) -> bool:
        """Whether every loop would still have an operand that determines its extent, if these were the inputs."""
        maps = [map_ for value, map_ in inputs if isinstance(value.type, ShapedType)]
        maps += [output.map for output in self.outputs]
        plain = {expr.position for map_ in maps for expr in map_.results if isinstance(expr, AffineDimExpr)}
        return len(plain) == self.num_dims

    def extents(self) -> dict[int, int]:
        """The extents of the loops, where known."""
        operands = [*self.inputs, *((output.init, output.map) for output in self.outputs)]
        return {
            expr.position: size
            for value, map_ in operands
            if isinstance(value.type, ShapedType)
            for expr, size in zip(map_.results, value.type.get_shape(), strict=True)
            if isinstance(expr, AffineDimExpr) and size != DYNAMIC_INDEX
        }

    def without(self, index: int, added: Sequence[tuple[SSAValue, AffineMap]] = ()) -> bool:
        """Whether an input can be replaced by others so that the extents of all loops are still determined."""
        return self.covers([*self.inputs[:index], *self.inputs[index + 1 :], *added])

    def use_scalar(self, index: int, scalar: SSAValue) -> None:
        """Capture a scalar instead of reading an input whose elements are all equal."""
        self.block.args[index].replace_all_uses_with(scalar)
        self.drop(index)

    def drop(self, index: int) -> None:
        """Remove an input that the body does not use."""
        self.block.erase_arg(self.block.args[index])
        del self.inputs[index]
        self.changed = True

    def merge_inputs(self) -> None:
        """Merge inputs that are read in the same order, and remove unused ones."""
        seen: dict[tuple[SSAValue, AffineMap], int] = {}
        index = 0
        while index < len(self.inputs):
            first = seen.setdefault(self.inputs[index], index)
            if first != index:
                self.block.args[index].replace_all_uses_with(self.block.args[first])
            if self.block.args[index].first_use is None and self.without(index):
                self.drop(index)
                seen = {key: at for key, at in seen.items() if at != index}
            else:
                index += 1

    def _argument(self, value: SSAValue, map_: AffineMap) -> BlockArgument:
        """The scalar that the body receives for an operand read through `map_`."""
        for index, known in enumerate(self.inputs):
            if known[0] is value and known[1] == map_:
                return self.block.args[index]
        self.inputs.append((value, map_))
        return self.block.insert_arg(element_of(value), len(self.inputs) - 1)

    def inline(self, producer: GenericOp, exprs: Sequence[AffineExpr], *, move: bool) -> list[SSAValue]:
        """Insert the ops of `producer` at the start of the body; its results as scalars.

        `exprs` are the producer's loop counters in terms of the group's. `move` moves the producer's ops, and
        leaves it without a body; otherwise they are copied.
        """
        point = InsertPoint.at_start(self.block)
        if self.block.first_op is not None:
            point = InsertPoint.before(self.block.first_op)
        scalars = [
            self._argument(value, map_.compose(AffineMap(self.num_dims, 0, tuple(exprs))))
            for value, map_ in zip(producer.inputs, maps_of(producer), strict=False)
        ]
        self.size += sum(1 for _ in producer.body.block.ops) - 1
        if move:
            results = _move_body(producer.body.block, scalars, point, exprs)
            self.members.add(producer)
        else:
            results = _copy_body(producer.body.block, scalars, point, exprs)
        self.changed = True
        return results

    def replace_input(self, index: int, scalar: SSAValue) -> None:
        """Use a scalar computed in the body instead of an input."""
        self.block.args[index].replace_all_uses_with(scalar)
        self.drop(index)

    def add_output(self, output: Output, scalar: SSAValue) -> None:
        """Add a result."""
        self.block.insert_arg(element_of(output.init), len(self.block.args))
        self.outputs.append(output)
        last = self.block.last_op
        assert isinstance(last, YieldOp)
        new = YieldOp(*last.operands, scalar)
        Emitter.before(last).add(new)
        Rewriter.erase_op(last)

    def finish(self) -> GenericOp:
        """Replace the op, and those that were fused into it, by one op; returns that op."""
        if not self.changed:
            return self.op
        maps = [map_ for _, map_ in self.inputs] + [output.map for output in self.outputs]
        op = self.op
        new = generic_op(
            [value for value, _ in self.inputs],
            [output.init for output in self.outputs],
            op.detach_region(op.body),
            ArrayAttr([AffineMapAttr(map_) for map_ in maps]),
            op.iterator_types,
            [output.old.type for output in self.outputs],
        )
        Emitter.before(op).add(new)
        for output, result in zip(self.outputs, new.results, strict=True):
            result.name_hint = output.old.name_hint
            output.old.replace_all_uses_with(result)
        for member in self.members:
            member.detach()
            member.erase(safe_erase=False)
        return new


def _position(e: Emitter, expr: AffineExpr) -> SSAValue:
    """The value of a producer's loop counter in the group's body."""
    if isinstance(expr, AffineDimExpr):
        return e.value(IndexOp(expr.position))
    assert isinstance(expr, AffineConstantExpr)
    return e.index(expr.value)


def _move_body(
    block: Block, scalars: Sequence[SSAValue], point: InsertPoint, exprs: Sequence[AffineExpr]
) -> list[SSAValue]:
    for argument, scalar in zip(block.args, scalars, strict=False):
        argument.replace_all_uses_with(scalar)
    last = block.last_op
    assert isinstance(last, YieldOp)
    results = list(last.operands)
    Rewriter.erase_op(last)
    for op in list(block.ops):
        op.detach()
        Rewriter.insert_op(op, point)
        for inner in ops_in(op):
            if isinstance(inner, IndexOp):
                inner.result.replace_all_uses_with(value := _position(Emitter.before(inner), exprs[_dim(inner)]))
                results = [value if result is inner.result else result for result in results]
                Rewriter.erase_op(inner)
    return results


def _dim(op: IndexOp) -> int:
    return op.dim.value.data


def _copy_body(
    block: Block, scalars: Sequence[SSAValue], point: InsertPoint, exprs: Sequence[AffineExpr]
) -> list[SSAValue]:
    new: dict[SSAValue, SSAValue] = dict(zip(block.args, scalars, strict=False))
    for op in block.ops:
        if isinstance(op, YieldOp):
            return [new.get(value, value) for value in op.operands]
        if isinstance(op, IndexOp):
            new[op.result] = _position(Emitter(point, op.location), exprs[_dim(op)])
            continue
        copy = op.clone(new)
        _keep_locations(op, copy)
        Rewriter.insert_op(copy, point)
    raise AssertionError("a body ends with a yield")


def _keep_locations(old: Operation, new: Operation) -> None:
    for a, b in zip(old.walk(), new.walk(), strict=True):
        b.location = a.location


def is_constant_or_dim(exprs: Sequence[AffineExpr]) -> bool:
    """Whether index expressions are single loops or constants."""
    return all(isinstance(expr, AffineDimExpr | AffineConstantExpr) for expr in exprs)


__all__ = ["Group", "Output", "element_of", "is_constant_or_dim", "maps_of"]
