"""`detensorize`: a tensor of rank 0 is a scalar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, cast

from xdsl.context import Context
from xdsl.dialects import arith, func, scf, tensor
from xdsl.dialects.builtin import ArrayAttr, DenseIntOrFPElementsAttr, IntegerAttr, LocationAttr, ModuleOp, TensorType
from xdsl.dialects.linalg.ops import FillOp, GenericOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.rewriter import InsertPoint, Rewriter

from ...dialects.creation import generic_op
from ...dialects.emitter import Emitter
from ..pipeline.base import Pass
from .dce import DcePass


@dataclass(frozen=True)
class DetensorizePass(Pass):
    """Compute with scalars instead of tensors of rank 0, in loops and branches too.

    Before:

        func.func @f(%x: tensor<f32>, %n: index) -> tensor<f32> {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = tensor.empty() : tensor<f32>
          %3 = scf.for %i = %0 to %n step %1 iter_args(%y = %x) -> (tensor<f32>) {
            %4 = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%y : tensor<f32>) outs(%2 : tensor<f32>) {
            ^bb0(%5: f32, %6: f32):
              %7 = arith.addf %5, %5 : f32
              linalg.yield %7 : f32
            } -> tensor<f32>
            scf.yield %4 : tensor<f32>
          }
          func.return %3 : tensor<f32>
        }

    After:

        func.func @f(%x: tensor<f32>, %n: index) -> tensor<f32> {
          %0 = tensor.extract %x[] : tensor<f32>
          %1 = arith.constant 0 : index
          %2 = arith.constant 1 : index
          %3 = scf.for %i = %1 to %n step %2 iter_args(%y = %0) -> (f32) {
            %4 = arith.addf %y, %y : f32
            scf.yield %4 : f32
          }
          %5 = tensor.from_elements %3 : tensor<f32>
          func.return %5 : tensor<f32>
        }

    Loop counters and conditions of user programs are tensors of rank 0; as scalars they stay in registers, and a loop
    over them compiles to the loop that C code would have. Functions keep tensors as arguments and results. Computations
    on larger tensors capture the scalars that they use.
    """  # noqa: E501

    name = "detensorize"
    requires: ClassVar[str | None] = "linalg"
    ensures: ClassVar[str | None] = "linalg"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """One walk over each function; what is then unused goes."""
        for function in op.ops:
            if isinstance(function, func.FuncOp) and function.body.blocks:
                _Scalars(function).run(function.body.block)
        DcePass().apply(ctx, op)


def _is_scalar_tensor(value: SSAValue) -> bool:
    return isinstance(value.type, TensorType) and value.type.get_num_dims() == 0


def _element_type(value: SSAValue) -> Attribute:
    assert isinstance(value.type, TensorType)
    return value.type.element_type


class _Scalars:
    """The scalars that tensors of rank 0 hold."""

    def __init__(self, function: func.FuncOp):
        self.function = function
        self.known: dict[SSAValue, SSAValue] = {}
        self.taken_out: set[Operation | None] = set()

    def of(self, value: SSAValue) -> SSAValue:
        """The element of a tensor of rank 0, taken out of it once, where it is defined."""
        found = self.known.get(value)
        if found is None:
            found = self.known[value] = self._take_out(value)
        return found

    def _take_out(self, value: SSAValue) -> SSAValue:
        op = value.owner
        if isinstance(op, tensor.FromElementsOp):
            return op.elements[0]
        block = op if isinstance(op, Block) else op.parent
        following = op.first_op if isinstance(op, Block) else op.next_op
        while following is not None and following in self.taken_out:
            following = following.next_op
        assert block is not None
        point = InsertPoint.at_end(block) if following is None else InsertPoint.before(following)
        e = Emitter(point, self._place(op, following))
        if isinstance(op, arith.ConstantOp) and isinstance(op.value, DenseIntOrFPElementsAttr):
            return e.value(arith.ConstantOp(next(iter(op.value.iter_attrs()))))
        taken = e.add(tensor.ExtractOp(value, [], _element_type(value)))
        self.taken_out.add(taken)
        return taken.result

    def _place(self, owner: Operation | Block, following: Operation | None) -> LocationAttr:
        """Where an element is taken out: where its tensor is made, or where it is first used."""
        if isinstance(owner, Operation):
            return owner.location
        return following.location if following is not None else self.function.location

    def wrap(self, e: Emitter, scalar: SSAValue, old: SSAValue) -> None:
        """Replace the tensor `old` by a scalar."""
        new = e.value(tensor.FromElementsOp.build(operands=[[scalar]], result_types=[old.type]))
        self.known[new] = scalar
        scalar.name_hint = scalar.name_hint or old.name_hint
        new.name_hint = old.name_hint
        old.replace_all_uses_with(new)

    def run(self, block: Block) -> None:
        """Rewrite the ops of a block."""
        for op in list(block.ops):
            self._run_op(op)

    def _run_op(self, op: Operation) -> None:
        if isinstance(op, GenericOp):
            self._generic(op)
        elif isinstance(op, FillOp) and op.results and _is_scalar_tensor(op.results[0]):
            self._replace(op, [op.inputs[0]])
        elif isinstance(op, arith.SelectOp) and _is_scalar_tensor(op.result):
            pair = self.of(op.lhs), self.of(op.rhs)
            self._replace(op, [Emitter.before(op).value(arith.SelectOp(op.cond, *pair))])
        elif isinstance(op, tensor.InsertOp) and _is_scalar_tensor(op.result):
            self._replace(op, [op.scalar])
        elif isinstance(op, tensor.ExtractOp):
            self._extract(op)
        elif isinstance(op, scf.ForOp | scf.WhileOp | scf.IfOp):
            self._control(op)
        else:
            for region in op.regions:
                for block in region.blocks:
                    self.run(block)

    def _replace(self, op: Operation, scalars: Sequence[SSAValue]) -> None:
        """Replace an op by the scalars its results hold."""
        e = Emitter.before(op)
        for result, scalar in zip(op.results, scalars, strict=True):
            self.wrap(e, scalar, result)
        Rewriter.erase_op(op)

    def _extract(self, op: tensor.ExtractOp) -> None:
        source = op.tensor.owner
        if _is_scalar_tensor(op.tensor):
            op.result.replace_all_uses_with(self.of(op.tensor))
            Rewriter.erase_op(op)
        elif isinstance(source, tensor.FromElementsOp):
            position = _position(op)
            if position is not None:
                op.result.replace_all_uses_with(source.elements[position])
                Rewriter.erase_op(op)

    def _generic(self, op: GenericOp) -> None:
        if op.get_num_loops() == 0 and all(_is_scalar_tensor(result) for result in op.results) and op.results:
            self._inline(op)
        else:
            self.run(self._capture(op).body.block)

    def _inline(self, op: GenericOp) -> None:
        """A computation without loops becomes its body."""
        block = op.body.block
        for argument, operand, map_ in zip(block.args, op.operands, op.indexing_maps, strict=True):
            if argument.first_use is not None:
                argument.replace_all_uses_with(self._read(op, operand, map_.data))
        last = block.last_op
        assert last is not None
        point = InsertPoint.before(op)
        moved = [inner for inner in block.ops if inner is not last]
        for inner in moved:
            inner.detach()
            Rewriter.insert_op(inner, point)
        for inner in moved:
            self._run_op(inner)
        results = list(last.operands)
        Rewriter.erase_op(last)
        self._replace(op, results)

    def _read(self, op: GenericOp, operand: SSAValue, map_: AffineMap) -> SSAValue:
        """What a computation without loops reads of an operand: a tensor with axes is read at a constant place."""
        if not isinstance(operand.type, TensorType):
            return operand
        if _is_scalar_tensor(operand):
            return self.of(operand)
        e = Emitter.before(op)
        place = [e.index(expr.eval([], [])) for expr in map_.results]
        return e.value(tensor.ExtractOp(operand, place, _element_type(operand)))

    def _capture(self, op: GenericOp) -> GenericOp:
        """The op with its inputs of rank 0 as scalars that the body takes from around it."""
        inputs = len(op.inputs)
        drop = [number for number, value in enumerate(op.inputs) if _is_scalar_tensor(value)]
        if not drop:
            return op
        block = op.body.block
        for number in reversed(drop):
            block.args[number].replace_all_uses_with(self.of(op.inputs[number]))
            block.erase_arg(block.args[number])
        kept = [number for number in range(inputs) if number not in drop]
        maps = op.indexing_maps.data
        new = generic_op(
            [op.inputs[number] for number in kept],
            list(op.outputs),
            op.detach_region(op.body),
            ArrayAttr([*(maps[number] for number in kept), *maps[inputs:]]),
            op.iterator_types,
            [result.type for result in op.results],
        )
        _swap(op, new)
        return new

    def _control(self, op: scf.ForOp | scf.WhileOp | scf.IfOp) -> None:
        """Loops and branches carry scalars."""
        op = self._with_scalars(op)
        for region in op.regions:
            for block in region.blocks:
                arguments = [a for a in block.args if _is_scalar_tensor(a)]
                for argument in arguments:
                    self._scalar_argument(block, argument)
        for region in op.regions:
            for block in region.blocks:
                self.run(block)
                last = block.last_op
                assert last is not None
                for index, value in enumerate(last.operands):
                    if _is_scalar_tensor(value):
                        last.operands[index] = self.of(value)

    def _scalar_argument(self, block: Block, argument: SSAValue) -> None:
        new = block.insert_arg(_element_type(argument), argument.index)  # pyright: ignore
        first = block.first_op
        location = first.location if first is not None else self.function.location
        self.wrap(Emitter(InsertPoint.at_start(block), location), new, argument)
        block.erase_arg(argument)  # pyright: ignore

    def _with_scalars(self, op: scf.ForOp | scf.WhileOp | scf.IfOp) -> scf.ForOp | scf.WhileOp | scf.IfOp:
        """The op with scalars for its operands and results of rank 0."""
        if not any(_is_scalar_tensor(value) for value in (*op.operands, *op.results)):
            return op
        operands = [self.of(value) if _is_scalar_tensor(value) else value for value in op.operands]
        types = [_element_type(value) if _is_scalar_tensor(value) else value.type for value in op.results]
        regions = [op.detach_region(region) for region in list(op.regions)]
        if isinstance(op, scf.ForOp):
            low, high, step, *carried = operands
            new = scf.ForOp(low, high, step, carried, *regions)
        elif isinstance(op, scf.WhileOp):
            new = scf.WhileOp(operands, types, *regions)
        else:
            new = scf.IfOp(operands[0], types, regions[0], regions[1])
        new.attributes.update(op.attributes)
        new.location = op.location
        Rewriter.insert_op(new, InsertPoint.before(op))
        e = Emitter.before(op)
        for old, result in zip(op.results, new.results, strict=True):
            if _is_scalar_tensor(old):
                self.wrap(e, result, old)
            else:
                result.name_hint = old.name_hint
                old.replace_all_uses_with(result)
        Rewriter.erase_op(op)
        return new


def _position(op: tensor.ExtractOp) -> int | None:
    """Which element an extraction with constant indices takes, counted in row-major order."""
    assert isinstance(op.tensor.type, TensorType)
    position = 0
    for index, size in zip(op.indices, op.tensor.type.get_shape(), strict=True):
        source = index.owner.input.owner if isinstance(index.owner, arith.IndexCastOp) else index.owner
        if not isinstance(source, arith.ConstantOp):
            return None
        value = cast("IntegerAttr", source.value).value.data
        if not 0 <= value < size:
            return None
        position = position * size + value
    return position


def _swap(op: Operation, new: Operation) -> None:
    """Replace `op` by `new`, which has as many results."""
    Emitter.before(op).add(new)
    for old, result in zip(op.results, new.results, strict=True):
        result.name_hint = old.name_hint
        old.replace_all_uses_with(result)
    Rewriter.erase_op(op)
