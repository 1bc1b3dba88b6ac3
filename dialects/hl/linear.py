"""Linear algebra: products of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.linalg.ops import MatmulOp as LinalgMatmulOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from ..dtypes import FLOAT64, INT8, INT32, UINT8, dtype_of
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, HLOp, InferenceError, Types
from .rules.batching import elementwise_batch
from .rules.elementwise import broadcast_shapes, is_float, shape_text
from .rules.facets import Attrs, OnnxGraph, OpCall, Sample, Sampler
from .rules.float_sums import DEPTH, float_matmul
from .rules.functions import Functions, Gradients, Value
from .rules.linalg_builder import PARALLEL, REDUCTION, dim, filled, generic, projection, type_of
from .rules.movement_lowering import check_same_size, settled
from .rules.pairs import Pair, Part, Real, rebuilt
from .rules.sizes.roots import size_root


class FoldTransposeIntoMatmul(RewritePattern):
    """A product with a matrix that was transposed reads it the other way round."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter, /) -> None:
        """Take the operand of the transpose, with the flag turned."""
        assert isinstance(op, MatmulOp)
        attrs = op.attrs()
        operands, changed = list(op.operands), False
        for index, flag in enumerate(("transpose_a", "transpose_b")):
            source = operands[index].owner
            if isinstance(source, Operation) and source.name == "hl.transpose" and isinstance(source, HLOp):
                perm = source.attrs()["perm"]
                rank = len(perm)
                if perm == (*range(rank - 2), rank - 1, rank - 2):
                    operands[index], attrs[flag], changed = source.operands[0], not attrs[flag], True
        if changed:
            rewriter.replace(op, MatmulOp.build_for(op, operands, attrs))


_COMPILED_FROM = 2**22
"""For as many products of integers NumPy takes 6 ms or more, compiled code 0.2 ms."""


