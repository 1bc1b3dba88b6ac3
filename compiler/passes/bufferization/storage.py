"""Memory, and the tensors that live in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects import memref
from xdsl.dialects.builtin import DYNAMIC_INDEX, IntegerAttr, MemRefType, NoneAttr, StridedLayoutAttr, TensorType, i64
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.exceptions import VerifyException

from ....dialects.emitter import Emitter
from ....dialects.types import row_major
from ...targets import ALIGNMENT


@dataclass(eq=False)
class Storage:
    """A piece of memory.

    Attributes:
        root: the memref of all of it.
        writable: whether tensor ops may write here once its values are dead (not so for arguments and constants).
        values: the tensors that live in it, and may still be used.
    """

    root: SSAValue
    writable: bool = False
    values: list[SSAValue] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Buffer:
    """Where a tensor lives: a memref, which may be a view of a part of the storage."""

    memref: SSAValue
    storage: Storage

    @property
    def type(self) -> MemRefType[Attribute]:
        """The type of the memref."""
        assert isinstance(self.memref.type, MemRefType)
        return self.memref.type


def memref_of(type_: Attribute) -> MemRefType[Attribute]:
    """The row-major memref type of a tensor type."""
    assert isinstance(type_, TensorType), type_
    return row_major(type_.element_type, tuple(type_.get_shape()))


def is_row_major(value: SSAValue) -> bool:
    """Whether a memref has the identity layout."""
    assert isinstance(value.type, MemRefType)
    return isinstance(value.type.layout, NoneAttr)


def without_casts(value: SSAValue) -> SSAValue:
    """The memref that a chain of casts starts from."""
    while isinstance(value.owner, memref.CastOp):
        value = value.owner.source
    return value


def allocate(e: Emitter, type_: MemRefType[Attribute], sizes: Sequence[SSAValue]) -> SSAValue:
    """Fresh memory; `sizes` are those of the dynamic dimensions."""
    return e.value(memref.AllocOp(list(sizes), (), type_, IntegerAttr(ALIGNMENT, i64)))


def strides_of(type_: MemRefType[Attribute]) -> list[int | None]:
    """The strides of a memref; `None` where they are known at run time only."""
    strides = type_.get_strides()
    assert strides is not None
    return list(strides)


def offset_of(type_: MemRefType[Attribute]) -> int | None:
    """The offset of a memref; `None` where it is known at run time only."""
    return type_.get_offset()


def subview_type(
    source: MemRefType[Attribute],
    offsets: Sequence[int],
    sizes: Sequence[int],
    steps: Sequence[int],
    shape: Sequence[int],
) -> MemRefType[Attribute]:
    """The type of a part of `source`, with the axes of size 1 that `shape` lacks dropped.

    `DYNAMIC_INDEX` among offsets, sizes and steps represents what is known at run time only.
    """
    offset = offset_of(source)
    strides: list[int | None] = []
    for start, step, stride in zip(offsets, steps, strides_of(source), strict=True):
        if start != 0:
            known = start != DYNAMIC_INDEX
            offset = offset + start * stride if known and offset is not None and stride is not None else None
        strides.append(None if stride is None or step == DYNAMIC_INDEX else stride * step)
    kept = [strides[axis] for axis in kept_axes(sizes, shape)]
    return MemRefType(source.element_type, shape, StridedLayoutAttr(kept, offset))


def kept_axes(sizes: Sequence[int], shape: Sequence[int]) -> list[int]:
    """Which axes of a part of sizes `sizes` are those of its type of shape `shape`."""
    axes: list[int] = []
    spare = len(sizes) - len(shape)
    for axis, size in enumerate(sizes):
        wanted = shape[len(axes)] if len(axes) < len(shape) else None
        if spare and size == 1 and wanted != 1:
            spare -= 1
        else:
            axes.append(axis)
    if len(axes) != len(shape):
        raise VerifyException(f"a part of sizes {list(sizes)} cannot have the shape {list(shape)}")
    return axes


__all__ = [
    "ALIGNMENT",
    "Buffer",
    "Storage",
    "allocate",
    "is_row_major",
    "kept_axes",
    "memref_of",
    "subview_type",
    "without_casts",
]
