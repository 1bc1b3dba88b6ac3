"""Where the greatest and the least elements are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def

from ..debug import AssertOp
from ..dtypes import BOOL, INT32, INT64, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .reduce import MaxOp, MinOp
from .rules.adapters import by_numpy
from .rules.base import DTypeError, HLOp, InferenceError, Types, not_differentiable
from .rules.batching import shifted
from .rules.elementwise import is_float, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.linalg_builder import PARALLEL, REDUCTION, dim, filled, generic, identity, projection, type_of
from .rules.onnx_checks import check_all, sizes_along
from .rules.reductions import kept_axes, padded, reduced_shape, result_sizes


class _ArgOp(HLOp):
    """The place of an extreme along one axis. A subclass names the extreme: `BEST`, and when it is `better`."""

    CONSTRAINTS: ClassVar[Mapping[str, str]] = {
        "C1": "`axis` is an axis of `x`, and not empty, which is checked at run time where it is unknown before.",
        "C2": "the dtype is {dtypes}; the result is int64.",
    }
    BEST: ClassVar[type[MaxOp | MinOp]]
    BETTER: ClassVar[str] = ""
    ONNX: ClassVar[str] = ""

    x = operand_def(TensorType[Attribute])
    axis = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its values are indices")

    batch = shifted("axis")

    @classmethod
    def compute(cls, x: np.ndarray, axis: int) -> np.ndarray:
        """NumPy's, along an axis that is not empty."""
        raise TypeError(f"{cls.name} does not say its meaning")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """int64, of the shape without the axis."""
        (type_,) = types
        shape, axis, dtype = shape_of(type_), attrs["axis"], dtype_of(type_)
        if not 0 <= axis < len(shape):
            raise InferenceError("C1", f"axis {axis} is not an axis of shape {shape_text(shape)}")
        if shape[axis] == 0:
            raise InferenceError("C1", f"axis {axis} of shape {shape_text(shape)} is empty")
        if dtype not in cls.DTYPES:
            raise DTypeError("C2", f"expected a dtype of {', '.join(d.name for d in cls.DTYPES)}, got {dtype.name}")
        return [tensor_type(reduced_shape(shape, (axis,), False), INT64)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """`compute`."""
        (x,), axis = operands, attrs["axis"]
        if x.shape[axis] == 0:
            raise InferenceError("C1", f"axis {axis} of shape {shape_text(x.shape)} is empty")
        return (np.asarray(cls.compute(x, axis), np.int64),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """One `linalg.generic` that carries the best element so far and its place."""
        (x,), result = op.operands, type_of(op.results[0])
        axis = op.attrs()["axis"]  # pyright: ignore[reportAttributeAccessIssue]
        type_, rank = type_of(x).element_type, type_of(x).get_num_dims()
        if shape_of(type_of(x))[axis] == DYNAMIC:
            filled_axis = e.value(arith.CmpiOp(dim(e, x, axis), e.index(0), "ne"))
            e.add(AssertOp(filled_axis, cls._empty(axis), []))
        sizes = result_sizes(e, x, (axis,), False)
        worst = e.constant(cls.BEST.start(dtype_of(type_)), type_)
        best = filled(e, worst, TensorType(type_, result.get_shape()), sizes)
        place = filled(e, e.constant(0, i64), result, sizes)

        def body(inner: Emitter, element: SSAValue, best: SSAValue, place: SSAValue) -> Sequence[SSAValue]:
            here = inner.value(arith.IndexCastOp(inner.value(linalg.IndexOp(axis)), i64))
            better = cls._is_better(inner, element, best)
            return [inner.value(arith.SelectOp(better, *pair)) for pair in ((element, best), (here, place))]

        kept = projection(rank, kept_axes(rank, (axis,), False))
        kinds = [REDUCTION if a == axis else PARALLEL for a in range(rank)]
        return generic(e, [x], [best, place], [identity(rank), kept, kept], kinds, body)[1:]

    @classmethod
    def _empty(cls, axis: int) -> str:
        """What is wrong with an empty axis."""
        return f"{cls.name.removeprefix('hl.')}: axis {axis} is empty"

    @classmethod
    def _is_better(cls, e: Emitter, element: SSAValue, best: SSAValue) -> SSAValue:
        """Beyond the best, or the first NaN."""
        if not is_float(element):
            return e.value(arith.CmpiOp(element, best, f"s{cls.BETTER}"))
        beyond = e.value(arith.CmpfOp(element, best, f"o{cls.BETTER}"))
        is_nan = e.value(arith.CmpfOp(element, element, "uno"))
        first = e.value(arith.AndIOp(is_nan, e.value(arith.CmpfOp(best, best, "ord"))))
        return e.value(arith.OrIOp(beyond, first))

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """The node `ONNX`; where there is a NaN, the place of the first one."""
        (x,), axis, (type_,) = call.inputs, call.attrs["axis"], call.input_types
        if g.exact and shape_of(type_)[axis] == DYNAMIC:
            size = sizes_along(g, x, [axis])
            check_all(g, g.node("Greater", [size, g.constant(np.array([0]))]), cls._empty(axis))
            x = padded(g, x, type_, [axis], cls.BEST.start(dtype_of(type_)))
        place = g.node(cls.ONNX, [x], axis=axis, keepdims=0)
        if not g.exact or not dtype_of(type_).is_floating:
            return [place]
        is_nan = g.cast(g.node("IsNaN", [x]), INT32)
        there = g.node("ReduceMax", [is_nan, g.constant(np.array([axis], np.int64))], keepdims=0)
        first = g.node("ArgMax", [is_nan], axis=axis, keepdims=0)
        return [g.node("Where", [g.cast(there, BOOL), first, place])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A shape with an axis that is not empty."""
        shape = list(s.shape(min_rank=1))
        axis = s.integer(0, len(shape) - 1)
        shape[axis] = shape[axis] or s.integer(1, 5)
        return Sample((s.array(shape, s.choice(cls.DTYPES)),), {"axis": axis})


@irdl_op_definition
class ArgmaxOp(_ArgOp):
    """The place of the greatest element along `axis`, of the first one if several are equal; of the first NaN if any.

    Definition: NumPy `argmax`.
    """

    name = "hl.argmax"
    BEST: ClassVar[type[MaxOp | MinOp]] = MaxOp
    BETTER: ClassVar[str] = "gt"
    ONNX: ClassVar[str] = "ArgMax"

    compute = by_numpy(np.argmax)


@irdl_op_definition
class ArgminOp(_ArgOp):
    """The place of the least element along `axis`, of the first one if several are equal; of the first NaN if any.

    Definition: NumPy `argmin`.
    """

    name = "hl.argmin"
    BEST: ClassVar[type[MaxOp | MinOp]] = MinOp
    BETTER: ClassVar[str] = "lt"
    ONNX: ClassVar[str] = "ArgMin"

    compute = by_numpy(np.argmin)
