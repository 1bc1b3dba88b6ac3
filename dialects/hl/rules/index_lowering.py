"""Building blocks for lowering ops that read or write at computed places: checked indices, loops over elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects import arith, math, scf, tensor
from xdsl.dialects.builtin import IndexType, TensorType, i64
from xdsl.ir import Block, SSAValue

from ...debug import INVALID_INDEX, AssertOp
from ...emitter import Emitter
from .linalg_builder import REDUCTION, dims, filled, generic, identity, projection, type_of
from .movement_lowering import product

_INDEX = IndexType()


def check_indices(e: Emitter, indices: SSAValue, column: int | None, bound: SSAValue, what: str) -> None:
    """Stop the program unless every element of `indices`, or of one place in its last axis, is below `bound`.

    The elements are compared as unsigned numbers, so that a negative one is too large.
    """
    type_, rank = type_of(indices), type_of(indices).get_num_dims()
    sizes = dims(e, indices)
    if column is not None:
        rank -= 1
        sizes[-1] = e.index(1)
    zero = filled(e, e.constant(0, i64), TensorType(i64, []), [])
    if column is None:
        source = indices
    else:
        shape = [*type_.get_shape()[:-1], 1]
        offsets = [0] * rank + [column]
        whole = [size if static < 0 else static for size, static in zip(sizes, shape, strict=True)]
        op = tensor.ExtractSliceOp(indices, offsets, whole, [1] * (rank + 1), TensorType(type_.element_type, shape))
        source, rank = e.value(op), rank + 1

    def body(inner: Emitter, index: SSAValue, worst: SSAValue) -> SSAValue:
        wide = index if index.type == i64 else inner.value(arith.ExtSIOp(index, i64))
        return inner.value(arith.MaxUIOp(wide, worst))

    maps = [identity(rank), projection(rank, [])]
    worst = generic(e, [source], [zero], maps, [REDUCTION] * rank, body)[0]
    index = e.value(arith.IndexCastOp(e.value(tensor.ExtractOp(worst, [], i64)), _INDEX))
    none = e.value(arith.CmpiOp(product(e, sizes), e.index(0), "eq"))
    inside = e.value(arith.CmpiOp(index, bound, "ult"))
    message = f"{what}: index {{0}} is out of range for a size of {{1}}"
    e.add(AssertOp(e.value(arith.OrIOp(none, inside)), message, [index, bound], INVALID_INDEX))


def element(e: Emitter, indices: SSAValue, where: Sequence[SSAValue]) -> SSAValue:
    """An element of an integer tensor as `index`."""
    found = e.value(tensor.ExtractOp(indices, list(where), type_of(indices).element_type))
    return e.value(arith.IndexCastOp(found, _INDEX))


def loops(
    e: Emitter,
    sizes: Sequence[SSAValue],
    start: SSAValue,
    body: Callable[[Emitter, list[SSAValue], SSAValue], SSAValue],
    outer: Sequence[SSAValue] = (),
) -> SSAValue:
    """Nested `scf.for` up to `sizes` that carry one tensor; `body` is given the counters and gives the tensor on."""
    if not sizes:
        return body(e, list(outer), start)
    block = Block(arg_types=[_INDEX, start.type])
    inner = e.at_end(block)
    result = loops(inner, sizes[1:], block.args[1], body, [*outer, block.args[0]])
    inner.add(scf.YieldOp(result))
    return e.value(scf.ForOp(e.index(0), sizes[0], e.index(1), [start], block))


def bit_length(e: Emitter, value: SSAValue) -> SSAValue:
    """How many bits an index has: those that are set once each has been copied to all places below it."""
    bits = e.value(arith.IndexCastOp(value, i64))
    for distance in (1, 2, 4, 8, 16, 32):
        moved = e.value(arith.ShRUIOp(bits, e.constant(distance, i64)))
        bits = e.value(arith.OrIOp(bits, moved))
    return e.value(arith.IndexCastOp(e.value(math.CtPopOp(bits)), _INDEX))
