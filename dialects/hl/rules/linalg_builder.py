"""Building blocks for lowering `hl` ops to `linalg`: sizes, empty tensors, generics, broadcasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from xdsl.dialects import arith, scf, tensor
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, IndexType, MemRefType, ShapedType, TensorType
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.attrs import IteratorType, IteratorTypeAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

from ...creation import empty_tensor, generic_op, linalg_yield
from ...debug import AssertOp
from ...emitter import Emitter
from ...strings import StringType
from ...types import DYNAMIC, shape_of
from .sizes.extents import check_extent
from .sizes.roots import SizeRoot, size_operand, size_root

Body = Callable[..., SSAValue | Sequence[SSAValue]]
"""Emits the scalar computation of a generic: called with an emitter and the scalars, gives the scalar results."""

PARALLEL = IteratorType.PARALLEL
REDUCTION = IteratorType.REDUCTION


def type_of(value: SSAValue) -> TensorType[Attribute]:
    """The tensor type of a value."""
    assert isinstance(value.type, TensorType)
    return value.type


def dim(e: Emitter, value: SSAValue, axis: int) -> SSAValue:
    """The size of `value` along `axis` as an `index`: a constant where it is known, else read where it is decided.

    So equal sizes are one value, and what computes `value` has no use that only asks for its size.
    """
    root = size_root(value, axis)
    if isinstance(root, int):
        return e.index(root)
    source, axis = root
    if isinstance(source.owner, tensor.EmptyOp):
        return size_operand(source.owner, axis)
    return e.value(tensor.DimOp(source, e.index(axis)))


def dims(e: Emitter, value: SSAValue) -> list[SSAValue]:
    """All sizes of `value`."""
    return [dim(e, value, axis) for axis in range(type_of(value).get_num_dims())]


def empty(e: Emitter, type_: TensorType[Attribute], sizes: Sequence[SSAValue]) -> SSAValue:
    """An uninitialised tensor; `sizes` has one `index` per dimension (those of static ones are not used).

    The program stops where the sizes are too large for a tensor.
    """
    check_extent(e, type_, sizes)
    dynamic = [size for size, static in zip(sizes, shape_of(type_), strict=True) if static == DYNAMIC]
    return e.value(empty_tensor(type_, dynamic))


def filled(e: Emitter, scalar: SSAValue, type_: TensorType[Attribute], sizes: Sequence[SSAValue]) -> SSAValue:
    """A tensor with every element equal to `scalar`."""
    out = empty(e, type_, sizes)
    return e.add(fill_op(scalar, out, [type_])).results[0]


def fill_op(scalar: SSAValue, out: SSAValue, results: Sequence[Attribute] = ()) -> Operation:
    """The op that writes a scalar everywhere: `linalg.fill`, which xDSL has for numbers only, or its body."""
    if not isinstance(scalar.type, StringType):
        return linalg.FillOp([scalar], [out], list(results))
    block = Block([linalg.YieldOp(scalar)], arg_types=[scalar.type])
    return parallel_op([], out, block, results)


def copy_op(source: SSAValue, out: SSAValue) -> linalg.GenericOp:
    """The op that copies strings from memory to memory, for which xDSL has no `linalg.copy`."""
    assert isinstance(source.type, MemRefType)
    block = Block(arg_types=[source.type.element_type] * 2)
    block.add_op(linalg.YieldOp(block.args[0]))
    return parallel_op([source], out, block)


def parallel_op(
    inputs: Sequence[SSAValue], out: SSAValue, body: Block, results: Sequence[Attribute] = ()
) -> linalg.GenericOp:
    """A `linalg.generic` that computes each element of `out` from those of the inputs at the same place."""
    assert isinstance(out.type, ShapedType)
    rank = out.type.get_num_dims()
    return linalg.GenericOp(
        inputs=list(inputs),
        outputs=[out],
        body=Region(body),
        indexing_maps=ArrayAttr([AffineMapAttr(identity(rank))] * (len(inputs) + 1)),
        iterator_types=ArrayAttr([IteratorTypeAttr(IteratorType.PARALLEL)] * rank),
        result_types=list(results),
    )


def generic(
    e: Emitter,
    inputs: Sequence[SSAValue],
    inits: Sequence[SSAValue],
    maps: Sequence[AffineMap],
    iterators: Sequence[IteratorType],
    body: Body,
) -> list[SSAValue]:
    """A `linalg.generic` on tensors; `body(emitter, *input_scalars, *init_scalars)` gives the results' scalars."""
    operands = [*inputs, *inits]
    block = Block(arg_types=[type_of(operand).element_type for operand in operands])
    inner = e.at_end(block)
    results = body(inner, *block.args)
    inner.add(linalg_yield(*([results] if isinstance(results, SSAValue) else results)))
    maps_attr = ArrayAttr([_map_attr(map_) for map_ in maps])
    types = [init.type for init in inits]
    return list(e.add(generic_op(inputs, inits, Region(block), maps_attr, _kinds(tuple(iterators)), types)).results)


