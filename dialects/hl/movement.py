"""Elements at other places: broadcasts, transposes, reversals, joins, borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from ..dtypes import ALL, INTS, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types, check_shape
from .rules.batching import BatchCall, Results, shifted, sized
from .rules.elementwise import is_exactly, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import PARALLEL, dim, dims, empty, generic, identity, projection, type_of
from .rules.movement_lowering import check_equal, check_same_size, check_size, gathered, settled
from .rules.onnx_checks import check_all, check_same_sizes
from .rules.pairs import by_parts
from .rules.sizes.extents import check_extent
from .rules.sizes.roots import size_root
from .rules.sizes.run_time import check_sizes, filled_in, indices_of, may_be_negative, onnx_vector, root_of_index


class BroadcastToSame(RewritePattern):
    """A broadcast to the shape that the operand is known to have; a size that is still to be checked stays."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace by the operand."""
        assert isinstance(op, BroadcastToOp)
        result = type_of(op.result)
        if op.x.type != result or not result.has_static_shape():
            return
        open_ = [size for size, static in zip(shape_of(result), op.attrs()["shape"], strict=True) if static == DYNAMIC]
        if all(is_exactly(given, size) for given, size in zip(op.sizes, open_, strict=True)):
            rewriter.replace(op, [], [op.x])


