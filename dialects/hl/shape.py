"""Shapes: reading them, and the same elements in another one."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType, i1
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from ..debug import AssertOp
from ..dtypes import ALL, INTS, DType, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, dense, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, check_shape, not_differentiable
from .rules.batching import new_shape, shifted, size_of_example, sizes_of_example
from .rules.elementwise import shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import dim, dims, empty, type_of
from .rules.movement_lowering import cast_to, check_equal, collapse, expand, of_one_element, product, reshaped
from .rules.onnx_checks import check_all
from .rules.pairs import by_parts
from .rules.sizes.extents import check_extent
from .rules.sizes.run_time import INT64, check_sizes, filled_in, indices_of, may_be_negative, onnx_vector

INFERRED = -1
"""The entry of a `reshape` that follows from the others."""


class ReshapeOfReshape(RewritePattern):
    """Only the last of several shapes counts; a shape that stays is no change."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Take the first operand, or drop the op."""
        assert isinstance(op, ReshapeOp)
        inner = op.x.owner
        if op.x.type == op.result.type and type_of(op.result).has_static_shape():
            rewriter.replace(op, [], [op.x])
        elif isinstance(inner, ReshapeOp | ExpandDimsOp | SqueezeOp):
            rewriter.replace(op, ReshapeOp.build_for(op, [inner.operands[0], *op.sizes], op.attrs()))


