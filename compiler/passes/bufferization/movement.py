"""Ops that make tensors and move elements."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from xdsl.dialects import arith, bufferization, memref, scf, tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    AffineMapAttr,
    ArrayAttr,
    DenseArrayBase,
    IndexType,
    IntegerType,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    TensorType,
    i64,
)
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.dialects.linalg.ops import FillOp, GenericOp
from xdsl.ir import Block, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.rewriter import Rewriter as IRRewriter

from ....dialects.emitter import Emitter
from ....dialects.hl.rules.linalg_builder import fill_op
from .order import Use
from .placement import overwritten_while_read
from .rewriter import Handler, Rewriter
from .storage import Buffer, is_row_major, memref_of, subview_type


def _shape(value: SSAValue) -> tuple[int, ...]:
    assert isinstance(value.type, TensorType)
    return value.type.get_shape()


def _rewrite_empty(r: Rewriter, op: tensor.EmptyOp) -> None:
    r.drop(op)


def _rewrite_alloc(r: Rewriter, op: bufferization.AllocTensorOp) -> None:
    e = Emitter.before(op)
    sizes = r.dynamic_sizes(e, op.copy) if op.copy else list(op.dynamic_sizes)
    memory = r.fresh(e, op, op.tensor, lambda: sizes)
    if op.copy is not None:
        r.copy(e, op.copy, memory)
    r.drop(op)


def _rewrite_constant(r: Rewriter, op: arith.ConstantOp) -> None:
    if isinstance(op.result.type, TensorType):
        r.drop(op)


def _rewrite_extract(r: Rewriter, op: tensor.ExtractOp) -> None:
    value = Emitter.before(op).value(memref.LoadOp.get(r.read(op.tensor), list(op.indices)))
    value.name_hint = op.result.name_hint
    op.result.replace_all_uses_with(value)
    IRRewriter.erase_op(op)


def _rewrite_insert(r: Rewriter, op: tensor.InsertOp) -> None:
    e = Emitter.before(op)
    memory = r.output(e, Use(op, 1), op.result)
    e.add(memref.StoreOp.get(op.scalar, memory, list(op.indices)))
    r.drop(op)


def _rewrite_from_elements(r: Rewriter, op: tensor.FromElementsOp) -> None:
    e = Emitter.before(op)
    memory = r.fresh(e, op, op.result, list)
    shape = _shape(op.result)
    numbers = [e.index(number) for number in range(max(shape, default=0))]
    for element, where in zip(op.elements, product(*(range(size) for size in shape)), strict=True):
        e.add(memref.StoreOp.get(element, memory, [numbers[i] for i in where]))
    r.drop(op)


def _rewrite_splat(r: Rewriter, op: tensor.SplatOp) -> None:
    e = Emitter.before(op)
    memory = r.fresh(e, op, op.result, lambda: list(op.dynamicSizes))
    e.add(fill_op(op.input, memory))
    r.drop(op)


def _rewrite_cast(r: Rewriter, op: tensor.CastOp) -> None:
    e = Emitter.before(op)
    source = r.buffer(op.source)
    type_ = MemRefType(source.type.element_type, _shape(op.dest), source.type.layout)
    same = type_ == source.type
    view = source.memref if same else e.value(memref.CastOp.get(source.memref, type_))
    r.place(op.dest, Buffer(view, source.storage))
    r.drop(op)


def _rewrite_extract_slice(r: Rewriter, op: tensor.ExtractSliceOp) -> None:
    """A part is a view, unless what it is a part of is written while the part is still read: then it is copied."""
    e = Emitter.before(op)
    part = r.part(e, r.buffer(op.source), op, op.result.type)
    if overwritten_while_read(r, op.result, part.storage):
        sizes = [e.value(memref.DimOp(part.memref, e.index(axis))) for axis in _open_axes(op.result)]
        memory = r.fresh(e, op, op.result, lambda: sizes)
        e.add(memref.CopyOp(part.memref, memory))
    else:
        r.place(op.result, part)
    r.drop(op)


def _open_axes(value: SSAValue) -> list[int]:
    return [axis for axis, size in enumerate(_shape(value)) if size == DYNAMIC_INDEX]


def _rewrite_insert_slice(r: Rewriter, op: tensor.InsertSliceOp) -> None:
    e = Emitter.before(op)
    if op in r.placed:
        whole, part = r.placed[op]
        r.copy(e, op.source, part)
        r.place(op.result, whole)
        r.drop(op)
        return
    memory = r.output(e, Use(op, 1), op.result)
    part = r.part(e, Buffer(memory, r.buffers[op.result].storage), op, op.source.type)
    r.copy(e, op.source, part.memref)
    r.drop(op)


def _row_major(r: Rewriter, e: Emitter, value: SSAValue) -> Buffer:
    """A tensor in row-major memory: where it lives, or a copy."""
    source = r.buffer(value)
    if is_row_major(source.memref):
        return source
    copy = r.own(e, memref_of(value.type), r.dynamic_sizes(e, value))
    e.add(memref.CopyOp(source.memref, copy.memref))
    return copy


def _rewrite_collapse(r: Rewriter, op: tensor.CollapseShapeOp) -> None:
    e = Emitter.before(op)
    units = _without_units(r, op)
    if units is not None:
        r.place(op.result, Buffer(e.value(units), r.buffer(op.src).storage))
        r.drop(op)
        return
    source = _row_major(r, e, op.src)
    view = memref.CollapseShapeOp(
        operands=[source.memref],
        result_types=[memref_of(op.result.type)],
        properties={"reassociation": op.reassociation},
    )
    r.place(op.result, Buffer(e.value(view), source.storage))
    r.drop(op)


def _without_units(r: Rewriter, op: tensor.CollapseShapeOp) -> memref.SubviewOp | None:
    """A view of a part that is not row-major without some axes of size 1, where these are all that is collapsed."""
    source, sizes, shape = r.buffer(op.src), _shape(op.src), _shape(op.result)
    only_units = [size for size in sizes if size != 1] == [size for size in shape if size != 1]
    if is_row_major(source.memref) or not only_units or DYNAMIC_INDEX in sizes:
        return None
    zeros, ones = [0] * len(sizes), [1] * len(sizes)
    type_ = subview_type(source.type, zeros, sizes, ones, shape)
    offsets, counts, strides = (DenseArrayBase.from_list(i64, numbers) for numbers in (zeros, sizes, ones))
    return memref.SubviewOp(source.memref, [], [], [], offsets, counts, strides, type_)


def _rewrite_expand(r: Rewriter, op: tensor.ExpandShapeOp) -> None:
    e = Emitter.before(op)
    source = _row_major(r, e, op.src)
    view = memref.ExpandShapeOp(
        operands=[source.memref, list(op.dynamic_output_shape)],
        result_types=[memref_of(op.result.type)],
        properties={"reassociation": op.reassociation, "static_output_shape": op.static_output_shape},
    )
    r.place(op.result, Buffer(e.value(view), source.storage))
    r.drop(op)


def _rewrite_reshape(r: Rewriter, op: tensor.ReshapeOp) -> None:
    """The same memory with other sizes, and the strides that follow from them."""
    e = Emitter.before(op)
    source = _row_major(r, e, op.source)
    shape = _shape(op.result)
    sizes: list[int | SSAValue] = []
    for axis, size in enumerate(shape):
        sizes.append(size if size != DYNAMIC_INDEX else _loaded_size(r, e, op.shape, axis))
    strides: list[int | SSAValue] = []
    stride: int | SSAValue = 1
    for size in reversed(sizes):
        strides.insert(0, stride)
        stride = _times(e, stride, size)
    view = memref.ReinterpretCastOp.from_dynamic(source.memref, [0], sizes, strides, memref_of(op.result.type))
    r.place(op.result, Buffer(e.value(view), source.storage))
    r.drop(op)


def _loaded_size(r: Rewriter, e: Emitter, shape: SSAValue, axis: int) -> SSAValue:
    size = e.value(memref.LoadOp.get(r.read(shape), [e.index(axis)]))
    return size if isinstance(size.type, IndexType) else e.value(arith.IndexCastOp(size, IndexType()))


def _times(e: Emitter, a: int | SSAValue, b: int | SSAValue) -> int | SSAValue:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if a == 1 or b == 1:
        return b if a == 1 else a
    left, right = (e.index(value) if isinstance(value, int) else value for value in (a, b))
    return e.value(arith.MuliOp(left, right))


def _window(
    e: Emitter, whole: SSAValue, offsets: Sequence[int | SSAValue], sizes: Sequence[int | SSAValue]
) -> SSAValue:
    """The part of row-major memory at `offsets`."""
    assert isinstance(whole.type, MemRefType)
    rank = len(offsets)
    layout = whole.type.layout
    strides = whole.type.get_strides()
    assert isinstance(layout, NoneAttr | StridedLayoutAttr) and strides is not None
    type_ = memref.SubviewOp.infer_result_type(whole.type, offsets, sizes, [1] * rank)
    return e.value(memref.SubviewOp.get(whole, offsets, sizes, [1] * rank, type_))


def _known(value: SSAValue, axis: int, size: SSAValue) -> int | SSAValue:
    static = _shape(value)[axis]
    return size if static == DYNAMIC_INDEX else static


def _rewrite_concat(r: Rewriter, op: tensor.ConcatOp) -> None:
    e = Emitter.before(op)
    axis = op.dim.value.data
    rank = len(_shape(op.result))
    each = [
        [r.size(e, v, i) if _shape(v)[i] == DYNAMIC_INDEX else _shape(v)[i] for i in range(rank)] for v in op.inputs
    ]
    offsets: list[int | SSAValue] = [0]
    for sizes in each:
        offsets.append(_plus(e, offsets[-1], sizes[axis]))

    def total() -> list[SSAValue]:
        sizes = [*each[0][:axis], offsets[-1], *each[0][axis + 1 :]]
        return [e.index(n) if isinstance(n := sizes[i], int) else n for i in _open_axes(op.result)]

    memory = r.fresh(e, op, op.result, total)
    for value, start, sizes in zip(op.inputs, offsets[:-1], each, strict=True):
        where: list[int | SSAValue] = [0] * rank
        where[axis] = start
        r.copy(e, value, _window(e, memory, where, sizes))
    r.drop(op)


def _plus(e: Emitter, a: int | SSAValue, b: int | SSAValue) -> int | SSAValue:
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    left, right = (e.index(value) if isinstance(value, int) else value for value in (a, b))
    return e.value(arith.AddiOp(left, right))


def _mixed(attr: DenseArrayBase[IntegerType], dynamic: Sequence[SSAValue]) -> list[int | SSAValue]:
    values = iter(dynamic)
    return [next(values) if n == DYNAMIC_INDEX else int(n) for n in attr.get_values()]


def _rewrite_pad(r: Rewriter, op: tensor.PadOp) -> None:
    """The border everywhere, then the source over it."""
    e = Emitter.before(op)
    low, high = _mixed(op.static_low, op.low), _mixed(op.static_high, op.high)
    rank = len(low)
    inner = [_known(op.source, i, r.size(e, op.source, i)) for i in range(rank)]

    def sizes() -> list[SSAValue]:
        totals = [_plus(e, _plus(e, low[i], inner[i]), high[i]) for i in _open_axes(op.result)]
        return [e.index(n) if isinstance(n, int) else n for n in totals]

    memory = r.fresh(e, op, op.result, sizes)
    _fill_border(r, e, op, memory)
    r.copy(e, op.source, _window(e, memory, low, inner))
    r.drop(op)


def _fill_border(r: Rewriter, e: Emitter, op: tensor.PadOp, memory: SSAValue) -> None:
    block = op.region.block
    last = block.last_op
    assert isinstance(last, tensor.YieldOp)
    value = last.operands[0]
    if value.owner is not block and (isinstance(value.owner, Block) or value.owner.parent is not block):
        e.add(fill_op(value, memory))
        return
    if isinstance(value.owner, arith.ConstantOp):
        e.add(FillOp([e.value(arith.ConstantOp(value.owner.value))], [memory], ()))
        return
    _border_by_index(r, e, op, memory)


def _border_by_index(r: Rewriter, e: Emitter, op: tensor.PadOp, memory: SSAValue) -> None:
    """A border computed from the indices of its elements."""
    from xdsl.dialects.linalg.ops import IndexOp, YieldOp

    block = op.region.block
    rank = len(block.args)
    r.run_block(block)
    body = Block(arg_types=[memref_of(op.result.type).element_type])
    inner = e.at_end(body)
    for axis, arg in enumerate(block.args):
        arg.replace_all_uses_with(inner.value(IndexOp(axis)))
    last = block.last_op
    assert last is not None
    value = last.operands[0]
    for nested in list(block.ops):
        if nested is not last:
            nested.detach()
            inner.add(nested)
    inner.add(YieldOp(value))
    e.add(
        GenericOp(
            inputs=[],
            outputs=[memory],
            body=Region(body),
            indexing_maps=[AffineMapAttr(AffineMap.identity(rank))],
            iterator_types=ArrayAttr([IteratorTypeAttr.parallel()] * rank),
        )
    )


def _rewrite_select(r: Rewriter, op: arith.SelectOp) -> None:
    """A choice between tensors copies the chosen one."""
    if not isinstance(op.result.type, TensorType):
        return
    e = Emitter.before(op)

    def sizes() -> list[SSAValue]:
        pairs = zip(r.dynamic_sizes(e, op.lhs), r.dynamic_sizes(e, op.rhs), strict=True)
        return [e.value(arith.SelectOp(op.cond, a, b)) for a, b in pairs]

    memory = r.fresh(e, op, op.result, sizes)
    branches = []
    for value in (op.lhs, op.rhs):
        branches.append(Block())
        inner = e.at_end(branches[-1])
        r.copy(inner, value, memory)
        inner.add(scf.YieldOp())
    e.add(scf.IfOp(op.cond, [], [branches[0]], [branches[1]]))
    r.drop(op)


HANDLERS: dict[type, Handler] = {
    tensor.EmptyOp: _rewrite_empty,
    bufferization.AllocTensorOp: _rewrite_alloc,
    arith.ConstantOp: _rewrite_constant,
    tensor.ExtractOp: _rewrite_extract,
    tensor.InsertOp: _rewrite_insert,
    tensor.FromElementsOp: _rewrite_from_elements,
    tensor.SplatOp: _rewrite_splat,
    tensor.CastOp: _rewrite_cast,
    tensor.ExtractSliceOp: _rewrite_extract_slice,
    tensor.InsertSliceOp: _rewrite_insert_slice,
    tensor.CollapseShapeOp: _rewrite_collapse,
    tensor.ExpandShapeOp: _rewrite_expand,
    tensor.ReshapeOp: _rewrite_reshape,
    tensor.ConcatOp: _rewrite_concat,
    tensor.PadOp: _rewrite_pad,
    arith.SelectOp: _rewrite_select,
}
"""How each op is rewritten."""