@lru_cache(maxsize=1024)
def _kinds(iterators: tuple[IteratorType, ...]) -> ArrayAttr[IteratorTypeAttr]:
    return ArrayAttr([IteratorTypeAttr(kind) for kind in iterators])


@lru_cache(maxsize=1024)
def _map_attr(map_: AffineMap) -> AffineMapAttr:
    return AffineMapAttr(map_)


@lru_cache(maxsize=64)
def identity(rank: int) -> AffineMap:
    """The identity map."""
    return AffineMap.identity(rank)


def projection(rank: int, axes: Sequence[int | None]) -> AffineMap:
    """The map from `rank` loop dimensions to the listed ones; `None` stands for the constant 0."""
    return _projection(rank, tuple(axes))


@lru_cache(maxsize=1024)
def _projection(rank: int, axes: tuple[int | None, ...]) -> AffineMap:
    exprs: list[AffineExpr] = [AffineConstantExpr(0) if a is None else AffineDimExpr(a) for a in axes]
    return AffineMap(rank, 0, tuple(exprs))


def broadcast_sizes(e: Emitter, operands: Sequence[SSAValue], result: TensorType[Attribute]) -> list[SSAValue]:
    """The run-time sizes of what `operands` broadcast to: in each dimension the one that is not 1."""
    rank = result.get_num_dims()
    sizes: list[SSAValue] = []
    for axis, static in enumerate(shape_of(result)):
        if static != DYNAMIC:
            sizes.append(e.index(static))
            continue
        roots: dict[SizeRoot, SSAValue] = {}
        for operand in operands:
            own = axis - rank + type_of(operand).get_num_dims()
            if own >= 0 and shape_of(type_of(operand))[own] == DYNAMIC:
                root = size_root(operand, own)
                if root not in roots:
                    roots[root] = dim(e, operand, own)
        size, *others = roots.values()
        for other in others:
            is_one = e.value(arith.CmpiOp(size, e.index(1), "eq"))
            size = e.value(arith.SelectOp(is_one, other, size))
        sizes.append(size)
    return sizes


def _broadcast_map(type_: TensorType[Attribute], rank: int) -> AffineMap:
    """How an operand is read from the loops over the result: leading axes missing, axes of size 1 at 0."""
    offset = rank - type_.get_num_dims()
    return projection(rank, [None if size == 1 else offset + i for i, size in enumerate(shape_of(type_))])


def _must_stretch(e: Emitter, operand: SSAValue, sizes: Sequence[SSAValue], axes: Sequence[int]) -> SSAValue:
    """Whether any of the dynamic `axes` of `operand` is 1 where the result's size is not."""
    offset = len(sizes) - type_of(operand).get_num_dims()
    answer = None
    for axis in axes:
        differs = e.value(arith.CmpiOp(dim(e, operand, axis), sizes[offset + axis], "ne"))
        answer = differs if answer is None else e.value(arith.OrIOp(answer, differs))
    assert answer is not None
    return answer


