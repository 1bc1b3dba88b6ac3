"""`decompose-complex`: complex tensors become real ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from xdsl.context import Context
from xdsl.dialects import arith, func, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FunctionType, ModuleOp, TensorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue
from xdsl.rewriter import InsertPoint

from ...dialects.debug import PrintOp
from ...dialects.diagnostics import UnsupportedError
from ...dialects.emitter import UNKNOWN, Emitter
from ...dialects.hl.complex import OnPackedOp
from ...dialects.hl.movement import ConcatOp
from ...dialects.hl.rules.base import HLOp
from ...dialects.hl.rules.pairs import Pair, Part, Real
from ...dialects.hl.shape import ExpandDimsOp, SqueezeOp
from ...dialects.hl.slicing import SliceOp
from ...dialects.packing import has_complex, is_complex, packed_type, uses_complex
from ...dialects.printing import PrintOptions
from ...dialects.types import array_of, dense, shape_of
from ..pipeline.base import Pass
from .canonicalize import CanonicalizePass
from .cse import CsePass
from .dce import DcePass
from .fold_constants import FoldConstantsPass
from .hoist_loop_invariants import HoistLoopInvariantsPass
from .infer_shapes import InferShapesPass
from .simplify_algebra import SimplifyAlgebraPass

_SIMPLIFY = (
    *(InferShapesPass, CanonicalizePass, SimplifyAlgebraPass, FoldConstantsPass),
    *(HoistLoopInvariantsPass, CsePass, DcePass),
)
"""What is done to a program at this level, once more."""


@dataclass(frozen=True)
class DecomposeComplexPass(Pass):
    """Turn every complex value into two real ones; those that functions, loops and Variables have into one.

    Before:

        func.func @f(%z: tensor<4xcomplex<f32>>) -> tensor<4xf32> {
          %0 = hl.mul %z, %z : (tensor<4xcomplex<f32>>, tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
          %1 = hl.real %0 : (tensor<4xcomplex<f32>>) -> tensor<4xf32>
          func.return %1 : tensor<4xf32>
        }

    After:

        func.func @f(%z: tensor<4x2xf32>) -> tensor<4xf32> {
          %0 = hl.slice %z {begin = array<i64: 0, 0>, end = array<i64: 9223372036854775807, 1>, strides = array<i64: 1, 1>} : (tensor<4x2xf32>) -> tensor<4x1xf32>
          %1 = hl.squeeze %0 {axes = array<i64: 1>} : (tensor<4x1xf32>) -> tensor<4xf32>
          %2 = hl.slice %z {begin = array<i64: 0, 1>, end = array<i64: 9223372036854775807, 2>, strides = array<i64: 1, 1>} : (tensor<4x2xf32>) -> tensor<4x1xf32>
          %3 = hl.squeeze %2 {axes = array<i64: 1>} : (tensor<4x1xf32>) -> tensor<4xf32>
          %4 = hl.mul %1, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          %5 = hl.mul %3, %3 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          %6 = hl.sub %4, %5 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          func.return %6 : tensor<4xf32>
        }

    Below, and in ONNX Runtime, there are real numbers only. Inside a function the real and the imaginary part are two
    tensors, computed by the rule that each op's block has. Where a value is an argument or a result, of a function, a
    loop or a branch, or is that of a Variable, the parts are one tensor with a last axis of size 2: so signatures have
    as many parameters as before, and a caller has no copy to make, as NumPy's complex arrays are stored like this.
    """  # noqa: E501

    name = "decompose-complex"
    requires: ClassVar[str | None] = "hl"
    ensures: ClassVar[str | None] = "hl"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Replace complex values, if there are any, and simplify the result."""
        if not has_complex(op):
            return
        _Decomposition().run(op)
        for pass_ in _SIMPLIFY:
            pass_().apply(ctx, op)


@dataclass
class _Decomposition:
    """What is known of the complex values met so far.

    Attributes:
        pairs: the parts of values that have been computed or read.
        replaced: ops that have no users once all ops are replaced.
    """

    pairs: dict[SSAValue, Pair] = field(default_factory=dict)
    replaced: list[Operation] = field(default_factory=list)

    def run(self, module: ModuleOp) -> None:
        """Replace all complex values."""
        self._block(module.body.block)
        for op in reversed(self.replaced):
            op.detach()
            op.erase()

    def _block(self, block: Block) -> None:
        ops = list(block.ops)  # but for what is emitted for them
        for argument in block.args:
            self._retype(argument)
        for op in ops:
            if isinstance(op, func.FuncOp):
                op.function_type = FunctionType.from_lists(
                    [packed_type(type_) for type_ in op.function_type.inputs],
                    [packed_type(type_) for type_ in op.function_type.outputs],
                )
            elif isinstance(op, HLOp):
                if self._is_concerned(op):
                    self._replace(op)
                continue
            elif isinstance(op, arith.ConstantOp):
                if is_complex(op.result.type):
                    self._constant(op)
                continue
            self._carry(op)
            for region in op.regions:
                for inner in region.blocks:
                    self._block(inner)

    def _is_concerned(self, op: Operation) -> bool:
        return uses_complex(op) or any(operand in self.pairs for operand in op.operands)

    def _retype(self, value: SSAValue) -> None:
        """Let a value that others hand over have its parts along a last axis; they are read where it is defined."""
        if not is_complex(value.type):
            return
        value._type = packed_type(value.type)  # pyright: ignore[reportAttributeAccessIssue]
        if isinstance(value.type, TensorType):
            self.pairs[value] = self._parts(value)

    def _parts(self, value: SSAValue) -> Pair:
        if isinstance(value, BlockArgument):
            first = value.block.first_op
            location = first.location if first is not None else UNKNOWN
            e = Emitter(InsertPoint.at_start(value.block), location)
        else:
            assert isinstance(value.owner, Operation)
            e = Emitter.after(value.owner)
        return Pair(Real(e, _part(e, value, 0)), Real(e, _part(e, value, 1)))

    def _constant(self, op: arith.ConstantOp) -> None:
        assert isinstance(op.value, DenseIntOrFPElementsAttr)
        array, e = array_of(op.value), Emitter.before(op)
        parts = [Real(e, e.value(arith.ConstantOp(dense(part.copy())))) for part in (np.real(array), np.imag(array))]
        self.pairs[op.result] = Pair(*parts)
        self.replaced.append(op)

    def _carry(self, op: Operation) -> None:
        """Give an op that hands values over the packed ones, and take packed ones from it."""
        if isinstance(op, PrintOp):
            places = [str(place) for place, value in enumerate(op.values) if value in self.pairs]
            op.properties |= PrintOptions(packed=",".join(places)).attributes()
        for place, operand in enumerate(op.operands):
            if operand in self.pairs and is_complex(operand.type):
                op.operands[place] = _joined(Emitter.before(op), operand, self.pairs[operand])
        if op.name.startswith("tensor.") and op.name != "tensor.cast" and uses_complex(op):
            raise UnsupportedError(f"{op.name} of complex numbers is not lowered", location=op.location)
        for result in op.results:
            self._retype(result)

    def _replace(self, op: HLOp) -> None:
        e = Emitter.before(op)
        if not type(op).has_complex_rule():
            self._call_packed(e, op)
            return
        operands = [self._part(e, operand) for operand in op.operands]
        for result, part in zip(op.results, type(op).decompose(e, op, operands), strict=True):
            if isinstance(part, Pair):
                self.pairs[result] = part
            else:
                _hand_over(e, result, part.value)
        self.replaced.append(op)

    def _part(self, e: Emitter, operand: SSAValue) -> Part:
        """The parts of an operand, as an emitter at the op is to compute with them."""
        pair = self.pairs.get(operand)
        if pair is None:
            return Real(e, operand)
        return Pair(Real(e, pair.real.value), Real(e, pair.imaginary.value))

    def _call_packed(self, e: Emitter, op: HLOp) -> None:
        """The host call on real arrays, which compiled code has."""
        places = [place for place, operand in enumerate(op.operands) if operand in self.pairs]
        operands = [
            _joined(e, operand, self.pairs[operand]) if operand in self.pairs else operand for operand in op.operands
        ]
        attrs = {"callee": op.name, "attrs_of_callee": op.attrs(), "packed": tuple(places)}
        new = e.add(OnPackedOp.build(operands, attrs))
        for result, value in zip(op.results, new.results, strict=True):
            if is_complex(result.type):
                self.pairs[result] = self._parts(value)
            else:
                _hand_over(e, result, value)
        self.replaced.append(op)


def _hand_over(e: Emitter, old: SSAValue, new: SSAValue) -> None:
    """Let users of a real result have another value, of the same type."""
    if new.name_hint is None:
        new.name_hint = old.name_hint
    if new.type != old.type:
        assert isinstance(old.type, TensorType)
        new = e.value(tensor.CastOp(new, old.type))
    old.replace_all_uses_with(new)


def _part(e: Emitter, value: SSAValue, place: int) -> SSAValue:
    """The real (0) or the imaginary (1) part of a packed tensor."""
    *sizes, _ = shape_of(value.type)  # pyright: ignore[reportArgumentType]
    rank = len(sizes)
    begin, end, strides = (0,) * rank + (place,), (2**63 - 1,) * rank + (place + 1,), (1,) * (rank + 1)
    taken = e.value(SliceOp.build([value], {"begin": begin, "end": end, "strides": strides}))
    return e.value(SqueezeOp.build([taken], {"axes": (rank,)}))


def _joined(e: Emitter, value: SSAValue, pair: Pair) -> SSAValue:
    """The packed tensor that is the complex one."""
    if packed_type(value.type) == value.type:
        return value
    axis = len(shape_of(value.type))  # pyright: ignore[reportArgumentType]
    parts = [e.value(ExpandDimsOp.build([part.value], {"axes": (axis,)})) for part in pair]
    joined = e.value(ConcatOp.build(parts, {"axis": axis}))
    joined._type = packed_type(value.type)  # pyright: ignore[reportAttributeAccessIssue]
    return joined
