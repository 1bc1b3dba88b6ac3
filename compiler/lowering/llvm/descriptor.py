"""A memref as values: where it begins, its sizes and its strides, each known or a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import final

from xdsl.dialects import llvm
from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, NoneAttr, i64
from xdsl.ir import Attribute, SSAValue

from .builder import PTR, Index, LlvmBuilder, storage_type


@final
@dataclass(frozen=True)
class MemRef:
    """A memref while it is lowered.

    Attributes:
        pointer: the address of the first element.
        element: the element type in the program (`i1` lies in memory as a byte).
        sizes: the size of each dimension.
        strides: in elements, one per dimension.
        contiguous: whether it is row-major without gaps.
    """

    pointer: SSAValue
    element: Attribute
    sizes: tuple[Index, ...]
    strides: tuple[Index, ...]
    contiguous: bool = True

    def address(self, b: LlvmBuilder, indices: Sequence[Index]) -> SSAValue:
        """The address of an element."""
        stored = storage_type(self.element)
        if not indices:
            return self.pointer
        inner = self.sizes[1:]
        if self.contiguous and all(isinstance(size, int) for size in inner):
            for size in reversed(inner):
                assert isinstance(size, int)
                stored = _array(size, stored)
            return b.gep(self.pointer, stored, *indices)
        offset: Index = 0
        for index, stride in zip(indices, self.strides, strict=True):
            offset = b.add_index(offset, b.mul_index(index, stride))
        return b.gep(self.pointer, stored, offset)

    def count(self, b: LlvmBuilder) -> Index:
        """The number of elements."""
        total: Index = 1
        for size in self.sizes:
            total = b.mul_index(total, size)
        return total


@lru_cache(maxsize=1024)
def _array(size: int, element: Attribute) -> Attribute:
    """The type of an array; it is kept, as it is checked again whenever it is made."""
    return llvm.LLVMArrayType(size, element)


def row_major(b: LlvmBuilder, sizes: Sequence[Index]) -> tuple[Index, ...]:
    """The strides of contiguous memory."""
    strides: list[Index] = []
    step: Index = 1
    for size in reversed(sizes):
        strides.append(step)
        if len(strides) < len(sizes):
            step = b.mul_index(step, size)
    return tuple(reversed(strides))


def is_identity(type_: MemRefType) -> bool:
    """Whether a memref type says that it is contiguous."""
    return isinstance(type_.layout, NoneAttr)


def part_types(type_: MemRefType) -> list[Attribute]:
    """The types of the values that represent a memref of that type: a pointer, dynamic sizes, dynamic strides."""
    return [PTR, *[i64] * (_dynamic_sizes(type_) + _dynamic_strides(type_))]


def _dynamic_sizes(type_: MemRefType) -> int:
    return sum(size == DYNAMIC_INDEX for size in type_.get_shape())


def _layout_strides(type_: MemRefType) -> Sequence[int | None]:
    if is_identity(type_):
        return ()
    strides = type_.get_strides()
    assert strides is not None, type_
    return strides


def _dynamic_strides(type_: MemRefType) -> int:
    return sum(stride is None for stride in _layout_strides(type_))


def to_parts(b: LlvmBuilder, memref: MemRef, type_: MemRefType) -> list[SSAValue]:
    """The values that represent `memref` seen as `type_`."""
    parts = [memref.pointer]
    parts += [b.i64(at) for at, size in zip(memref.sizes, type_.get_shape(), strict=True) if size == DYNAMIC_INDEX]
    parts += [b.i64(at) for at, known in zip(memref.strides, _layout_strides(type_)) if known is None]
    return parts


def from_parts(b: LlvmBuilder, parts: Sequence[SSAValue], type_: MemRefType) -> MemRef:
    """The memref that the values represent."""
    rest = iter(parts[1:])
    sizes = tuple(next(rest) if size == DYNAMIC_INDEX else size for size in type_.get_shape())
    if is_identity(type_):
        return MemRef(parts[0], type_.element_type, sizes, row_major(b, sizes))
    strides = tuple(next(rest) if known is None else known for known in _layout_strides(type_))
    contiguous = _known_contiguous(sizes, strides)
    return MemRef(parts[0], type_.element_type, sizes, strides, contiguous)


def _known_contiguous(sizes: Sequence[Index], strides: Sequence[Index]) -> bool:
    step: int = 1
    for position in range(len(sizes) - 1, -1, -1):
        if strides[position] != step:
            return False
        size = sizes[position]
        if position and not isinstance(size, int):
            return False
        step = step * size if isinstance(size, int) else step
    return True


def view(memref: MemRef, pointer: SSAValue, sizes: Sequence[Index], strides: Sequence[Index]) -> MemRef:
    """A part of `memref`, or another shape of it."""
    return MemRef(pointer, memref.element, tuple(sizes), tuple(strides), _known_contiguous(sizes, strides))


__all__ = [
    "MemRef",
    "from_parts",
    "is_identity",
    "part_types",
    "row_major",
    "to_parts",
    "view",
]
