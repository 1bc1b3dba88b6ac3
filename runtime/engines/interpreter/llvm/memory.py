"""The memory of the llvm level: bytes at addresses, where every access that is not allowed is noticed.

Each allocation has a region of 64 GiB of addresses to itself and begins in the middle of it. So an access that misses
its memory, by any plausible distance and to either side, is seen to miss it, and never touches another. The memory of
what was freed is kept, so that its use is noticed. An allocation is aligned as promised and no better, so that an
access that needs more is noticed too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.dialects import llvm
from xdsl.dialects.builtin import AnyFloat, IntegerType, VectorType
from xdsl.ir import Attribute

from .....dialects.dtypes import UINT8
from .....dialects.memory import check_memory
from ..errors import InterpreterError
from ..values import Value, dtype_of

REGION_BITS = 36
MIDDLE = 1 << (REGION_BITS - 1)
NULL = np.int64(0)
POINTER = llvm.LLVMPointerType()
_UNINITIALISED = 0xFF
"""The byte that memory is full of before it is written: as a float it is NaN, as a number -1."""


@dataclass
class Allocation:
    """A piece of memory.

    Attributes:
        what: what it is, for messages.
        base: the address of its first byte.
        data: its bytes.
        writable: whether the program may change it.
        freed: whether it is gone.
    """

    what: str
    base: int
    data: np.ndarray
    writable: bool = True
    freed: bool = False


class Memory:
    """All memory of a run. Addresses are 64-bit integers; 0 is the null pointer."""

    def __init__(self) -> None:
        self._allocations: list[Allocation] = []

    def allocate(
        self, size: int, what: str, alignment: int = 64, data: np.ndarray | None = None, writable: bool = True
    ) -> np.int64:
        """The address of new memory of `size` bytes, aligned to `alignment` and no better, with `data` in it."""
        if size < 0:
            raise InterpreterError(f"{what} of a negative size, {size} bytes")
        check_memory((size,), UINT8)
        content = np.full(size, _UNINITIALISED, np.uint8)
        if data is not None:
            content[...] = as_bytes(data)
        number = len(self._allocations) + 1
        base = (number << REGION_BITS) + MIDDLE + alignment
        self._allocations.append(Allocation(what, base, content, writable))
        return np.int64(base)

    def free(self, address: Value) -> None:
        """Free memory, by the address that `allocate` returned."""
        found = self._of(int(address))
        if found.base != int(address):
            raise InterpreterError(f"{found.what} is freed at its byte {int(address) - found.base}, not at its start")
        if found.freed:
            raise InterpreterError(f"{found.what} is freed twice")
        found.freed = True

    def read(self, address: Value, size: int, alignment: int = 1) -> np.ndarray:
        """A copy of `size` bytes."""
        return self._bytes(int(address), size, alignment).copy()

    def write(self, address: Value, data: np.ndarray, alignment: int = 1) -> None:
        """Replace as many bytes as `data` has."""
        content = as_bytes(data)
        if content.size and not self._of(int(address)).writable:
            raise InterpreterError(f"a write to {self._of(int(address)).what}, which must not change")
        self._bytes(int(address), content.size, alignment)[...] = content

    def load(self, address: Value, type_: Attribute, alignment: int | None = None) -> Value:
        """The value of an llvm type that lies at an address."""
        if isinstance(type_, llvm.LLVMPointerType):
            return self.load(address, IntegerType(64), alignment)
        size, dtype = size_of(type_), _stored_dtype(type_)
        content = self.read(address, size, natural_alignment(type_) if alignment is None else alignment)
        found = content.view(dtype)
        if dtype_of(type_) == np.bool_:
            found = found & 1 != 0
        return found if isinstance(type_, VectorType) else found[0]

    def store(self, value: Value, address: Value, type_: Attribute, alignment: int | None = None) -> None:
        """Write a value of an llvm type to an address."""
        self.write(address, np.asarray(value), natural_alignment(type_) if alignment is None else alignment)

    def array(self, address: Value, shape: Sequence[int], strides: Sequence[int], dtype: np.dtype) -> np.ndarray:
        """A view of memory as an array; strides are in elements. It is read-only where the memory must not change."""
        if 0 in shape:
            return np.empty(tuple(shape), dtype)
        reach = [(size - 1) * step * dtype.itemsize for size, step in zip(shape, strides, strict=True)]
        low = sum(min(each, 0) for each in reach)
        high = sum(max(each, 0) for each in reach) + dtype.itemsize
        content = self._bytes(int(address) + low, high - low, dtype.itemsize)
        array = np.ndarray(tuple(shape), dtype, content, -low, [step * dtype.itemsize for step in strides])
        array.flags.writeable = self._of(int(address)).writable
        return array

    def _of(self, address: int) -> Allocation:
        """The allocation in whose region an address lies."""
        number = address >> REGION_BITS
        if address == 0:
            raise InterpreterError("a use of the null pointer")
        if not 1 <= number <= len(self._allocations):
            raise InterpreterError(f"a use of address {address:#x}, which points to no memory")
        return self._allocations[number - 1]

    def _bytes(self, address: int, size: int, alignment: int) -> np.ndarray:
        """The bytes from `address` on, checked to be there."""
        if size == 0:
            return np.empty(0, np.uint8)
        found = self._of(address)
        offset = address - found.base
        if found.freed:
            raise InterpreterError(f"a use of {found.what} after it was freed")
        if not 0 <= offset <= found.data.size - size:
            raise InterpreterError(f"{size} bytes at byte {offset} of {found.what}, which has {found.data.size} bytes")
        if address % alignment:
            raise InterpreterError(
                f"{size} bytes at byte {offset} of {found.what} are not aligned to {alignment} bytes as promised"
            )
        return found.data[offset : offset + size]


def as_bytes(data: np.ndarray) -> np.ndarray:
    """The bytes of an array in row-major order."""
    return np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)


def _stored_dtype(type_: Attribute) -> np.dtype:
    if isinstance(type_, VectorType) and type_.element_type == IntegerType(1):
        raise InterpreterError("vectors of i1 cannot be stored to memory; booleans are stored as bytes")
    dtype = dtype_of(type_)
    return np.dtype(np.uint8) if dtype == np.bool_ else dtype


def size_of(type_: Attribute) -> int:
    """How many bytes a value of an llvm type takes in memory, with what must lie between two of them."""
    match type_:
        case llvm.LLVMArrayType():
            return type_.size.data * size_of(type_.type)
        case llvm.LLVMStructType():
            end = field_offset(type_, len(type_.types.data))
            alignment = max((natural_alignment(field) for field in type_.types.data), default=1)
            return -(-end // alignment) * alignment
        case VectorType():
            return int(np.prod(type_.get_shape(), dtype=np.int64)) * size_of(type_.element_type)
        case llvm.LLVMPointerType():
            return 8
        case _ if isinstance(type_, IntegerType | AnyFloat):
            return -(-type_.bitwidth // 8)
    raise InterpreterError(f"values of type {type_} cannot be stored to memory")


def natural_alignment(type_: Attribute) -> int:
    """The alignment an access needs where none is given."""
    match type_:
        case llvm.LLVMArrayType():
            return natural_alignment(type_.type)
        case llvm.LLVMStructType():
            return max((natural_alignment(field) for field in type_.types.data), default=1)
    return 1 << (size_of(type_) - 1).bit_length()


def field_offset(type_: llvm.LLVMStructType, number: int) -> int:
    """Where field `number` of a structure begins (its end, for the number of fields)."""
    offset = 0
    for position, field in enumerate(type_.types.data):
        alignment = natural_alignment(field)
        offset = -(-offset // alignment) * alignment
        if position == number:
            return offset
        offset += size_of(field)
    return offset


def element_offset(type_: Attribute, indices: Sequence[int]) -> int:
    """How many bytes an address moves by the indices of `llvm.getelementptr`."""
    first, *inner = indices
    offset = first * size_of(type_)
    for index in inner:
        match type_:
            case llvm.LLVMArrayType():
                type_ = type_.type
                offset += index * size_of(type_)
            case llvm.LLVMStructType():
                offset += field_offset(type_, index)
                type_ = type_.types.data[index]
            case VectorType():
                type_ = type_.element_type
                offset += index * size_of(type_)
            case _:
                raise InterpreterError(f"a value of type {type_} has no elements")
    return offset
