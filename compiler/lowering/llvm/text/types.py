"""Types as LLVM writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xdsl.dialects import llvm
from xdsl.dialects.builtin import (
    ComplexType,
    Float16Type,
    Float32Type,
    Float64Type,
    IntAttr,
    IntegerType,
    LocationAttr,
    NoneType,
    TupleType,
    VectorType,
)
from xdsl.ir import Attribute

from .....dialects.diagnostics import UnsupportedError


class TypeTexts:
    """Texts of types, each made once: a type is looked up by its identity, which is much faster than by its hash.

    So the types that are asked for have to stay alive, as those of a module's values and ops do.
    """

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    def of(self, type_: Attribute, location: LocationAttr) -> str:
        """The text of a type; `location`: that of the op which has it."""
        found = self._texts.get(id(type_))
        if found is None:
            found = self._texts[id(type_)] = _text(type_, location)
        return found


def _text(type_: Attribute, location: LocationAttr) -> str:
    writer = _WRITERS.get(type(type_))
    if writer is None:
        raise UnsupportedError(f"type '{type_}' has no native form", location=location)
    return writer(type_, location)


def _pointer(type_: llvm.LLVMPointerType, location: LocationAttr) -> str:
    space = type_.addr_space
    return f"ptr addrspace({space.data})" if isinstance(space, IntAttr) and space.data else "ptr"


def _vector(type_: VectorType, location: LocationAttr) -> str:
    if type_.get_num_scalable_dims() or type_.get_num_dims() != 1:
        raise UnsupportedError(f"type '{type_}' has no native form", location=location)
    return f"<{type_.get_shape()[0]} x {_text(type_.element_type, location)}>"


def _array(type_: llvm.LLVMArrayType, location: LocationAttr) -> str:
    return f"[{type_.size.data} x {_text(type_.type, location)}]"


def _struct(type_: llvm.LLVMStructType | TupleType, location: LocationAttr) -> str:
    return f"{{{', '.join(_text(field, location) for field in type_.types.data)}}}"


def _complex(type_: ComplexType, location: LocationAttr) -> str:
    part = _text(type_.element_type, location)
    return f"{{{part}, {part}}}"


_WRITERS: dict[type[Attribute], Callable[[Any, LocationAttr], str]] = {
    IntegerType: lambda type_, location: f"i{type_.width.data}",
    Float16Type: lambda type_, location: "half",
    Float32Type: lambda type_, location: "float",
    Float64Type: lambda type_, location: "double",
    llvm.LLVMVoidType: lambda type_, location: "void",
    NoneType: lambda type_, location: "void",
    llvm.LLVMPointerType: _pointer,
    VectorType: _vector,
    llvm.LLVMArrayType: _array,
    llvm.LLVMStructType: _struct,
    TupleType: _struct,
    ComplexType: _complex,
}