@irdl_op_definition
class ReshapeOp(HLOp):
    """The elements of `x`, in row-major order, in another shape.

    `shape` has the sizes, `?` ones are given by `sizes`. One of all may be -1 and follows from the others.

    C1: the new shape has as many elements as `x`; next to a -1 no size is 0. Checked at run time where unknown before.
    C2: `sizes` has one int32 or int64 scalar for each `?` in `shape`, none of them below -1.

    Definition: NumPy `reshape`.
    """

    name = "hl.reshape"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    COMMON: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (ReshapeOfReshape,)

    x = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    shape = prop_def(Attribute)
    result = result_def(TensorType[Attribute])
    batch = new_shape

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`shape`, its -1 computed where everything else is known."""
        type_, shape = types[0], attrs["shape"]
        check_sizes("C2", shape, types[1:])
        if any(size < INFERRED and size != DYNAMIC for size in shape) or shape.count(INFERRED) > 1:
            raise InferenceError("C1", f"expected sizes of 0 or more, at most one -1, got {shape_text(shape)}")
        source = shape_of(type_)
        if DYNAMIC in shape or DYNAMIC in source:
            return [tensor_type([DYNAMIC if size == INFERRED else size for size in shape], dtype_of(type_))]
        return [tensor_type(resolved(shape, source), dtype_of(type_))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's reshape."""
        x, *sizes = operands
        shape = filled_in(attrs["shape"], sizes)
        if any(size < INFERRED for size in shape) or shape.count(INFERRED) > 1:
            raise InferenceError("C2", f"expected sizes of 0 or more, at most one -1, got {list(shape)}")
        shape = resolved(shape, x.shape)
        check_shape(shape, dtype_of(x))
        return (x.reshape(shape),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` in the shape of `x`."""
        return [m.reshape_like(dy, call.inputs[0]), *[None] * (len(call.inputs) - 1)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.collapse_shape` to one axis, `tensor.expand_shape` to the result."""
        assert isinstance(op, ReshapeOp)
        result, shape = type_of(op.result), op.attrs()["shape"]
        if result.has_static_shape() and type_of(op.x).has_static_shape():
            return [reshaped(e, op.x, result, [e.index(size) for size in shape_of(result)])]
        total = product(e, dims(e, op.x))
        sizes = _with_inferred(e, shape, indices_of(e, shape, op.sizes), dtype_of(result), total)
        check_equal(e, product(e, sizes), total, "reshape: the new shape has {0} elements, the tensor has {1}")
        return [reshaped(e, op.x, result, sizes)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Reshape`, in which 0 means 0."""
        x, *sizes = call.inputs
        shape = onnx_vector(g, call.attrs["shape"], sizes)
        if not g.exact:  # `Reshape` refuses what does not fit itself
            return [g.node("Reshape", [x, shape], allowzero=1)]
        if sizes:
            least = g.node("GreaterOrEqual", [shape, g.constant(np.array(INFERRED, np.int64))])
            check_all(g, least, "reshape: expected sizes of 0 or more, or -1")
        if {INFERRED, DYNAMIC} & {*call.attrs["shape"]} and {0, DYNAMIC} & {*call.attrs["shape"]}:
            some = g.node("Not", [g.node("Equal", [shape, g.constant(np.array(0, np.int64))])])
            if INFERRED not in call.attrs["shape"]:
                least = g.node("ReduceMin", [shape], keepdims=0)
                some = g.node("Or", [some, g.node("GreaterOrEqual", [least, g.constant(np.array(0, np.int64))])])
            check_all(g, some, "reshape: next to a -1 no size may be 0")
        return [g.node("Reshape", [x, shape], allowzero=1)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A shape from which another follows by merging and splitting axes; some sizes as -1 or at run time."""
        x = s.array(s.shape(), s.choice(ALL))
        shape = list(x.shape[::-1]) if s.boolean() else [x.size]
        shape.insert(s.integer(0, len(shape)), 1)
        sizes, place = [], s.integer(0, len(shape) - 1)
        if s.boolean() and all(shape[:place] + shape[place + 1 :]):
            shape[place] = INFERRED
        for axis, size in enumerate(shape):
            if size != INFERRED and s.boolean():
                sizes.append(np.array(size, s.choice(INTS)))
                shape[axis] = DYNAMIC
        return Sample((x, *sizes), {"shape": tuple(shape)})


def _with_inferred(
    e: Emitter, shape: Sequence[int], sizes: Sequence[SSAValue], dtype: DType, total: SSAValue
) -> list[SSAValue]:
    """The sizes of `shape` for `total` elements; one of them, which may be known only at run time, may be -1."""
    one, least, open_ = e.index(1), list(sizes), {}
    for axis, (size, static) in enumerate(zip(sizes, shape, strict=True)):
        if static == INFERRED:
            least[axis], open_[axis] = one, e.constant(True, i1)
        elif static == DYNAMIC and may_be_negative(size):
            valid = e.value(arith.CmpiOp(size, e.index(INFERRED), "sge"))
            e.add(AssertOp(valid, "reshape: expected sizes of 0 or more, or -1, got {0}", [size]))
            open_[axis] = e.value(arith.CmpiOp(size, e.index(INFERRED), "eq"))
            least[axis] = e.value(arith.SelectOp(open_[axis], one, size))
    check_extent(e, tensor_type([None] * len(shape), dtype), least)
    if not open_:
        return least
    zero, count, others = e.index(0), e.index(0), product(e, least)
    for is_rest in open_.values():
        count = e.value(arith.AddiOp(count, e.value(arith.SelectOp(is_rest, one, zero))))
    if len(open_) > 1:
        e.add(AssertOp(e.value(arith.CmpiOp(count, one, "sle")), "reshape: expected at most one -1, got {0}", [count]))
    none = e.value(arith.CmpiOp(count, zero, "eq"))
    some = e.value(arith.OrIOp(none, e.value(arith.CmpiOp(others, zero, "sgt"))))
    e.add(AssertOp(some, "reshape: next to a -1 no size may be 0"))
    rest = e.value(arith.DivSIOp(total, e.value(arith.MaxSIOp(others, one))))
    return [e.value(arith.SelectOp(open_[a], rest, size)) if a in open_ else size for a, size in enumerate(least)]


def resolved(shape: Sequence[int], source: Sequence[int]) -> tuple[int, ...]:
    """`shape` with its -1 computed, for elements of shape `source`. Raises `InferenceError` (C1)."""
    total, others = prod(source), prod(size for size in shape if size != INFERRED)
    inferred = total // others if INFERRED in shape and others else None
    result = tuple(inferred if size == INFERRED and inferred is not None else size for size in shape)
    if any(size < 0 for size in result) or prod(result) != total:
        given, wanted = shape_text(source), shape_text(shape)
        raise InferenceError("C1", f"the {total} elements of shape {given} do not fit shape {wanted}")
    return result


@irdl_op_definition
class ExpandDimsOp(HLOp):
    """`x` with new axes of size 1, which are the `axes` of the result.

    C1: `axes` are different axes of the result, in ascending order.

    Definition: NumPy `expand_dims`.
    """

    name = "hl.expand_dims"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    axes = prop_def(Attribute)
    result = result_def(TensorType[Attribute])
    batch = shifted("axes")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The operand's sizes with ones between them."""
        (type_,), axes = types, attrs["axes"]
        old = iter(shape_of(type_))
        rank = len(shape_of(type_)) + len(axes)
        if list(axes) != sorted(set(axes)) or any(not 0 <= axis < rank for axis in axes):
            raise InferenceError("C1", f"axes {list(axes)} are not ascending axes of a result with {rank} axes")
        return [tensor_type([1 if axis in axes else next(old) for axis in range(rank)], dtype_of(type_))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's expand_dims."""
        return (np.expand_dims(operands[0], attrs["axes"]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` without these axes."""
        return [m.squeeze(dy, list(call.attrs["axes"])) if call.attrs["axes"] else dy]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.expand_shape`."""
        assert isinstance(op, ExpandDimsOp)
        axes, result = op.attrs()["axes"], type_of(op.result)
        if not axes:
            return [op.x]
        if not type_of(op.x).get_num_dims():
            return [of_one_element(e, op.x, result)]
        own = iter(dims(e, op.x))
        sizes = [e.index(1) if axis in axes else next(own) for axis in range(result.get_num_dims())]
        return [expand(e, op.x, groups_around(result.get_num_dims(), axes), result, sizes)]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Unsqueeze`."""
        return [g.node("Unsqueeze", [call.inputs[0], g.constant(np.array(call.attrs["axes"], np.int64))])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape, one or two axes."""
        x = s.array(s.shape(), s.choice(ALL))
        axes = {s.integer(0, x.ndim), s.integer(0, x.ndim)}
        return Sample((x,), {"axes": tuple(sorted(axes))})


def groups_around(rank: int, axes: Sequence[int]) -> list[list[int]]:
    """The axes of a shape in one group for each axis not in `axes`; those in `axes` join a neighbour.

    Example:
        >>> groups_around(4, (0, 3))
        [[0, 1], [2, 3]]
    """
    groups: list[list[int]] = []
    pending: list[int] = []
    for axis in range(rank):
        pending.append(axis)
        if axis not in axes:
            groups.append(pending)
            pending = []
    if groups:
        groups[-1] += pending
    return groups


@irdl_op_definition
class SqueezeOp(HLOp):
    """`x` without some axes of size 1.

    C1: `axes` are different axes of `x`, in ascending order, and of size 1; checked at run time where unknown before.

    Definition: NumPy `squeeze`.
    """

    name = "hl.squeeze"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    axes = prop_def(Attribute)
    result = result_def(TensorType[Attribute])
    batch = shifted("axes")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The other sizes."""
        (type_,), axes = types, attrs["axes"]
        shape = shape_of(type_)
        if list(axes) != sorted(set(axes)) or any(not 0 <= axis < len(shape) for axis in axes):
            raise InferenceError("C1", f"axes {list(axes)} are not ascending axes of shape {shape_text(shape)}")
        if any(shape[axis] not in (1, DYNAMIC) for axis in axes):
            raise InferenceError("C1", f"axes {list(axes)} of shape {shape_text(shape)} are not all of size 1")
        return [tensor_type([size for axis, size in enumerate(shape) if axis not in axes], dtype_of(type_))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's squeeze."""
        x, axes = operands[0], attrs["axes"]
        if any(x.shape[axis] != 1 for axis in axes):
            raise InferenceError("C1", f"axes {list(axes)} of shape {shape_text(x.shape)} are not all of size 1")
        return (np.squeeze(x, axes),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` with these axes again."""
        for axis in call.attrs["axes"]:
            dy = m.expand_dims(dy, axis)
        return [dy]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.collapse_shape`."""
        assert isinstance(op, SqueezeOp)
        axes, shape = op.attrs()["axes"], shape_of(type_of(op.x))
        if not axes:
            return [op.x]
        for axis in axes:
            if shape[axis] == DYNAMIC:
                message = f"squeeze: axis {axis} has size {{0}}, expected {{1}}"
                check_equal(e, dim(e, op.x, axis), e.index(1), message)
        known = TensorType(type_of(op.x).element_type, [1 if a in axes else n for a, n in enumerate(shape)])
        return [collapse(e, cast_to(e, op.x, known), groups_around(len(shape), axes))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Squeeze`; nothing without axes, which in ONNX would mean all."""
        if not call.attrs["axes"]:
            return [g.node("Identity", call.inputs)]
        return [g.node("Squeeze", [call.inputs[0], g.constant(np.array(call.attrs["axes"], np.int64))])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape with ones in it."""
        shape = list(s.shape())
        axes = tuple(axis for axis in range(len(shape)) if s.boolean())
        for axis in axes:
            shape[axis] = 1
        return Sample((s.array(shape, s.choice(ALL)),), {"axes": axes})


class KnownShape(RewritePattern):
    """A shape, or size, that is known before the program runs is a constant."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace by a constant."""
        assert isinstance(op, ShapeOfOp | DimOp)
        shape, attrs = shape_of(type_of(op.x)), op.attrs()
        asked = shape[attrs["axis"]] if isinstance(op, DimOp) else shape
        sizes = asked if isinstance(asked, tuple) else (asked,)
        if DYNAMIC not in sizes and max(sizes, default=0) <= np.iinfo(attrs["dtype"]).max:
            rewriter.replace(op, arith.ConstantOp(dense(np.array(asked, attrs["dtype"]))))


@irdl_op_definition
class ShapeOfOp(HLOp):
    """The sizes of `x` at run time, as a vector.

    C1: `dtype` is int32 or int64. A size that int32 cannot hold stops the program.

    Definition: TensorFlow `shape`.
    """

    name = "hl.shape_of"
    decompose = by_parts
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (KnownShape,)

    x = operand_def(TensorType[Attribute])
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its values are sizes")
    batch = sizes_of_example

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """As many elements as `x` has axes."""
        _check_dtype(attrs["dtype"])
        return [tensor_type((len(shape_of(types[0])),), attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The array's shape."""
        return (_held(operands[0].shape, attrs["dtype"]),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.dim` for each axis."""
        assert isinstance(op, ShapeOfOp)
        result, shape = type_of(op.result), shape_of(type_of(op.x))
        sizes = [_emit_held(e, size, known, result) for size, known in zip(dims(e, op.x), shape, strict=True)]
        if not sizes:
            return [empty(e, result, [e.index(0)])]
        return [e.value(tensor.FromElementsOp(*sizes, result_type=result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Shape`."""
        return [_onnx_held(g, g.node("Shape", call.inputs), call.attrs["dtype"])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any tensor."""
        return Sample((s.array(s.shape(), s.choice(ALL)),), {"dtype": s.choice(INTS)})


@irdl_op_definition
class DimOp(HLOp):
    """The size of `x` along `axis` at run time, as a scalar.

    C1: `dtype` is int32 or int64. A size that int32 cannot hold stops the program.
    C2: `axis` is an axis of `x`.

    Definition: an element of TensorFlow's `shape`.
    """

    name = "hl.dim"
    decompose = by_parts
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (KnownShape,)

    x = operand_def(TensorType[Attribute])
    axis = prop_def(Attribute)
    dtype = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    gradient = not_differentiable("its value is a size")
    batch = size_of_example

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """A scalar."""
        _check_dtype(attrs["dtype"])
        shape = shape_of(types[0])
        if not 0 <= attrs["axis"] < len(shape):
            raise InferenceError("C2", f"axis {attrs['axis']} is not an axis of shape {shape_text(shape)}")
        return [tensor_type((), attrs["dtype"])]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The array's size."""
        return (_held((operands[0].shape[attrs["axis"]],), attrs["dtype"]).reshape(()),)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.dim`."""
        assert isinstance(op, DimOp)
        axis, result = op.attrs()["axis"], type_of(op.result)
        size = _emit_held(e, dim(e, op.x, axis), shape_of(type_of(op.x))[axis], result)
        return [e.value(tensor.FromElementsOp(size, result_type=result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Shape` of one axis."""
        axis = call.attrs["axis"]
        vector = g.node("Shape", call.inputs, start=axis, end=axis + 1)
        size = g.node("Squeeze", [vector, g.constant(np.array([0], np.int64))])
        return [_onnx_held(g, size, call.attrs["dtype"])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any tensor with an axis."""
        x = s.array(s.shape(min_rank=1), s.choice(ALL))
        return Sample((x,), {"axis": s.integer(0, x.ndim - 1), "dtype": s.choice(INTS)})


def _check_dtype(dtype: DType) -> None:
    if dtype not in INTS:
        raise DTypeError("C1", f"expected a dtype of int32 or int64, got {dtype.name}")


_TOO_LARGE = "a size of {0} does not fit into int32: ask for int64"


def _held(sizes: Sequence[int], dtype: DType) -> np.ndarray:
    """Sizes as an array of a dtype that holds them."""
    if (largest := max(sizes, default=0)) > np.iinfo(dtype).max:
        raise InferenceError("C1", _TOO_LARGE.format(largest))
    return np.array(sizes, dtype)


def _emit_held(e: Emitter, size: SSAValue, known: int, result: TensorType[Attribute]) -> SSAValue:
    """A size as an integer; the program stops where that does not hold it, as far as it may not."""
    most = np.iinfo(dtype_of(result)).max
    if dtype_of(result) != INT64 and (known == DYNAMIC or known > most):
        e.add(AssertOp(e.value(arith.CmpiOp(size, e.index(int(most)), "ule")), _TOO_LARGE, [size]))
    return e.value(arith.IndexCastOp(size, result.element_type))


def _onnx_held(g: OnnxGraph, sizes: str, dtype: DType) -> str:
    """Sizes of int64 as those of another dtype."""
    if g.exact and dtype != INT64:
        most = g.constant(np.array(np.iinfo(dtype).max, np.int64))
        check_all(g, g.node("LessOrEqual", [sizes, most]), "a size does not fit into int32: ask for int64")
    return sizes if dtype == INT64 else g.cast(sizes, dtype)
