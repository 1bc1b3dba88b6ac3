"""Undoing a broadcast: a gradient summed down to the shape its operand had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, result_def

from ..debug import AssertOp
from ..dtypes import dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .reduce import SumOp
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import BatchCall, Results
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.float_sums import float_sum
from .rules.functions import Functions, Gradients, Value
from .rules.integer_graph import wrapping_sum
from .rules.linalg_builder import dim, type_of
from .rules.onnx_checks import check_all
from .rules.pairs import by_parts
from .rules.reductions import accumulate, reduced_shape
from .rules.sizes.roots import size_root


@irdl_op_definition
class SumToOp(HLOp):
    """`x` summed down to the shape of `like`, from which it was broadcast.

    Axes that `like` does not have are summed away; those of size 1 in `like` are summed to size 1.

    C1: the shape of `like` broadcasts to that of `x`, checked at run time where unknown before; the result has the
        shape of `like`.
    C2: the dtype of `x` is {dtypes}; `like` may have any.

    Definition: the transpose of NumPy's `broadcast_to`. The order in which floats are added is not defined.
    """

    name = "hl.sum_to"
    decompose = by_parts
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "terms"

    x = operand_def(TensorType[Attribute])
    like = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `like`, in the dtype of `x`."""
        shape, target, dtype = shape_of(types[0]), shape_of(types[1]), dtype_of(types[0])
        if not cls.takes(dtype):
            raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in cls.accepted())}, got {dtype.name}")
        pairs = zip(reversed(shape), reversed(target))
        if len(target) > len(shape) or any(b not in (1, DYNAMIC, a) and a != DYNAMIC for a, b in pairs):
            raise InferenceError("C1", f"shape {shape_text(target)} does not broadcast to {shape_text(shape)}")
        return [tensor_type(target, dtype)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's sum, of floats with less error."""
        x, like = operands
        lead = x.ndim - like.ndim
        if any(b not in (1, a) for a, b in zip(x.shape[lead:], like.shape)):
            raise InferenceError("C1", f"shape {shape_text(like.shape)} does not broadcast to {shape_text(x.shape)}")
        with np.errstate(all="ignore"):
            x = float_sum(x, range(lead))
            ones = tuple(a for a, size in enumerate(like.shape) if size == 1 and x.shape[a] != 1)
            return (np.asarray(float_sum(x, ones, keepdims=True)),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy`, broadcast again."""
        return [m.broadcast_like(dy, call.inputs[0]), None]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A sum along the axes known to have been broadcast; a test at run time for those that may have been."""
        x, like = op.operands
        _check(e, x, like)
        x = _summed(e, x, tuple(range(type_of(x).get_num_dims() - type_of(like).get_num_dims())), keepdims=False)
        ones = [a for a, size in enumerate(shape_of(type_of(like))) if size == 1 and shape_of(type_of(x))[a] != 1]
        x = _summed(e, x, ones, keepdims=True)
        for axis, size in enumerate(shape_of(type_of(like))):
            if size == DYNAMIC and size_root(like, axis) != size_root(x, axis) and shape_of(type_of(x))[axis] != 1:
                x = _summed_if_one(e, x, like, axis)
        target = type_of(op.results[0])
        return [x if x.type == target else e.value(tensor.CastOp(x, target))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`ReduceSum` along axes computed from the shapes, and `Reshape`."""
        (x, like), (type_, like_type) = call.inputs, call.input_types
        lead = len(shape_of(type_)) - len(shape_of(like_type))
        shape = g.node("Shape", [like])
        full = g.node("Concat", [g.constant(np.ones(lead, np.int64)), shape], axis=0)
        is_one = g.node("Equal", [full, g.constant(np.array(1, np.int64))])
        if DYNAMIC in (*shape_of(type_), *shape_of(like_type)):
            fits = g.node("Or", [is_one, g.node("Equal", [full, g.node("Shape", [x])])])
            check_all(g, fits, "sum_to: the smaller shape does not broadcast to the larger one")
        ones = g.node("NonZero", [is_one])
        axes = g.node("Squeeze", [ones, g.constant(np.array([0], np.int64))])
        terms = None if DYNAMIC in shape_of(type_) else int(np.prod(shape_of(type_)))
        total = wrapping_sum(g, x, axes, dtype_of(type_), terms, keepdims=1, noop_with_empty_axes=1)
        return [g.node("Reshape", [total, shape], allowzero=1)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A shape, and one that broadcasts to it."""
        dtype = s.choice(cls.DTYPES)
        shape = s.shape()
        target = tuple(1 if s.boolean() else size for size in shape)[s.integer(0, len(shape)) :]
        return Sample((SumOp.sample_array(s, shape, dtype), np.zeros(target, dtype)), {})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """Axes of size 1 behind the batch, in place of those that the other shape has not."""
        missing = b.rank(0) - b.rank(1)
        (total,) = b.apply(b.full(0), b.insert_axes(b.full(1), 1, missing))
        return [b.drop_axes(total, 1, missing)]


def _check(e: Emitter, x: SSAValue, like: SSAValue) -> None:
    """Stop the program unless the shape of `like` broadcasts to that of `x`."""
    lead = type_of(x).get_num_dims() - type_of(like).get_num_dims()
    for axis, size in enumerate(shape_of(type_of(like))):
        if size == 1 or size_root(like, axis) == size_root(x, lead + axis):
            continue
        got, wide = dim(e, like, axis), dim(e, x, lead + axis)
        same = e.value(arith.CmpiOp(got, wide, "eq"))
        fits = e.value(arith.OrIOp(same, e.value(arith.CmpiOp(got, e.index(1), "eq"))))
        message = f"sum_to: axis {axis} has size {{0}}, which does not broadcast to {{1}}"
        e.add(AssertOp(fits, message, [got, wide]))


def _summed(e: Emitter, x: SSAValue, axes: Sequence[int], keepdims: bool) -> SSAValue:
    if not axes:
        return x
    result = TensorType(type_of(x).element_type, reduced_shape(shape_of(type_of(x)), axes, keepdims))
    return accumulate(e, x, result, axes, keepdims, e.constant(0, result.element_type), SumOp.combine)


def _summed_if_one(e: Emitter, x: SSAValue, like: SSAValue, axis: int) -> SSAValue:
    """`x`, summed along `axis` if that has size 1 in `like`; its size is `?` in the result's type."""
    type_ = type_of(x)
    result = TensorType(type_.element_type, [DYNAMIC if a == axis else n for a, n in enumerate(shape_of(type_))])
    was_one = e.value(arith.CmpiOp(dim(e, like, axis), e.index(1), "eq"))
    then, otherwise = Block(), Block()
    inner = e.at_end(then)
    total = _summed(inner, x, [axis], keepdims=True)
    inner.add(scf.YieldOp(inner.value(tensor.CastOp(total, result))))
    inner = e.at_end(otherwise)
    inner.add(scf.YieldOp(x if type_ == result else inner.value(tensor.CastOp(x, result))))
    return e.value(scf.IfOp(was_one, [result], [then], [otherwise]))
