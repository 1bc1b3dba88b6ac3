"""Random numbers of the normal distribution without its tails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects import arith, math, scf, tensor
from xdsl.dialects.builtin import IndexType, TensorType, i64
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.irdl import irdl_op_definition

from ..dtypes import WIDE_FLOATS, DType, dtype_of, element_type
from ..emitter import Emitter
from ..types import DYNAMIC, shape_of
from .normal import numpy_pairs, scalar_pair
from .random import RandomOp, words_each
from .rules.base import not_differentiable, not_exportable
from .rules.index_lowering import loops
from .rules.linalg_builder import empty
from .rules.movement_lowering import product, reshaped
from .rules.philox import ScalarBlocks, blocks_at

BOUND = 2.0
"""Numbers of this size or more are left out."""
BLOCKS_EACH = 64
"""How many blocks are reserved for each number of a group, so that no group takes those of the next."""


@irdl_op_definition
class RandomTruncatedNormalOp(RandomOp):
    """Numbers of `random_normal` that are less than 2 and greater than -2.

    They come in groups of four, of float64 of two. The first numbers within the bounds are taken, in order, from a
    stream of a group's own, which begins 64 blocks after the one before for each number of a group.

    Definition: TensorFlow `StatelessTruncatedNormalV2`.
    """

    name = "hl.random_truncated_normal"
    EXACT: ClassVar[bool] = False
    DTYPES: ClassVar[tuple[DType, ...]] = WIDE_FLOATS
    SAME_BITS: ClassVar[tuple[DType, ...]] = WIDE_FLOATS[:1]

    gradient = not_differentiable("its values depend on no float")
    onnx = not_exportable("how many random bits a number takes depends on their values")

    @classmethod
    def draw(cls, state: np.ndarray, parameters: Sequence[np.ndarray], count: int, dtype: DType) -> np.ndarray:
        """Block after block for the groups that are not full."""
        size = _group_size(dtype)
        found = np.zeros((-(-count // size), size), dtype)
        filled, open_, block = np.zeros(len(found), np.int64), np.arange(len(found)), 0
        while len(open_):
            places = open_.astype(np.uint64) * np.uint64(BLOCKS_EACH * size) + np.uint64(block)
            words = np.stack([word.astype(np.uint32) for word in blocks_at(state, places)], -1)
            for candidate in numpy_pairs(words.reshape(-1, 2 * words_each(dtype)), dtype).reshape(-1, size).T:
                taken = (np.abs(candidate) < BOUND) & (filled[open_] < size)
                groups = open_[taken]
                found[groups, filled[groups]] = candidate[taken]
                filled[groups] += 1
            open_, block = open_[filled[open_] < size], block + 1
        return found.ravel()[:count]

    @classmethod
    def lowered(
        cls,
        e: Emitter,
        blocks: ScalarBlocks,
        parameters: Sequence[SSAValue],
        sizes: Sequence[SSAValue],
        result: TensorType[Attribute],
    ) -> SSAValue:
        """A loop over groups, and in it one over blocks."""
        size, count, type_ = _group_size(dtype_of(result)), product(e, sizes), result.element_type
        line = TensorType(type_, [DYNAMIC if DYNAMIC in shape_of(result) else int(np.prod(shape_of(result)))])
        groups = e.value(arith.CeilDivUIOp(count, e.index(size)))
        last = e.value(arith.SubiOp(count, e.index(1)))

        def body(inner: Emitter, here: list[SSAValue], out: SSAValue) -> SSAValue:
            numbers = _group(inner, blocks, here[0], dtype_of(result))
            start = inner.value(arith.MuliOp(here[0], inner.index(size)))
            for at in reversed(range(size)):  # of the last group some are too many: those before them are written later
                place = inner.value(arith.MinUIOp(inner.value(arith.AddiOp(start, inner.index(at))), last))
                out = inner.value(tensor.InsertOp(numbers[at], out, [place]))
            return out

        return reshaped(e, loops(e, [groups], empty(e, line, [count]), body), result, sizes)


def _group_size(dtype: DType) -> int:
    return 4 // words_each(dtype)


def _group(e: Emitter, blocks: ScalarBlocks, group: SSAValue, dtype: DType) -> Sequence[SSAValue]:
    """The numbers of a group: block after block until there are enough."""
    size = _group_size(dtype)
    first = e.value(arith.MuliOp(e.value(arith.IndexCastOp(group, i64)), e.constant(BLOCKS_EACH * size, i64)))
    zeros = [e.constant(0.0, element_type(dtype)) for _ in range(size)]
    types = [i64, IndexType(), *(zero.type for zero in zeros)]
    before, after = Block(arg_types=types), Block(arg_types=types)
    inner = e.at_end(before)
    full = inner.value(arith.CmpiOp(before.args[1], inner.index(size), "uge"))
    more = inner.value(arith.XOrIOp(full, inner.constant(True, full.type)))
    inner.add(scf.ConditionOp(more, *before.args))
    inner = e.at_end(after)
    place: SSAValue = after.args[0]
    filled: SSAValue = after.args[1]
    numbers: list[SSAValue] = list(after.args[2:])
    for candidate in _candidates(inner, blocks.at(inner, place), dtype):
        size_of_it = inner.value(math.AbsFOp(candidate))
        taken = inner.value(arith.CmpfOp(size_of_it, inner.constant(BOUND, candidate.type), "olt"))
        for at, number in enumerate(numbers):
            here = inner.value(arith.CmpiOp(filled, inner.index(at), "eq"))
            here = inner.value(arith.AndIOp(here, taken))
            numbers[at] = inner.value(arith.SelectOp(here, candidate, number))
        step = inner.value(arith.SelectOp(taken, inner.index(1), inner.index(0)))
        filled = inner.value(arith.AddiOp(filled, step))
    inner.add(scf.YieldOp(inner.value(arith.AddiOp(place, inner.constant(1, i64))), filled, *numbers))
    loop = scf.WhileOp([first, e.index(0), *zeros], types, [before], [after])
    return e.add(loop).results[2:]


def _candidates(e: Emitter, words: Sequence[SSAValue], dtype: DType) -> list[SSAValue]:
    """The normal numbers of a block."""
    width = 2 * words_each(dtype)
    return [number for at in range(0, 4, width) for number in scalar_pair(e, words[at : at + width], dtype)]