@irdl_op_definition
class MatmulOp(HLOp):
    """The products of the matrices in the last two axes of `x` and `y`; the axes before broadcast.

    With `transpose_a` the matrices of `x` are transposed first, with `transpose_b` those of `y`. A sum of no products
    is 0; integers wrap around.

    C1: `x` and `y` have at least 2 axes; the columns of `x` are as many as the rows of `y`; the axes before the last
        two broadcast as NumPy's do.
    C2: `x` and `y` have one dtype: {dtypes}.

    Definition: NumPy `matmul`. The order in which floats are added is not defined.
    """

    name = "hl.matmul"
    COMMON: ClassVar[bool] = True
    EXACT: ClassVar[bool] = False
    ADDS: ClassVar[str] = "products"
    CANONICALIZATIONS: ClassVar[tuple[type[RewritePattern], ...]] = (FoldTransposeIntoMatmul,)

    x = operand_def(TensorType[Attribute])
    y = operand_def(TensorType[Attribute])
    transpose_a = prop_def(Attribute)
    transpose_b = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    batch = elementwise_batch

    @classmethod
    def decompose(cls, e: Emitter, op: Operation, operands: Sequence[Part]) -> Sequence[Part]:
        """The products of the parts."""
        x, y = operands
        assert isinstance(x, Pair) and isinstance(y, Pair)

        def of(first: Real, second: Real) -> Real:
            return rebuilt(e, op, [first, second])[0]

        real = of(x.real, y.real) - of(x.imaginary, y.imaginary)
        return [Pair(real, of(x.real, y.imaginary) + of(x.imaginary, y.real))]

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The broadcast axes, the rows of `x`, the columns of `y`."""
        (a, b), (x, y) = map(dtype_of, types), map(shape_of, types)
        if a != b or not cls.takes(a):
            allowed = ", ".join(d.name for d in cls.accepted())
            raise DTypeError("C2", f"expected one dtype of {allowed}, got {a.name} and {b.name}")
        if len(x) < 2 or len(y) < 2:
            raise InferenceError("C1", f"expected matrices (2 axes or more), got {shape_text(x)} and {shape_text(y)}")
        rows, inner = (x[-1], x[-2]) if attrs["transpose_a"] else (x[-2], x[-1])
        other, columns = (y[-1], y[-2]) if attrs["transpose_b"] else (y[-2], y[-1])
        if inner != other and DYNAMIC not in (inner, other):
            flags = f"transpose_a={attrs['transpose_a']}, transpose_b={attrs['transpose_b']}"
            text = f"shapes {shape_text(x)} and {shape_text(y)} ({flags}) have no product: {inner} is not {other}"
            raise InferenceError("C1", text)
        return [tensor_type((*broadcast_shapes([x[:-2], y[:-2]]), rows, columns), a)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's matmul."""
        x, y = operands
        x = np.swapaxes(x, -1, -2) if attrs["transpose_a"] else x
        y = np.swapaxes(y, -1, -2) if attrs["transpose_b"] else y
        with np.errstate(all="ignore"):
            return (float_matmul(x, y),)

    @classmethod
    def compiled_gain(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> float:
        """Much for many products of integers, of which NumPy computes one at a time."""
        x, y = operands
        columns = y.shape[-2 if attrs["transpose_b"] else -1]
        return inf if dtype_of(x).is_integer and x.size * columns >= _COMPILED_FROM else 0.0

    @classmethod
    def gradient(cls, m: Functions, call: OpCall, dz: Value) -> Gradients:
        """Products of `dz` with the conjugate of the other operand, summed over the axes that were broadcast."""
        x, y = map(m.conj, call.inputs)
        ta, tb = call.attrs["transpose_a"], call.attrs["transpose_b"]
        if ta:
            dx = m.matmul(y, dz, transpose_a=tb, transpose_b=True)
        else:
            dx = m.matmul(dz, y, transpose_b=not tb)
        if tb:
            dy = m.matmul(dz, x, transpose_a=True, transpose_b=ta)
        else:
            dy = m.matmul(x, dz, transpose_a=not ta)
        if len(x.shape) == 2 and len(y.shape) == 2:
            return [dx, dy]
        return [m.sum_to_shape_of(dx, x), m.sum_to_shape_of(dy, y)]

    @classmethod
    def lower(cls, e: Emitter, op: Operation) -> Sequence[SSAValue]:
        """A fill with 0, and `linalg.matmul` for two plain matrices of floats, else a contraction as `linalg.generic`.

        Extensions of narrow integers are fused into the latter.
        """
        assert isinstance(op, MatmulOp)
        x, y, result = op.x, op.y, type_of(op.result)
        attrs = op.attrs()
        ta, tb = attrs["transpose_a"], attrs["transpose_b"]
        rank_x, rank_y, rank = (type_of(v).get_num_dims() for v in (x, y, op.result))
        row, inner = (rank_x - 1, rank_x - 2) if ta else (rank_x - 2, rank_x - 1)
        other, column = (rank_y - 1, rank_y - 2) if tb else (rank_y - 2, rank_y - 1)
        check_same_size(e, x, inner, y, other, "matmul: x has {0} columns, y has {1} rows")
        x, y, sizes = _batches(e, x, y, result)
        sizes += [dim(e, x, row), dim(e, y, column)]
        init = filled(e, e.constant(0, result.element_type), result, sizes)
        if rank_x == rank_y == 2 and not ta and not tb and is_float(x):
            return [e.value(LinalgMatmulOp([x, y], [init]))]
        m, n, k = rank - 2, rank - 1, rank
        maps = [
            projection(rank + 1, [*_batch_axes(x, rank), *((k, m) if ta else (m, k))]),
            projection(rank + 1, [*_batch_axes(y, rank), *((n, k) if tb else (k, n))]),
            projection(rank + 1, range(rank)),
        ]
        return generic(e, [x, y], [init], maps, [PARALLEL] * rank + [REDUCTION], multiply_add)

    @classmethod
    def onnx(cls, g: OnnxGraph, call: OpCall) -> Sequence[str]:
        """`MatMul`, after `Transpose`; of float32 in float64, where many products are added and it has to be exact.

        Products of int32 that were int8 or uint8 are `MatMulInteger`.
        """
        names, dtype = list(call.inputs), dtype_of(call.input_types[0])
        sources = [g.before_cast(name) for name in names]
        narrow = dtype == INT32 and all(g.dtype_of(name) in (INT8, UINT8) for name in sources)
        names = sources if narrow else names
        for index, flag in enumerate(("transpose_a", "transpose_b")):
            if call.attrs[flag]:
                rank = len(shape_of(call.input_types[index]))
                names[index] = g.node("Transpose", [names[index]], perm=[*range(rank - 2), rank - 1, rank - 2])
        if narrow:
            return [g.node("MatMulInteger", names)]
        shape = shape_of(call.input_types[0])
        if g.exact and dtype == np.float32 and shape[-2 if call.attrs["transpose_a"] else -1] > 2 * DEPTH:
            wide = [g.cast(name, FLOAT64) for name in names]
            return [g.cast(g.node("MatMul", wide), dtype)]
        return [g.node("MatMul", names)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Small whole numbers, so that sums are exact in any order; either operand's shape is drawn first."""
        dtype, first, ta, tb = s.choice(cls.DTYPES), s.shape(min_rank=2), s.boolean(), s.boolean()
        given = s.integer(0, 1)
        transposed = (ta, tb)[given] != bool(given)
        inner, (outer,) = first[-2 if transposed else -1], s.shape(min_rank=1, max_rank=1)
        batch = tuple(1 if s.boolean() else size for size in first[:-2])[s.integer(0, len(first) - 2) :]
        columns_first = (tb, ta)[given] != bool(given)
        other = (*batch, *((outer, inner) if columns_first else (inner, outer)))
        operands = (s.whole(first, dtype), s.whole(other, dtype))
        return Sample(operands[::-1] if given else operands, {"transpose_a": ta, "transpose_b": tb})


def multiply_add(e: Emitter, x: SSAValue, y: SSAValue, total: SSAValue) -> SSAValue:
    """`total + x * y` on scalars."""
    if is_float(x):
        return e.value(arith.AddfOp(total, e.value(arith.MulfOp(x, y))))
    return e.value(arith.AddiOp(total, e.value(arith.MuliOp(x, y))))


def _batch_axes(x: SSAValue, rank: int) -> list[int | None]:
    """The loops that walk the axes of `x` before its matrices; `None` where the size is 1."""
    shape = shape_of(type_of(x))
    lead = rank - len(shape)
    return [None if size == 1 else lead + axis for axis, size in enumerate(shape[:-2])]


def _batches(
    e: Emitter, x: SSAValue, y: SSAValue, result: TensorType[Attribute]
) -> tuple[SSAValue, SSAValue, list[SSAValue]]:
    """The operands with their batch axes settled, and the sizes of these axes in the result."""
    rank = result.get_num_dims()
    sizes: list[SSAValue] = []
    targets: dict[SSAValue, dict[int, tuple[SSAValue, bool]]] = {x: {}, y: {}}
    for axis in range(rank - 2):
        owners = [(v, axis - rank + type_of(v).get_num_dims()) for v in (x, y)]
        owners = [(v, own) for v, own in owners if own >= 0 and shape_of(type_of(v))[own] != 1]
        roots = {size_root(v, own) for v, own in owners}
        static = shape_of(result)[axis]
        size = e.index(static) if static != DYNAMIC else _dynamic_size(e, owners)
        sizes.append(size)
        for v, own in owners:
            targets[v][own] = (size, len(roots) == 1)
    settled_x = settled(e, x, targets[x], "matmul")
    return settled_x, settled_x if x is y else settled(e, y, targets[y], "matmul"), sizes


def _dynamic_size(e: Emitter, owners: Sequence[tuple[SSAValue, int]]) -> SSAValue:
    """The size that is not 1 of up to two."""
    first, *others = (dim(e, v, own) for v, own in owners)
    for other in others:
        is_one = e.value(arith.CmpiOp(first, e.index(1), "eq"))
        first = e.value(arith.SelectOp(is_one, other, first))
    return first
