"""Rules that compute an op for a batch of operands at once: which operands, and which attributes, that takes.

An operand that is batched has the batch as its first axis; one that is not is the same in all examples. A rule returns
the results with the batch as their first axis, or None where it would take a loop over the examples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from ...types import DYNAMIC
from .facets import Attrs
from .functions import Value

Results: TypeAlias = Sequence[Value] | None


class BatchCall(Protocol):
    """One application of an op to a batch.

    Attributes:
        operands: the operands.
        batched: for each whether its first axis is the batch; that of one of them is.
        attrs: the attributes, as of one example.
        size: the size of the batch, if it is known, else None.
    """

    operands: Sequence[Value]
    batched: Sequence[bool]
    attrs: Attrs
    size: int | None

    def rank(self, index: int) -> int:
        """The number of axes that an operand has in an example."""
        ...

    def full(self, index: int) -> Value:
        """An operand with the batch as first axis: repeated, if it is the same in all examples."""
        ...

    def aligned(self) -> list[Value]:
        """The operands so that they broadcast as those of each example do."""
        ...

    def apply(self, *operands: Value, **attrs: object) -> list[Value]:
        """The results of the op, with some other attributes."""
        ...

    def batch_size(self) -> Value:
        """The size of the batch as a scalar."""
        ...

    def insert_axes(self, value: Value, axis: int, count: int) -> Value:
        """`value` with axes of size 1 from `axis` on."""
        ...

    def drop_axes(self, value: Value, axis: int, count: int) -> Value:
        """`value` without the axes of size 1 from `axis` on."""
        ...

    def to_front(self, value: Value, axis: int) -> Value:
        """`value` with one axis moved to the front."""
        ...

    def merged(self, value: Value) -> Value:
        """`value` with its first two axes as one."""
        ...

    def split(self, value: Value) -> Value:
        """`value` with the batch as an axis of its own again."""
        ...

    def with_example(self, indices: Value) -> Value:
        """Indices of a batch, along their last axis, behind those of the example that they belong to."""
        ...

    def channels_in(self, value: Value) -> Value:
        """`value` with the batch as a part of its last axis."""
        ...

    def channels_out(self, value: Value) -> Value:
        """`value` with the batch, a part of its last axis, as its first axis again."""
        ...

    def without_first(self, value: Value) -> Value:
        """The elements of a vector but the first."""
        ...

    def zero(self, like: Sequence[Value]) -> Value:
        """A scalar 0 of the dtype of the first of some scalars, or of int64."""
        ...

    def in_all(self, results: Sequence[Value]) -> list[Value]:
        """Results that are the same in all examples, and so are no batch."""
        ...


Rule: TypeAlias = Callable[[BatchCall], Results]


def _same(b: BatchCall) -> Results:
    return b.apply(*b.operands)


def _elementwise(b: BatchCall) -> Results:
    return b.apply(*b.aligned())


def _full(b: BatchCall) -> Results:
    return b.apply(*map(b.full, range(len(b.operands))))


def _merged(b: BatchCall) -> Results:
    """Loops where the examples look at different operands of another kind."""
    if any(b.batched[1:]):
        return None
    return [b.split(result) for result in b.apply(b.merged(b.operands[0]), *b.operands[1:])]


def _reshaped(b: BatchCall) -> Results:
    return sized(b, b.full(0))


def _sizes(b: BatchCall) -> Results:
    (sizes,) = b.apply(*b.operands)
    return b.in_all([b.without_first(sizes)])


def _size(b: BatchCall) -> Results:
    return b.in_all(b.apply(*b.operands, axis=b.attrs["axis"] + 1))


leading: staticmethod[..., Results] = staticmethod(_same)
"""The op of one operand that takes any axes before its own."""
elementwise_batch: staticmethod[..., Results] = staticmethod(_elementwise)
"""The op whose operands broadcast."""
all_leading: staticmethod[..., Results] = staticmethod(_full)
"""The op that takes any axes before its own, the same ones in all operands."""
over_examples: staticmethod[..., Results] = staticmethod(_merged)
"""The op whose first operand has examples along its first axis already."""
new_shape: staticmethod[..., Results] = staticmethod(_reshaped)
"""The op whose attribute `shape` has the sizes of the result, before which that of the batch goes."""
sizes_of_example: staticmethod[..., Results] = staticmethod(_sizes)
"""The op that returns all sizes: without that of the batch."""
size_of_example: staticmethod[..., Results] = staticmethod(_size)
"""The op that returns the size along `axis`, which is one further."""


def shifted(*names: str) -> staticmethod[..., Results]:
    """The op on axes that attributes name: these are one further, in all operands, which get the batch."""

    def rule(b: BatchCall) -> Results:
        further = {}
        for name in names:
            axes = b.attrs[name]
            further[name] = axes + 1 if isinstance(axes, int) else tuple(axis + 1 for axis in axes)
        return b.apply(*map(b.full, range(len(b.operands))), **further)

    return staticmethod(rule)


def prefixed(count: int, **first: int) -> staticmethod[..., Results]:
    """The op of `count` tensors, and scalars that are no batch, with attributes that have an entry for each axis."""

    def rule(b: BatchCall) -> Results:
        if any(b.batched[count:]):
            return None
        attrs = {name: (value, *b.attrs[name]) for name, value in first.items()}
        return b.apply(*map(b.full, range(count)), *b.operands[count:], **attrs)

    return staticmethod(rule)


def sized(b: BatchCall, *tensors: Value) -> Results:
    """The op whose attribute `shape`, and the sizes behind its tensors, say the sizes of the result."""
    sizes = b.operands[len(tensors) :]
    if any(b.batched[len(tensors) :]):
        return None
    if b.size is not None:
        return b.apply(*tensors, *sizes, shape=(b.size, *b.attrs["shape"]))
    return b.apply(*tensors, b.batch_size(), *sizes, shape=(DYNAMIC, *b.attrs["shape"]))
