"""Constants as LLVM writes them: exactly, to the last bit of a NaN."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from xdsl.dialects import llvm
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float32Type,
    Float64Type,
    FloatAttr,
    IndexType,
    IntegerAttr,
    IntegerType,
    VectorType,
    i1,
)
from xdsl.ir import Attribute, Operation

from .....dialects.diagnostics import UnsupportedError
from .....dialects.dtypes import INT8, dtype_of
from .types import TypeTexts

Symbols = Mapping[str, str]
"""The names in LLVM's text of what has a name in the program."""

_FLOATS: dict[type[Attribute], tuple[str, str]] = {
    Float16Type: ("<e", "<u2"),
    Float32Type: ("<f", "<u4"),
    Float64Type: ("<d", "<u8"),
}
"""How a float is packed, and what its bits are."""


def _constant(op: llvm.ConstantOp, types: TypeTexts, symbols: Symbols) -> str:
    type_, value = op.result.type, op.properties["value"]
    if isinstance(value, IntegerAttr) and isinstance(type_, IntegerType):
        return _integer(value.value.data, type_)
    if isinstance(value, FloatAttr) and type(type_) in _FLOATS:
        packed, bits = _FLOATS[type(type_)]
        return _float(int(np.frombuffer(struct.pack(packed, value.value.data), bits)[0]), type_)
    if isinstance(value, DenseIntOrFPElementsAttr) and isinstance(type_, VectorType):
        return _vector(value, type_, types, op)
    raise _refused(op)


def _vector(value: DenseIntOrFPElementsAttr, type_: VectorType, types: TypeTexts, op: Operation) -> str:
    lane = types.of(type_.element_type, op.location)
    texts = element_texts(value, type_.element_type, op)
    if len(set(texts)) == 1:
        return f"splat ({lane} {texts[0]})"
    return f"<{', '.join(f'{lane} {text}' for text in texts)}>"


def element_texts(value: DenseIntOrFPElementsAttr, type_: Attribute, op: Operation) -> list[str]:
    """The elements of a constant as values of `type_`, without their type; `op` has the constant."""
    stored = value.get_element_type()
    if isinstance(type_, IntegerType) and isinstance(stored, IntegerType | IndexType):
        items = stored.unpack(value.data.data, len(value))
        return [_integer(abs(item) if stored == i1 else item, type_) for item in items]  # a boolean is kept as 1 or -1
    if type(type_) in _FLOATS and stored == type_:
        return [_float(bits, type_) for bits in np.frombuffer(value.data.data, _FLOATS[type(type_)][1]).tolist()]
    raise _refused(op)


def _integer(value: int, type_: IntegerType) -> str:
    if type_.width.data == 1:
        return "true" if value else "false"
    return str(value)


def _float(bits: int, type_: Attribute) -> str:
    """A float from its bits; LLVM writes an f32 as the f64 of the same value, and a NaN with the same payload."""
    if isinstance(type_, Float16Type):
        return f"0xH{bits:04X}"
    if isinstance(type_, Float32Type):
        if bits & 0x7F800000 == 0x7F800000:  # infinity or NaN, of which a conversion could change the payload
            bits = (bits >> 31) << 63 | 0x7FF << 52 | (bits & 0x7FFFFF) << 29
        else:
            bits = struct.unpack("<Q", struct.pack("<d", struct.unpack("<f", struct.pack("<I", bits))[0]))[0]
    return f"0x{bits:016X}"


def _zero(op: llvm.ZeroOp, types: TypeTexts, symbols: Symbols) -> str:
    return "null" if isinstance(op.res.type, llvm.LLVMPointerType) else "zeroinitializer"


def _undefined(op: llvm.UndefOp, types: TypeTexts, symbols: Symbols) -> str:
    return "undef"


def _address(op: llvm.AddressOfOp, types: TypeTexts, symbols: Symbols) -> str:
    name = op.global_name.root_reference.data
    if name not in symbols:
        raise UnsupportedError(f"there is no symbol @{name}", location=op.location)
    return f"@{symbols[name]}"


def _refused(op: Operation) -> UnsupportedError:
    return UnsupportedError(f"'{op.name}' with this value has no native form", location=op.location)


CONSTANTS: dict[type[Operation], Callable[[Any, TypeTexts, Symbols], str]] = {
    llvm.ConstantOp: _constant,
    llvm.ZeroOp: _zero,
    llvm.UndefOp: _undefined,
    llvm.AddressOfOp: _address,
}
"""The ops whose values are operands rather than instructions, and how they are written."""


def dense_array(value: DenseIntOrFPElementsAttr, count: int) -> np.ndarray:
    """The elements of a constant as they lie in memory."""
    dtype = dtype_of(value.type)
    stored = np.frombuffer(value.data.data, INT8 if dtype == np.bool_ else dtype)
    if dtype == np.bool_:
        stored = (stored != 0).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(stored, (count,)) if stored.size != count else stored)
