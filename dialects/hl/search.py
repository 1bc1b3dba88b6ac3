"""Positions in sorted rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IndexType, TensorType, i32
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import INT32, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_differentiable
from .rules.batching import all_leading
from .rules.elementwise import is_float, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.index_lowering import bit_length, loops
from .rules.linalg_builder import dims, empty, type_of
from .rules.movement_lowering import check_same_size
from .rules.onnx_checks import check_same_sizes


@irdl_op_definition
class SearchSortedOp(HLOp):
    """The positions at which `values` can be inserted into the sorted rows of `x` so that these stay sorted.

    Of the positions before and behind equal elements it is the last one with `right`, else the first. What a row that
    is not in ascending order returns is not defined.

    C1: `x` and `values` have as many axes, at least one, and the same sizes but for the last; checked at run time where
        unknown before.
    C2: the dtype of both is {dtypes}; the result is int32.

    Definition: TensorFlow `searchsorted`, NumPy `searchsorted` on each row.
    """

    name = "hl.searchsorted"

    x = operand_def(TensorType[Attribute])
    values = operand_def(TensorType[Attribute])
    right = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its values are positions")

    batch = all_leading

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """int32, of the shape of `values`."""
        (x, values), (dtype, other) = map(shape_of, types), map(dtype_of, types)
        for found in (dtype, other):
            if found not in cls.DTYPES:
                raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in cls.DTYPES)}, got {found.name}")
        if dtype != other:
            raise DTypeError("C2", f"expected one dtype, got {dtype.name} and {other.name}")
        if not x or len(x) != len(values) or any(a != b and DYNAMIC not in (a, b) for a, b in zip(x[:-1], values[:-1])):
            text = f"expected shapes that agree but for the last axis, got {shape_text(x)} and {shape_text(values)}"
            raise InferenceError("C1", text)
        return [tensor_type(values, INT32)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A binary search for all values at once."""
        x, values = operands
        if x.shape[:-1] != values.shape[:-1]:
            text = f"expected shapes that agree but for the last axis, got {list(x.shape)} and {list(values.shape)}"
            raise InferenceError("C1", text)
        low, high = np.zeros(values.shape, np.int64), np.full(values.shape, x.shape[-1], np.int64)
        for _ in range(x.shape[-1].bit_length()):
            middle = (low + high) // 2
            found = np.take_along_axis(x, np.minimum(middle, x.shape[-1] - 1), -1)
            behind = (low < high) & (~(values < found) if attrs["right"] else found < values)
            low, high = np.where(behind, middle + 1, low), np.where(behind, high, middle)
        return (low.astype(INT32),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """For each value as many halvings as the size of a row has bits."""
        assert isinstance(op, SearchSortedOp)
        x, values, right = op.x, op.values, op.attrs()["right"]
        rank = type_of(x).get_num_dims()
        for axis in range(rank - 1):
            message = f"searchsorted: axis {axis} has sizes {{0}} and {{1}}, which must agree"
            check_same_size(e, x, axis, values, axis, message)
        size = dims(e, x)[-1]
        steps, last = bit_length(e, size), e.value(arith.SubiOp(size, e.index(1)))

        def body(inner: Emitter, here: list[SSAValue], out: SSAValue) -> SSAValue:
            value = inner.value(tensor.ExtractOp(values, here, type_of(values).element_type))
            place = _halved(inner, x, here[:-1], value, (size, last, steps), right)
            return inner.value(tensor.InsertOp(inner.value(arith.IndexCastOp(place, i32)), out, here))

        sizes = dims(e, values)
        return [loops(e, sizes, empty(e, type_of(op.result), sizes), body)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """How many elements of the row are before each value."""
        (x, values), rank = call.inputs, len(shape_of(call.input_types[0]))
        message = "searchsorted: sizes of the first axes must agree"
        check_same_sizes(g, (x, values), call.input_types, [(axis, axis) for axis in range(rank - 1)], message)
        row = g.node("Unsqueeze", [x, g.constant(np.array([rank - 1]))])
        column = g.node("Unsqueeze", [values, g.constant(np.array([rank]))])
        if call.attrs["right"]:
            behind = g.node("Not", [g.node("Less", [column, row])])
        else:
            behind = g.node("Less", [row, column])
        axes = g.constant(np.array([rank]))
        return [g.node("ReduceSum", [g.cast(behind, INT32), axes], keepdims=0)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Sorted rows, often with equal elements, and values of which some are among them."""
        lead, dtype = s.shape(max_rank=2, max_side=3), s.choice(cls.DTYPES)
        x = np.sort(s.whole((*lead, s.integer(0, 6)), dtype), -1)
        return Sample((x, s.whole((*lead, s.integer(0, 4)), dtype)), {"right": s.boolean()})


def _halved(
    e: Emitter,
    x: SSAValue,
    row: Sequence[SSAValue],
    value: SSAValue,
    bounds: tuple[SSAValue, SSAValue, SSAValue],
    right: bool,
) -> SSAValue:
    """The position of `value` in a row of `x`; `bounds` are the row's size, its last position, and the halvings."""
    size, last, steps = bounds
    block = Block(arg_types=[IndexType()] * 3)
    inner = e.at_end(block)
    _, low, high = block.args
    middle = inner.value(arith.ShRUIOp(inner.value(arith.AddiOp(low, high)), inner.index(1)))
    inside = inner.value(arith.MinSIOp(middle, last))
    found = inner.value(tensor.ExtractOp(x, [*row, inside], type_of(x).element_type))
    less, more = (value, found) if right else (found, value)
    before = arith.CmpfOp(less, more, "olt") if is_float(value) else arith.CmpiOp(less, more, "slt")
    behind = inner.value(before)
    if right:
        behind = inner.value(arith.XOrIOp(behind, inner.constant(1, behind.type)))
    behind = inner.value(arith.AndIOp(behind, inner.value(arith.CmpiOp(low, high, "slt"))))
    above = inner.value(arith.AddiOp(middle, inner.index(1)))
    inner.add(
        scf.YieldOp(inner.value(arith.SelectOp(behind, above, low)), inner.value(arith.SelectOp(behind, high, middle)))
    )
    return e.add(scf.ForOp(e.index(0), steps, e.index(1), [e.index(0), size], block)).results[0]
