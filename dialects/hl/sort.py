"""The order of elements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IndexType, TensorType, i32
from xdsl.dialects.linalg.ops import IndexOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INT32, dtype_of
from ..emitter import Emitter
from ..types import shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_differentiable
from .rules.batching import shifted
from .rules.elementwise import is_float, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.index_lowering import bit_length, element, loops
from .rules.linalg_builder import PARALLEL, dims, empty, generic, identity, type_of


@irdl_op_definition
class ArgsortOp(HLOp):
    """The indices of the elements along `axis` in ascending order, or `descending`; of equal ones in their own order.

    NaN is greater than every number, and equal to NaN; -0 is equal to 0.

    C1: `axis` is an axis of `x`.
    C2: the dtype is {dtypes}; the result is int32.

    Definition: NumPy `argsort`, stable; TensorFlow `argsort`, which leaves NaN open.
    """

    name = "hl.argsort"

    x = operand_def(TensorType[Attribute])
    axis = prop_def(Attribute)
    descending = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its values are positions")

    batch = shifted("axis")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """int32, of the operand's shape."""
        shape, dtype = shape_of(types[0]), dtype_of(types[0])
        if dtype not in cls.DTYPES:
            raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in cls.DTYPES)}, got {dtype.name}")
        if not 0 <= attrs["axis"] < len(shape):
            raise InferenceError("C1", f"axis {attrs['axis']} is not an axis of shape {shape_text(shape)}")
        return [tensor_type(shape, INT32)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's argsort; for the descending order, of what is last, from the end."""
        (x,), axis = operands, attrs["axis"]
        if not attrs["descending"]:
            return (np.argsort(x, axis, kind="stable").astype(INT32),)
        order = np.flip(np.argsort(np.flip(x, axis), axis, kind="stable"), axis)
        return ((x.shape[axis] - 1 - order).astype(INT32),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """Merges of runs of 1, 2, 4, … places, from the bottom up (Knuth, volume 3, algorithm L without links)."""
        attrs = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        (x,), axis, type_ = op.operands, attrs["axis"], type_of(op.results[0])
        sizes, rank = dims(e, x), type_.get_num_dims()
        size = sizes[axis]

        def place(inner: Emitter, _: SSAValue) -> SSAValue:
            return inner.value(arith.IndexCastOp(inner.value(IndexOp(axis)), i32))

        start = generic(e, [], [empty(e, type_, sizes)], [identity(rank)], [PARALLEL] * rank, place)[0]
        block = Block(arg_types=[IndexType(), type_])
        inner = e.at_end(block)
        width = inner.value(arith.ShLIOp(inner.index(1), block.args[0]))
        merged = _Merge(x, block.args[1], axis, size, width, attrs["descending"]).all(inner, sizes, type_)
        inner.add(scf.YieldOp(merged))
        passes = bit_length(e, e.value(arith.MaxSIOp(e.value(arith.SubiOp(size, e.index(1))), e.index(0))))
        return [e.value(scf.ForOp(e.index(0), passes, e.index(1), [start], block))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`TopK` of all, which takes equal ones in their order; NaN by a second one, that keeps the others' order."""
        (x,), axis, dtype = call.inputs, call.attrs["axis"], dtype_of(call.input_types[0])
        size = g.node("Shape", [x], start=axis, end=axis + 1)

        def order(value: str) -> str:
            attributes = {"axis": axis, "largest": int(call.attrs["descending"]), "sorted": 1}
            return g.nodes("TopK", [value, size], 2, **attributes)[1]

        if not dtype.is_floating or not g.exact:
            return [g.cast(order(x), INT32)]
        is_nan = g.node("IsNaN", [x])
        found = order(g.node("Where", [is_nan, g.constant(np.array(np.inf, dtype)), x]))
        marks = g.node("GatherElements", [g.cast(is_nan, INT32), found], axis=axis)
        return [g.cast(g.node("GatherElements", [found, order(marks)], axis=axis), INT32)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any axis; often few different elements."""
        shape, dtype = s.shape(min_rank=1), s.choice(cls.DTYPES)
        array = s.whole(shape, dtype) if s.boolean() else s.array(shape, dtype)
        return Sample((array,), {"axis": s.integer(0, len(shape) - 1), "descending": s.boolean()})


class _Merge:
    """One pass of the merge sort: neighbouring runs of `width` places of `order` become one."""

    def __init__(self, x: SSAValue, order: SSAValue, axis: int, size: SSAValue, width: SSAValue, descending: bool):
        self.x, self.order, self.axis, self.size, self.width = x, order, axis, size, width
        self.descending = descending

    def all(self, e: Emitter, sizes: Sequence[SSAValue], type_: TensorType[Attribute]) -> SSAValue:
        """All runs of all rows, in a tensor of their own."""
        rows = [*sizes[: self.axis], *sizes[self.axis + 1 :]]
        return loops(e, rows, empty(e, type_, sizes), self._row)

    def _row(self, e: Emitter, row: list[SSAValue], out: SSAValue) -> SSAValue:
        """The runs of one row, two by two."""
        block = Block(arg_types=[IndexType(), out.type])
        inner = e.at_end(block)
        first = block.args[0]
        middle = inner.value(arith.MinSIOp(inner.value(arith.AddiOp(first, self.width)), self.size))
        end = inner.value(arith.MinSIOp(inner.value(arith.AddiOp(middle, self.width)), self.size))
        inner.add(scf.YieldOp(self._runs(inner, row, block.args[1], first, middle, end)))
        step = e.value(arith.AddiOp(self.width, self.width))
        return e.value(scf.ForOp(e.index(0), self.size, step, [out], block))

    def _runs(
        self, e: Emitter, row: list[SSAValue], out: SSAValue, first: SSAValue, middle: SSAValue, end: SSAValue
    ) -> SSAValue:
        """The next element of both runs, the right one only where it comes before the left one."""
        block = Block(arg_types=[IndexType(), out.type, IndexType(), IndexType()])
        inner = e.at_end(block)
        here, total, left, right = block.args
        one = inner.index(1)
        last_left = inner.value(arith.SubiOp(middle, one))
        last = inner.value(arith.SubiOp(self.size, one))
        places = [inner.value(arith.MinSIOp(place, bound)) for place, bound in ((left, last_left), (right, last))]
        found = [element(inner, self.order, self._at(row, place)) for place in places]
        type_ = type_of(self.x).element_type
        items = [inner.value(tensor.ExtractOp(self.x, self._at(row, place), type_)) for place in found]
        none_left = inner.value(arith.CmpiOp(left, middle, "sge"))
        some_right = inner.value(arith.CmpiOp(right, end, "slt"))
        before = inner.value(arith.AndIOp(some_right, self._is_before(inner, items[1], items[0])))
        takes_right = inner.value(arith.OrIOp(none_left, before))
        taken = inner.value(arith.SelectOp(takes_right, found[1], found[0]))
        out_item = inner.value(arith.IndexCastOp(taken, i32))
        filled = inner.value(tensor.InsertOp(out_item, total, self._at(row, here)))
        next_left = inner.value(arith.SelectOp(takes_right, left, inner.value(arith.AddiOp(left, one))))
        next_right = inner.value(arith.SelectOp(takes_right, inner.value(arith.AddiOp(right, one)), right))
        inner.add(scf.YieldOp(filled, next_left, next_right))
        return e.add(scf.ForOp(first, end, e.index(1), [out, first, middle], block)).results[0]

    def _at(self, row: list[SSAValue], place: SSAValue) -> list[SSAValue]:
        return [*row[: self.axis], place, *row[self.axis :]]

    def _is_before(self, e: Emitter, x: SSAValue, y: SSAValue) -> SSAValue:
        """Whether `x` has to stand before `y`: that is not so for equal ones."""
        less, more = (y, x) if self.descending else (x, y)
        if not is_float(x):
            return e.value(arith.CmpiOp(less, more, "slt"))
        is_less = e.value(arith.CmpfOp(less, more, "olt"))
        only_more = e.value(arith.CmpfOp(less, less, "ord")), e.value(arith.CmpfOp(more, more, "uno"))
        return e.value(arith.OrIOp(is_less, e.value(arith.AndIOp(*only_more))))
