"""Reading at computed places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import IndexType, TensorType
from xdsl.dialects.linalg.ops import IndexOp as LinalgIndexOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..dtypes import ALL, INT64, INTS, dtype_of
from ..emitter import Emitter
from ..strings import as_array
from ..types import DYNAMIC, shape_of, tensor_type
from .rules import onnx_checks
from .rules.base import HLOp, InferenceError, Types
from .rules.batching import BatchCall, Results
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.index_lowering import check_indices, element
from .rules.linalg_builder import PARALLEL, dim, dims, empty, generic, identity, projection, type_of
from .rules.movement_lowering import check_same_size, gathered
from .rules.pairs import by_parts
from .rules.places import (
    check_all_places,
    check_index_dtype,
    check_index_values,
    check_place_values,
    check_places,
    onnx_check_places,
    sample_places,
)


@irdl_op_definition
class GatherOp(HLOp):
    """The slices of `x` along `axis` that `indices` name.

    The result has the sizes of `x` before `axis`, those of `indices` after the first `batch_dims`, and those of `x`
    after `axis`. The first `batch_dims` axes of `x` and `indices` go together: each has indices of its own.

    C1: `axis` is an axis of `x`, `0 <= batch_dims <= axis`, `batch_dims` is at most the number of axes of `indices`,
        and the first `batch_dims` sizes agree (checked at run time where unknown before).
    C2: `indices` is of int32 or int64.
    C3: each index is at least 0 and below the size of `axis`; checked at run time.

    Definition: TensorFlow `gather` on a CPU.
    """

    name = "hl.gather"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    COMMON: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    indices = operand_def(TensorType[Attribute])
    axis = prop_def(Attribute)
    batch_dims = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The sizes of `x`, those of `indices` in place of the axis."""
        x, indices = map(shape_of, types)
        axis, batch = attrs["axis"], attrs["batch_dims"]
        if not 0 <= batch <= axis < len(x) or batch > len(indices):
            text = f"axis {axis} and batch_dims {batch} do not fit shapes {shape_text(x)} and {shape_text(indices)}"
            raise InferenceError("C1", text)
        if any(a != b and DYNAMIC not in (a, b) for a, b in zip(x[:batch], indices[:batch])):
            shown = f"{shape_text(x)} and {shape_text(indices)}"
            raise InferenceError("C1", f"the first {batch} sizes of {shown} do not agree")
        check_index_dtype(types[1], "C2")
        lead = [b if a == DYNAMIC else a for a, b in zip(x[:batch], indices[:batch])]
        return [tensor_type((*lead, *x[batch:axis], *indices[batch:], *x[axis + 1 :]), dtype_of(types[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's take, for each batch."""
        (x, indices), axis, batch = operands, attrs["axis"], attrs["batch_dims"]
        if x.shape[:batch] != indices.shape[:batch]:
            shown = f"{shape_text(x.shape)} and {shape_text(indices.shape)}"
            raise InferenceError("C1", f"the first {batch} sizes of {shown} do not agree")
        check_index_values(indices, x.shape[axis], "C3")
        if not batch:
            return (as_array(np.take(x, indices, axis)),)
        shape = (*x.shape[:axis], *indices.shape[batch:], *x.shape[axis + 1 :])
        result = np.empty(shape, x.dtype)
        for place in np.ndindex(x.shape[:batch]):
            result[place] = np.take(x[place], indices[place], axis - batch)
        return (result,)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` added up where its slices came from."""
        (x, indices), axis, batch = call.inputs, call.attrs["axis"], call.attrs["batch_dims"]
        if not dtype_of(dy).is_inexact:
            return [None, None]
        rank, count = len(x.shape), len(indices.shape) - batch
        lead, middle = list(range(batch)), list(range(batch, axis))
        places = list(range(axis, axis + count))
        rest = list(range(axis + count, rank - 1 + count))
        order = [*lead, axis, *middle, *range(axis + 1, rank)]
        if middle:
            dy, x = m.transpose(dy, [*lead, *places, *middle, *rest]), m.transpose(x, order)
        total = m.scatter_add(m.zeros_like(x), m.batch_indices(indices, batch), dy)
        return [m.transpose(total, [order.index(a) for a in range(rank)]) if middle else total, None]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.generic` over the result that reads `x` at the indices, which are checked before."""
        assert isinstance(op, GatherOp)
        x, indices, result, attrs = op.x, op.indices, type_of(op.result), op.attrs()
        axis, batch = attrs["axis"], attrs["batch_dims"]
        for own in range(batch):
            check_same_size(e, indices, own, x, own, f"gather: axis {own} has sizes {{0}} and {{1}}, which must agree")
        check_indices(e, indices, None, dim(e, x, axis), "gather")
        count, rank = type_of(indices).get_num_dims() - batch, result.get_num_dims()
        inner_sizes = dims(e, indices)[batch:]
        own_sizes = dims(e, x)
        sizes = [*own_sizes[:axis], *inner_sizes, *own_sizes[axis + 1 :]]

        def body(inner: Emitter, index: SSAValue, _: SSAValue) -> SSAValue:
            here = [inner.value(LinalgIndexOp(d)) for d in range(rank)]
            there = [*here[:axis], inner.value(arith.IndexCastOp(index, IndexType())), *here[axis + count :]]
            return inner.value(tensor.ExtractOp(x, there, result.element_type))

        maps = [projection(rank, [*range(batch), *range(axis, axis + count)]), identity(rank)]
        return generic(e, [indices], [empty(e, result, sizes)], maps, [PARALLEL] * rank, body)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Gather`; with batches, `GatherND` on the axis moved behind them."""
        (x, indices), axis, batch = call.inputs, call.attrs["axis"], call.attrs["batch_dims"]
        pairs, message = [(own, own) for own in range(batch)], "gather: sizes of the first axes must agree"
        onnx_checks.check_same_sizes(g, (x, indices), call.input_types, pairs, message)
        onnx_checks.check_indices(g, indices, call.input_types, x, [axis], "gather")
        if not batch:
            return [g.node("Gather", [x, indices], axis=axis)]
        rank, index_rank = (len(shape_of(type_)) for type_ in call.input_types)
        count = index_rank - batch
        lead, middle = list(range(batch)), list(range(batch, axis))
        x = g.node("Transpose", [x], perm=[*lead, axis, *middle, *range(axis + 1, rank)])
        places = g.node("Unsqueeze", [g.cast(indices, INT64), g.constant(np.array([index_rank]))])
        found = g.node("GatherND", [x, places], batch_dims=batch)
        moved = [batch + count + i for i in range(len(middle))]
        last = range(batch + count + len(middle), rank - 1 + count)
        return [g.node("Transpose", [found], perm=[*lead, *moved, *range(batch, batch + count), *last])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any axis that is not empty, any valid indices."""
        shape = list(s.shape(min_rank=1))
        axis = s.integer(0, len(shape) - 1)
        batch = s.integer(0, axis)
        shape[axis] = shape[axis] or s.integer(1, 4)
        where = (*shape[:batch], *s.shape(max_rank=2))
        indices = s.array(where, s.choice(INTS), 0, shape[axis] - 1)
        return Sample((s.array(shape, s.choice(ALL)), indices), {"axis": axis, "batch_dims": batch})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """One gather: its batch axes, or those of `x` or the indices before the others."""
        axis, before = b.attrs["axis"], b.attrs["batch_dims"]
        if not before and not b.batched[0]:
            return [b.to_front(b.apply(*b.operands)[0], axis)]
        if not before and not b.batched[1]:
            return b.apply(*b.operands, axis=axis + 1)
        return b.apply(b.full(0), b.full(1), axis=axis + 1, batch_dims=before + 1)


@irdl_op_definition
class GatherNdOp(HLOp):
    """The slices of `x` at the places that the last axis of `indices` holds, one index for each of the first axes.

    C1: the last axis of `indices` has `count` elements (checked at run time where unknown before), at least 1, and at
        most as many as `x` has axes.
    C2: `indices` is of int32 or int64.
    C3: each index is at least 0 and below the size of its axis; checked at run time.

    Definition: TensorFlow `gather_nd` on a CPU.
    """

    name = "hl.gather_nd"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    indices = operand_def(TensorType[Attribute])
    count = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The sizes of `indices` but the last, then those of `x` that no index names."""
        x, indices = map(shape_of, types)
        count = attrs["count"]
        check_places(x, types[1], count)
        return [tensor_type((*indices[:-1], *x[count:]), dtype_of(types[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's indexing with arrays."""
        x, indices = operands
        check_place_values(x, indices, attrs["count"])
        return (as_array(x[tuple(np.moveaxis(indices, -1, 0))]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` added up where its slices came from."""
        x, indices = call.inputs
        return [m.scatter_add(m.zeros_like(x), indices, dy) if dtype_of(dy).is_inexact else None, None]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.generic` over the result that reads the indices, checked before, and `x` there."""
        assert isinstance(op, GatherNdOp)
        x, indices = op.x, op.indices
        count = op.attrs()["count"]
        check_all_places(e, x, indices, count, "gather_nd")
        lead = type_of(indices).get_num_dims() - 1
        sizes = [*dims(e, indices)[:-1], *dims(e, x)[count:]]

        def place(inner: Emitter, here: list[SSAValue]) -> tuple[SSAValue, Sequence[SSAValue]]:
            named = [element(inner, indices, [*here[:lead], inner.index(axis)]) for axis in range(count)]
            return x, [*named, *here[lead:]]

        return [gathered(e, type_of(op.result), sizes, place)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`GatherND`."""
        onnx_check_places(g, call, "gather_nd")
        return [g.node("GatherND", [call.inputs[0], g.cast(call.inputs[1], INT64)])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any tensor that is not empty, any valid places."""
        shape = s.shape(min_rank=1, min_side=1)
        indices = sample_places(s, shape, s.integer(1, len(shape)))
        return Sample((s.array(shape, s.choice(ALL)), indices), {"count": indices.shape[-1]})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """The indices of one tensor for all, or behind those of the examples."""
        if not b.batched[0]:
            return b.apply(*b.operands)
        return b.apply(b.operands[0], b.with_example(b.full(1)), count=b.attrs["count"] + 1)
