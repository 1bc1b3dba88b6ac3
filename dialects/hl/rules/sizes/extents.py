"""Checks, when a program runs, that the sizes it computes are those of a tensor that can exist.

They stand where sizes are made, not in loops. What follows from a tensor that was checked is not checked again, as long
as it is not much larger: `MAX_BYTES` is far from what 64 bits hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import IntegerAttr, TensorType, f64, i64
from xdsl.ir import Attribute, Block, SSAValue

from ....debug import AssertOp
from ....dtypes import dtype_of
from ....emitter import Emitter
from ....types import DYNAMIC, MAX_BYTES, extent, shape_of
from .roots import SizeRoot, size_root

_SAFE_GROWTH = 2**15
"""How many times the bytes of a checked tensor (`MAX_BYTES`) another may have without overflow of any size."""


def check_extent(e: Emitter, type_: TensorType[Attribute], sizes: Sequence[SSAValue]) -> None:
    """Stop the program unless a tensor with these sizes, one `index` for each dimension, has at most `MAX_BYTES`.

    Nothing is emitted where that follows from the check of another tensor.
    """
    dtype = dtype_of(type_)
    known = [size if static == DYNAMIC else static for size, static in zip(sizes, shape_of(type_), strict=True)]
    known = [_constant(size) if isinstance(size, SSAValue) else size for size in known]
    dynamic = [size for size in known if isinstance(size, SSAValue)]
    factor = extent([size for size in known if isinstance(size, int)], dtype)
    if not dynamic or any(factor <= _SAFE_GROWTH * checked for checked in _checked_factors(e, dynamic)):
        return
    places = iter(range(len(dynamic)))
    shown = ", ".join(f"{{{next(places)}}}" if isinstance(size, SSAValue) else str(size) for size in known)
    fits = _fits(e, factor, dynamic)
    e.add(AssertOp(fits, f"a tensor of shape [{shown}] of {dtype.name} is too large", dynamic))


def _fits(e: Emitter, factor: int, sizes: Sequence[SSAValue]) -> SSAValue:
    """Whether `factor` times all sizes that are not 0 is at most `MAX_BYTES`; no size is below 0."""
    if len(sizes) == 1:
        return e.value(arith.CmpiOp(sizes[0], e.index(MAX_BYTES // factor), "ule"))
    # in float64 a product cannot overflow, and is exact where that matters
    total = e.constant(float(factor), f64)
    for size in sizes:
        some = e.value(arith.MaxUIOp(size, e.index(1)))
        wide = e.value(arith.UIToFPOp(e.value(arith.IndexCastOp(some, i64)), f64))
        total = e.value(arith.MulfOp(total, wide))
    return e.value(arith.CmpfOp(total, e.constant(float(MAX_BYTES), f64), "ole"))


def _constant(size: SSAValue) -> SSAValue | int:
    """A size as a number, if it is a constant; a negative one is left to the checks of the op."""
    owner = size.owner
    if isinstance(owner, arith.ConstantOp) and isinstance(owner.value, IntegerAttr):
        return max(owner.value.value.data, 0)
    return size


def _checked_factors(e: Emitter, sizes: Sequence[SSAValue]) -> Iterator[int]:
    """By what the product of `sizes` was multiplied when it was checked, as a part of the sizes of one tensor."""
    visible, wanted = set(_blocks_around(e.point.block)), Counter(map(_decided_by, sizes))
    for op in _tensors_of(sizes[0]):
        if op.parent in visible and wanted <= Counter(map(_decided_by, op.dynamic_sizes)):
            yield _factor(op.tensor)
    roots = [_roots(size) for size in sizes]
    found = {root for of_size in roots for root in of_size}
    if all(roots) and (len(sizes) == 1 or (len(found) == len(sizes) and len({value for value, _ in found}) == 1)):
        yield min(_factor(value) for value, _ in found)


def _decided_by(size: SSAValue) -> SizeRoot | SSAValue:
    """The tensor and axis of which this is the size, or the value itself."""
    roots = _roots(size)
    return roots[0] if len(roots) == 1 else size


def _tensors_of(size: SSAValue) -> Iterator[tensor.EmptyOp]:
    """Uninitialised tensors that have a size; each was checked."""
    same, root = [size], _decided_by(size)
    if isinstance(root, tuple):
        same = [use.operation.results[0] for use in root[0].uses if isinstance(use.operation, tensor.DimOp)]
    for value in same:
        for use in value.uses:
            if isinstance(use.operation, tensor.EmptyOp):
                yield use.operation


def _blocks_around(block: Block | None) -> Iterator[Block]:
    while block is not None:
        yield block
        parent = block.parent_op()
        block = parent.parent if parent is not None else None


def _factor(value: SSAValue) -> int:
    """The bytes of a tensor divided by its dynamic sizes."""
    assert isinstance(value.type, TensorType)
    return extent(shape_of(value.type), dtype_of(value.type))


def _roots(size: SSAValue) -> list[tuple[SSAValue, int]]:
    """The tensors and axes one of whose sizes this is, each once; none where it may be something else."""
    found: dict[tuple[SSAValue, int], None] = {}
    waiting, seen = [size], {size}
    while waiting:
        owner = waiting.pop().owner
        if isinstance(owner, arith.SelectOp):
            sides = [side for side in (owner.rhs, owner.lhs) if side not in seen]
            waiting += sides
            seen.update(sides)
            continue
        if not isinstance(owner, tensor.DimOp) or not isinstance(owner.index.owner, arith.ConstantOp):
            return []
        axis = owner.index.owner.value
        assert isinstance(axis, IntegerAttr)
        root: SizeRoot = size_root(owner.source, axis.value.data)
        if isinstance(root, int):
            return []
        found[root] = None
    return list(found)