def _stretch(e: Emitter, operand: SSAValue, sizes: Sequence[SSAValue], axes: Sequence[int]) -> SSAValue:
    """`operand` copied to the result's sizes along `axes`, which are 1 or that size already."""
    type_ = type_of(operand)
    rank, offset = type_.get_num_dims(), len(sizes) - type_.get_num_dims()
    target = [sizes[offset + i] if i in axes else dim(e, operand, i) for i in range(rank)]

    def body(inner: Emitter, _: SSAValue) -> SSAValue:
        where = []
        for axis, size in enumerate(shape_of(type_)):
            index = inner.value(linalg.IndexOp(axis))
            if axis in axes:
                is_one = inner.value(arith.CmpiOp(dim(inner, operand, axis), inner.index(1), "eq"))
                index = inner.value(arith.SelectOp(is_one, inner.index(0), index))
            where.append(inner.index(0) if size == 1 else index)
        return inner.value(tensor.ExtractOp(operand, where, type_.element_type))

    return generic(e, [], [empty(e, type_, target)], [identity(rank)], [PARALLEL] * rank, body)[0]


def _check_sizes(e: Emitter, operand: SSAValue, sizes: Sequence[SSAValue], axes: Sequence[int]) -> None:
    """Stop with an error unless each of `axes` of `operand` is 1 or the result's size."""
    offset = len(sizes) - type_of(operand).get_num_dims()
    for axis in axes:
        size, target = dim(e, operand, axis), sizes[offset + axis]
        same = e.value(arith.CmpiOp(size, target, "eq"))
        is_one = e.value(arith.CmpiOp(size, e.index(1), "eq"))
        fits = e.value(arith.OrIOp(same, is_one))
        e.add(AssertOp(fits, f"shapes do not broadcast: axis {axis} has size {{0}}, expected {{1}}", [size, target]))


def stretched(
    e: Emitter, operands: Sequence[SSAValue], result: TensorType[Attribute], sizes: Sequence[SSAValue]
) -> list[SSAValue]:
    """`operands` with every dynamic size that may turn out to be 1 settled, so that static maps can read them.

    A dynamic size is known to fit without a test when it is the only one of its axis. Otherwise the program checks at
    run time, and copies an operand only where it really has to be stretched.
    """
    rank = result.get_num_dims()
    settled = []
    for operand in operands:
        type_ = type_of(operand)
        offset = rank - type_.get_num_dims()
        axes = [
            axis
            for axis, size in enumerate(shape_of(type_))
            if size == DYNAMIC and _rivals(operands, operand, axis + offset, rank)
        ]
        if not axes:
            settled.append(operand)
            continue
        _check_sizes(e, operand, sizes, axes)
        test = _must_stretch(e, operand, sizes, axes)
        then, other = Block(), Block()
        inner = e.at_end(then)
        inner.add(scf.YieldOp(_stretch(inner, operand, sizes, axes)))
        e.at_end(other).add(scf.YieldOp(operand))
        settled.append(e.value(scf.IfOp(test, [type_], [then], [other])))
    return settled


def _rivals(operands: Sequence[SSAValue], operand: SSAValue, axis: int, rank: int) -> bool:
    """Whether another operand has a say in the size of `axis` of the result, other than one provably equal."""
    for other in operands:
        own = axis - rank + type_of(other).get_num_dims()
        mine = axis - rank + type_of(operand).get_num_dims()
        if other is operand or own < 0 or shape_of(type_of(other))[own] == 1:
            continue
        if size_root(other, own) != size_root(operand, mine):
            return True
    return False


def elementwise(e: Emitter, operands: Sequence[SSAValue], result: TensorType[Attribute], body: Body) -> SSAValue:
    """The result of applying `body` to the elements of `operands`, broadcast as NumPy does."""
    rank = result.get_num_dims()
    sizes = broadcast_sizes(e, operands, result)
    operands = stretched(e, operands, result, sizes)
    maps = [_broadcast_map(type_of(operand), rank) for operand in operands]
    init = empty(e, result, sizes)

    def without_init(inner: Emitter, *scalars: SSAValue) -> SSAValue | Sequence[SSAValue]:
        return body(inner, *scalars[:-1])

    return generic(e, operands, [init], [*maps, identity(rank)], [PARALLEL] * rank, without_init)[0]


def to_index(e: Emitter, scalar_tensor: SSAValue) -> SSAValue:
    """The element of a rank-0 integer tensor as an `index`."""
    element = e.value(tensor.ExtractOp(scalar_tensor, [], type_of(scalar_tensor).element_type))
    return e.value(arith.IndexCastOp(element, IndexType()))