@irdl_op_definition
class BroadcastToOp(HLOp):
    """`x` repeated along new leading axes, and along its axes of size 1, to become of shape `shape`.

    C1: `x` broadcasts to `shape` as NumPy's arrays do; checked at run time where unknown before.
    C2: `sizes` has one int32 or int64 scalar for each `?` in `shape`.

    Definition: NumPy `broadcast_to`.
    """

    name = "hl.broadcast_to"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    COMMON: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (BroadcastToSame,)

    x = operand_def(TensorType[Attribute])
    sizes = var_operand_def(TensorType[Attribute])
    shape = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """`shape`; a `?` over a size other than 1 is that size."""
        type_, shape = types[0], attrs["shape"]
        check_sizes("C2", shape, types[1:])
        source = shape_of(type_)
        lead = len(shape) - len(source)
        pairs = list(zip(source, shape[max(lead, 0) :]))
        if lead < 0 or any(a not in (1, b, DYNAMIC) and b != DYNAMIC for a, b in pairs):
            raise InferenceError("C1", f"shape {shape_text(source)} does not broadcast to {shape_text(shape)}")
        if any(size < 0 and size != DYNAMIC for size in shape):
            raise InferenceError("C1", f"expected sizes of 0 or more, got {shape_text(shape)}")
        known = [a if b == DYNAMIC and a != 1 else b for a, b in pairs]
        return [tensor_type((*shape[:lead], *known), dtype_of(type_))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's broadcast_to."""
        x, *sizes = operands
        shape = filled_in(attrs["shape"], sizes)
        lead = len(shape) - x.ndim
        if any(size < 0 for size in shape) or any(a not in (1, b) for a, b in zip(x.shape, shape[lead:])):
            raise InferenceError("C1", f"shape {shape_text(x.shape)} does not broadcast to {shape_text(shape)}")
        check_shape(shape, dtype_of(x))
        return (np.broadcast_to(x, shape).copy(),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` summed down."""
        return [m.sum_to_shape_of(dy, call.inputs[0]), *[None] * (len(call.inputs) - 1)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.generic` that reads `x` at 0 along repeated axes."""
        assert isinstance(op, BroadcastToOp)
        x, result = op.x, type_of(op.result)
        sizes = indices_of(e, op.attrs()["shape"], op.sizes)
        lead = result.get_num_dims() - type_of(x).get_num_dims()
        for axis, (size, static) in enumerate(zip(sizes, op.attrs()["shape"], strict=True)):
            if static == DYNAMIC and may_be_negative(size):
                check_size(e, size, f"broadcast_to: expected a size of 0 or more for axis {axis}, got {{0}}")
        targets = {}
        for axis, size in enumerate(shape_of(type_of(x))):
            target = sizes[lead + axis]
            targets[axis] = target, root_of_index(target) == size_root(x, axis)
            if size not in (1, DYNAMIC) and not targets[axis][1]:
                check_equal(e, target, e.index(size), f"broadcast_to: axis {axis} became {{0}}, but its size is {{1}}")
        if x.type == result and all(known for _, known in targets.values()):
            return [x]
        x = settled(e, x, targets, "broadcast_to")
        axes = [None if size == 1 else lead + axis for axis, size in enumerate(shape_of(type_of(x)))]
        rank = result.get_num_dims()
        maps = [projection(rank, axes), identity(rank)]
        return generic(e, [x], [empty(e, result, sizes)], maps, [PARALLEL] * rank, lambda _, element, __: element)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Expand`."""
        x, *sizes = call.inputs
        shape = onnx_vector(g, call.attrs["shape"], sizes)
        result = g.node("Expand", [x, shape])
        own = shape_of(call.input_types[0])
        if g.exact and any(size != 1 for size in own) and (sizes or DYNAMIC in own):
            message = f"broadcast_to: expected a tensor that broadcasts to {shape_text(call.attrs['shape'])}"
            check_all(g, g.node("Equal", [g.node("Shape", [result]), shape]), message)
        return [result]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A shape and one that broadcasts to it; some sizes at run time."""
        shape = list(s.shape())
        source = tuple(1 if s.boolean() else size for size in shape)[s.integer(0, len(shape)) :]
        sizes = []
        for axis, size in enumerate(shape):
            if s.boolean():
                sizes.append(np.array(size, s.choice(INTS)))
                shape[axis] = DYNAMIC
        return Sample((s.array(source, s.choice(ALL)), *sizes), {"shape": tuple(shape)})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """Axes of size 1 behind the batch, where the result has more than the operand; then the same."""
        return sized(b, b.insert_axes(b.full(0), 1, len(b.attrs["shape"]) - b.rank(0)))


class ComposeTransposes(RewritePattern):
    """Two transposes are one; one that moves no axis is none."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Compose the permutations."""
        assert isinstance(op, TransposeOp)
        perm, inner = op.attrs()["perm"], op.x.owner
        if perm == tuple(range(len(perm))) and op.x.type == op.result.type:
            rewriter.replace(op, [], [op.x])
        elif isinstance(inner, TransposeOp):
            first = inner.attrs()["perm"]
            composed = {"perm": tuple(first[axis] for axis in perm)}
            rewriter.replace(op, TransposeOp.build_for(op, [inner.x], composed))


@irdl_op_definition
class TransposeOp(HLOp):
    """`x` with its axes in another order: axis `i` of the result is axis `perm[i]` of `x`.

    C1: `perm` has each axis of `x` once.

    Definition: NumPy `transpose`.
    """

    name = "hl.transpose"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    COMMON: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (ComposeTransposes,)

    x = operand_def(TensorType[Attribute])
    perm = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The operand's sizes in the other order."""
        shape, perm = shape_of(types[0]), attrs["perm"]
        if sorted(perm) != list(range(len(shape))):
            raise InferenceError("C1", f"perm {list(perm)} is no order of the axes of shape {shape_text(shape)}")
        return [tensor_type([shape[axis] for axis in perm], dtype_of(types[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's transpose."""
        return (np.transpose(operands[0], attrs["perm"]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy` with the axes put back."""
        perm = call.attrs["perm"]
        return [m.transpose(dy, [perm.index(axis) for axis in range(len(perm))])]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.generic` that reads `x` through the permutation."""
        assert isinstance(op, TransposeOp)
        perm, sizes = op.attrs()["perm"], dims(e, op.x)
        rank = len(perm)
        init = empty(e, type_of(op.result), [sizes[axis] for axis in perm])
        maps = [projection(rank, [perm.index(axis) for axis in range(rank)]), identity(rank)]
        return generic(e, [op.x], [init], maps, [PARALLEL] * rank, lambda _, element, __: element)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Transpose`."""
        if not call.attrs["perm"]:
            return [g.node("Identity", call.inputs)]
        return [g.node("Transpose", call.inputs, perm=list(call.attrs["perm"]))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape, any order; often one that takes three axes round, which is not its own inverse."""
        x = s.array(s.shape(min_rank=3) if s.boolean() else s.shape(), s.choice(ALL))
        left, perm = list(range(x.ndim)), []
        if x.ndim == 3 and s.boolean():
            return Sample((x,), {"perm": (1, 2, 0)})
        while left:
            perm.append(left.pop(s.integer(0, len(left) - 1)))
        return Sample((x,), {"perm": tuple(perm)})

    @classmethod
    def batch(cls, b: BatchCall) -> Results:
        """The batch stays first."""
        return b.apply(b.operands[0], perm=(0, *(axis + 1 for axis in b.attrs["perm"])))


class UndoReverse(RewritePattern):
    """Two reversals of the same axes are none, as is one of no axes."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Take the first operand."""
        assert isinstance(op, ReverseOp)
        inner = op.x.owner
        if not op.attrs()["axes"]:
            same = op.x
        elif isinstance(inner, ReverseOp) and set(inner.attrs()["axes"]) == set(op.attrs()["axes"]):
            same = inner.x
        else:
            return
        if same.type == op.result.type:
            rewriter.replace(op, [], [same])


@irdl_op_definition
class ReverseOp(HLOp):
    """`x` with the order of its elements reversed along `axes`.

    C1: `axes` are different axes of `x`.

    Definition: NumPy `flip`.
    """

    name = "hl.reverse"
    decompose = by_parts
    CHEAP: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (UndoReverse,)

    x = operand_def(TensorType[Attribute])
    axes = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = shifted("axes")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The operand's type."""
        shape, axes = shape_of(types[0]), attrs["axes"]
        if len(set(axes)) < len(axes) or any(not 0 <= axis < len(shape) for axis in axes):
            raise InferenceError("C1", f"axes {list(axes)} are not different axes of shape {shape_text(shape)}")
        return [types[0]]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's flip."""
        return (np.array(np.flip(operands[0], attrs["axes"])),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy`, reversed too."""
        return [m.reverse(dy, list(call.attrs["axes"]))]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A `linalg.generic` that reads from the other end."""
        assert isinstance(op, ReverseOp)
        return [reversed_along(e, op.x, op.attrs()["axes"])]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Slice` in steps of -1."""
        axes = call.attrs["axes"]
        if not axes:
            return [g.node("Identity", call.inputs)]
        bounds = [np.full(len(axes), value, np.int64) for value in (-1, np.iinfo(np.int64).min)]
        names = [*map(g.constant, bounds), g.constant(np.array(axes, np.int64)), g.constant(bounds[0])]
        return [g.node("Slice", [*call.inputs, *names])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any shape, any axes."""
        x = s.array(s.shape(), s.choice(ALL))
        return Sample((x,), {"axes": tuple(axis for axis in range(x.ndim) if s.boolean())})


def reversed_along(e: Emitter, x: SSAValue, axes: Sequence[int]) -> SSAValue:
    """`x` read from the other end along `axes`."""
    if not axes:
        return x
    last = {axis: e.value(arith.SubiOp(dim(e, x, axis), e.index(1))) for axis in axes}

    def place(inner: Emitter, indices: list[SSAValue]) -> tuple[SSAValue, Sequence[SSAValue]]:
        for axis, end in last.items():
            indices[axis] = inner.value(arith.SubiOp(end, indices[axis]))
        return x, indices

    return gathered(e, type_of(x), dims(e, x), place)


class ConcatOfOne(RewritePattern):
    """One tensor alone is not changed."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Replace by the operand."""
        if len(op.operands) == 1 and op.operands[0].type == op.results[0].type:
            rewriter.replace(op, [], [op.operands[0]])


@irdl_op_definition
class ConcatOp(HLOp):
    """The operands one after the other along `axis`.

    C1: there is an operand; all have one dtype and the same number of axes, of which `axis` is one.
    C2: along all other axes the sizes agree; checked at run time where unknown before.

    Definition: NumPy `concatenate`.
    """

    name = "hl.concat"
    decompose = by_parts
    COMMON: ClassVar[bool] = True
    KEEPS_VALUES: ClassVar[bool] = True
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (ConcatOfOne,)

    values = var_operand_def(TensorType[Attribute])
    axis = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = shifted("axis")

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The sum of the sizes along `axis`, the common size along the others."""
        shapes, axis = [shape_of(type_) for type_ in types], attrs["axis"]
        shown = " and ".join(map(shape_text, shapes)) or "nothing"
        dtypes = {dtype_of(type_).name: None for type_ in types}
        if len(dtypes) > 1:
            raise DTypeError("C1", f"expected one dtype, got {' and '.join(dtypes)}")
        if len({len(shape) for shape in shapes}) != 1 or not 0 <= axis < len(shapes[0]):
            raise InferenceError("C1", f"expected shapes of one length that have axis {axis}, got {shown}")
        result = []
        for position, sizes in enumerate(zip(*shapes, strict=True)):
            known = set(sizes) - {DYNAMIC}
            if position == axis:
                result.append(DYNAMIC if DYNAMIC in sizes else sum(sizes))
            elif len(known) > 1:
                raise InferenceError("C2", f"shapes {shown} do not agree along axis {position}")
            else:
                result.append(next(iter(known), DYNAMIC))
        return [tensor_type(result, dtype_of(types[0]))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's concatenate."""
        return (np.concatenate(operands, attrs["axis"]),)

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dy: Value) -> Gradients:
        """`dy`, cut in pieces again."""
        axis = call.attrs["axis"]
        return m.split(dy, [m.size_along(x, axis) for x in call.inputs], axis)

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """`tensor.concat`."""
        assert isinstance(op, ConcatOp)
        axis, first = op.attrs()["axis"], op.values[0]
        for value in op.values[1:]:
            for other in range(type_of(first).get_num_dims()):
                if other != axis:
                    message = f"concat: axis {other} has sizes {{0}} and {{1}}, which must agree"
                    check_same_size(e, value, other, first, other, message)
        result = type_of(op.result)
        if shape_of(result)[axis] == DYNAMIC and len(op.values) > 1:
            sizes = dims(e, first)
            for value in op.values[1:]:
                sizes[axis] = e.value(arith.AddiOp(sizes[axis], dim(e, value, axis)))
            check_extent(e, result, sizes)
        return [e.value(tensor.ConcatOp(op.values, axis, result))]

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`Concat`, which takes empty tensors of any shape where sizes have to agree."""
        (first, *others), axis = call.inputs, call.attrs["axis"]
        pairs = [(a, a) for a in range(len(shape_of(call.input_types[0]))) if a != axis]
        for other, type_ in zip(others, call.input_types[1:], strict=True):
            types = (call.input_types[0], type_)
            check_same_sizes(g, (first, other), types, pairs, "concat: sizes of the other axes must agree")
        return [g.node("Concat", call.inputs, axis=call.attrs["axis"])]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """One to three tensors that differ along the axis."""
        shape, dtype = list(s.shape(min_rank=1)), s.choice(ALL)
        axis = s.integer(0, len(shape) - 1)
        values = []
        for number in range(s.integer(1, 3)):
            shape[axis] = s.integer(0, 3) if number else shape[axis]
            values.append(s.array(shape, dtype))
        return Sample(tuple(values), {"axis": axis})
