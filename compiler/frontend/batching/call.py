"""One op on a batch: what the batching rules of ops are given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....dialects.dtypes import INT64
from ....dialects.hl.movement import BroadcastToOp, ConcatOp, TransposeOp
from ....dialects.hl.rules.base import HLOp
from ....dialects.hl.rules.facets import Attrs
from ....dialects.hl.shape import ExpandDimsOp, ReshapeOp, SqueezeOp
from ....dialects.hl.slicing import TO_END, SliceOp
from ..ops import namespace
from ..ops.arguments import Size, int64_of, size_along, split_sizes, times
from ..values.dispatch import apply, apply_all, as_tensor
from ..values.tensor import Tensor


class Batch:
    """A batch: how many examples it has.

    Attributes:
        count: the number, or a scalar where it is known only when the program runs.
    """

    def __init__(self, count: Size):
        self.count = count

    @property
    def size(self) -> int | None:
        """The number of examples, if it is known."""
        return self.count if isinstance(self.count, int) else None

    def repeated(self, value: Tensor) -> Tensor:
        """`value`, which is the same in all examples, for each of them."""
        sizes = [self.count, *(size_along(value, axis) for axis in range(value.ndim))]
        static, dynamic = split_sizes(sizes)
        return apply(BroadcastToOp, value, *dynamic, shape=static)


class Call:
    """One application of an op to a batch; see `BatchCall`.

    Attributes:
        shared: whether the results are the same in all examples, and are no batch.
    """

    def __init__(self, batch: Batch, op: type[HLOp], operands: Sequence[Tensor], batched: Sequence[bool], attrs: Attrs):
        self.batch, self.op = batch, op
        self.operands, self.batched, self.attrs = operands, batched, attrs
        self.shared = False
        self._examples: Size = 0

    @property
    def size(self) -> int | None:
        """The size of the batch, if it is known."""
        return self.batch.size

    def results(self) -> Sequence[Tensor] | None:
        """What the op's rule returns."""
        return self.op.batch(self)  # pyright: ignore[reportReturnType, reportArgumentType]

    def rank(self, index: int) -> int:
        """The number of axes that an operand has in an example."""
        return self.operands[index].ndim - self.batched[index]

    def full(self, index: int) -> Tensor:
        """An operand with the batch as first axis: repeated, if it is the same in all examples."""
        value = self.operands[index]
        return value if self.batched[index] else self.batch.repeated(value)

    def aligned(self) -> list[Tensor]:
        """The operands so that they broadcast as those of each example do."""
        rank = max(map(self.rank, range(len(self.operands))))
        return [
            self.insert_axes(value, 1, rank - self.rank(index)) if self.batched[index] else value
            for index, value in enumerate(self.operands)
        ]

    def apply(self, *operands: Tensor, **attrs: object) -> list[Tensor]:
        """The results of the op, with some other attributes."""
        return apply_all(self.op, *operands, **{**self.attrs, **attrs})

    def batch_size(self) -> Tensor:
        """The size of the batch as a scalar."""
        return int64_of(self.batch.count)

    def insert_axes(self, value: Tensor, axis: int, count: int) -> Tensor:
        """`value` with axes of size 1 from `axis` on."""
        return apply(ExpandDimsOp, value, axes=tuple(range(axis, axis + count))) if count else value

    def drop_axes(self, value: Tensor, axis: int, count: int) -> Tensor:
        """`value` without the axes of size 1 from `axis` on."""
        return apply(SqueezeOp, value, axes=tuple(range(axis, axis + count))) if count else value

    def to_front(self, value: Tensor, axis: int) -> Tensor:
        """`value` with one axis moved to the front."""
        others = [other for other in range(value.ndim) if other != axis]
        return apply(TransposeOp, value, perm=(axis, *others)) if axis else value

    def merged(self, value: Tensor) -> Tensor:
        """`value` with its first two axes as one."""
        sizes = [size_along(value, axis) for axis in range(value.ndim)]
        self._examples = sizes[1]
        return _reshaped(value, [times(sizes[0], sizes[1]), *sizes[2:]])

    def split(self, value: Tensor) -> Tensor:
        """`value` with the batch as an axis of its own again."""
        others = [size_along(value, axis) for axis in range(1, value.ndim)]
        return _reshaped(value, [self.batch.count, self._examples, *others])

    def channels_in(self, value: Tensor) -> Tensor:
        """`value` with the batch as a part of its last axis."""
        moved = apply(TransposeOp, value, perm=(*range(1, value.ndim - 1), 0, value.ndim - 1))
        sizes = [size_along(moved, axis) for axis in range(moved.ndim)]
        return _reshaped(moved, [*sizes[:-2], times(sizes[-2], sizes[-1])])

    def channels_out(self, value: Tensor) -> Tensor:
        """`value` with the batch, a part of its last axis, as its first axis again."""
        others = [size_along(value, axis) for axis in range(value.ndim - 1)]
        assert self.size, "a rule that makes channels of the examples needs to know how many there are"
        apart = _reshaped(value, [*others, self.size, _known(value.shape[-1]) // self.size])
        return self.to_front(apart, value.ndim - 1)

    def with_example(self, indices: Tensor) -> Tensor:
        """Indices of a batch, along their last axis, behind those of the example that they belong to."""
        m = namespace()
        examples = m.cast(m.range(self.batch_size()), indices.dtype)
        sizes = [size_along(indices, axis) for axis in range(indices.ndim - 1)]
        own = _reshaped(examples, [self.batch.count, *[1] * (indices.ndim - 1)])
        static, dynamic = split_sizes([*sizes, 1])
        return apply(ConcatOp, apply(BroadcastToOp, own, *dynamic, shape=static), indices, axis=indices.ndim - 1)

    def without_first(self, value: Tensor) -> Tensor:
        """The elements of a vector but the first."""
        return apply(SliceOp, value, begin=(1,), end=(TO_END,), strides=(1,))

    def zero(self, like: Sequence[Tensor]) -> Tensor:
        """A scalar 0 of the dtype of the first of some scalars, or of int64."""
        return as_tensor(np.zeros((), like[0].dtype if like else INT64))

    def in_all(self, results: Sequence[Tensor]) -> list[Tensor]:
        """Results that are the same in all examples."""
        self.shared = True
        return list(results)


def _reshaped(value: Tensor, sizes: Sequence[Size]) -> Tensor:
    static, dynamic = split_sizes(sizes)
    return apply(ReshapeOp, value, *dynamic, shape=static)


def _known(size: int | None) -> int:
    assert size is not None, "channels of the examples are made of a known number"
    return size
