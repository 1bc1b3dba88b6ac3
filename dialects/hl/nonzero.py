"""The positions of elements: tensors whose size is known only when the elements are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import IndexType, TensorType, i64
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, result_def

from ..dtypes import BOOL, INT64, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_differentiable
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.linalg_builder import REDUCTION, dims, empty, filled, generic, identity, projection, type_of


@irdl_op_definition
class NonZeroOp(HLOp):
    """The indices of the elements of `x` that hold, one row each, in row-major order.

    The number of rows is known when the op runs.

    C1: `x` has at least one axis.
    C2: `x` is of dtype bool; the result is int64.

    Definition: TensorFlow `where` with one argument, ONNX `NonZero` transposed.
    """

    name = "hl.nonzero"
    SIZED_BY_VALUES: ClassVar[bool] = True
    DTYPES: ClassVar[tuple[DType, ...]] = (BOOL,)

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its operand holds or does not")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """A row for each element that holds, with an index for each axis."""
        shape, dtype = shape_of(types[0]), dtype_of(types[0])
        if not shape:
            raise InferenceError("C1", "expected at least one axis, got a scalar")
        if dtype not in cls.DTYPES:
            raise DTypeError("C2", f"expected dtype bool, got {dtype.name}")
        return [tensor_type((DYNAMIC, len(shape)), INT64)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's argwhere."""
        return (np.argwhere(operands[0]).astype(INT64),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A sum that counts, then loops that write the indices of each element that holds to the next row."""
        assert isinstance(op, NonZeroOp)
        x, type_ = op.x, type_of(op.result)
        count = _count(e, x)
        out = empty(e, type_, [count, e.index(shape_of(type_)[1])])
        return [_fill(e, x, dims(e, x), [], out, e.index(0))[0]]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`NonZero`, whose columns are our rows."""
        return [g.node("Transpose", [g.node("NonZero", call.inputs)], perm=[1, 0])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any mask."""
        return Sample((s.array(s.shape(min_rank=1), BOOL),), {})


def _count(e: Emitter, x: SSAValue) -> SSAValue:
    """How many elements of `x` hold, as an `index`."""
    rank = type_of(x).get_num_dims()
    start = filled(e, e.constant(0, i64), TensorType(i64, []), [])

    def body(inner: Emitter, holds: SSAValue, total: SSAValue) -> SSAValue:
        return inner.value(arith.AddiOp(total, inner.value(arith.ExtUIOp(holds, i64))))

    total = generic(e, [x], [start], [identity(rank), projection(rank, [])], [REDUCTION] * rank, body)[0]
    return e.value(arith.IndexCastOp(e.value(tensor.ExtractOp(total, [], i64)), IndexType()))


def _fill(
    e: Emitter, x: SSAValue, sizes: Sequence[SSAValue], here: Sequence[SSAValue], out: SSAValue, row: SSAValue
) -> Sequence[SSAValue]:
    """`out` with a row for each element of `x` below the indices `here` that holds, from `row` on; and the next row."""
    if len(here) == len(sizes):
        return _write(e, x, here, out, row)
    block = Block(arg_types=[IndexType(), out.type, IndexType()])
    inner = e.at_end(block)
    index, *carried = block.args
    inner.add(scf.YieldOp(*_fill(inner, x, sizes, [*here, index], *carried)))
    return e.add(scf.ForOp(e.index(0), sizes[len(here)], e.index(1), [out, row], block)).results


def _write(e: Emitter, x: SSAValue, here: Sequence[SSAValue], out: SSAValue, row: SSAValue) -> Sequence[SSAValue]:
    """`out` with `here` in a row, and the next row, if the element of `x` holds."""
    holds = e.value(tensor.ExtractOp(x, list(here), type_of(x).element_type))
    then, otherwise = Block(), Block()
    inner = e.at_end(then)
    filled_out = out
    for axis, index in enumerate(here):
        number = inner.value(arith.IndexCastOp(index, i64))
        filled_out = inner.value(tensor.InsertOp(number, filled_out, [row, inner.index(axis)]))
    inner.add(scf.YieldOp(filled_out, inner.value(arith.AddiOp(row, inner.index(1)))))
    e.at_end(otherwise).add(scf.YieldOp(out, row))
    return e.add(scf.IfOp(holds, [out.type, IndexType()], [then], [otherwise])).results
