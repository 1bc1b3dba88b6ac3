"""Replacing one thing by another in every type and constant of a module: a size, or the type of elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    FloatAttr,
    FunctionType,
    IndexType,
    IntegerAttr,
    MemRefType,
    TensorType,
    VectorType,
    i64,
)
from xdsl.dialects.llvm import ConstantOp as LLVMConstantOp
from xdsl.ir import Attribute, Operation
from xdsl.utils.exceptions import VerifyException

from ...dialects.dtypes import dtype_of
from ...dialects.emitter import constant_attr
from ...dialects.state import VariableType
from ...dialects.types import array_of, dense
from .retype import set_type

_SIZES = ("shape", "sizes", "static_sizes", "count", "end", "static_offsets")
"""Names of attributes that are sizes."""

Change = Callable[[Any], Any]


def substitute(module: Operation, size: Change, element: Change, index_constants: bool = False) -> bool:
    """Replace sizes and element types everywhere; tell whether there are such types.

    Args:
        module: changed in place; it may not be valid afterwards.
        size: the replacement of a size.
        element: the replacement of an element type.
        index_constants: whether constants of type `index` are sizes too.
    """
    types = _Types(size, element)
    try:
        for op in module.walk():
            _substitute_in(op, types, index_constants)
    except (VerifyException, KeyError):  # no such vector, no such constant
        return False
    return True


def _substitute_in(op: Operation, types: _Types, index_constants: bool) -> None:
    for value in (*op.results, *(a for r in op.regions for b in r.blocks for a in b.args)):
        set_type(value, types.of(value.type))
    for attributes in (op.properties, op.attributes):
        for name, attr in list(attributes.items()):
            attributes[name] = types.sizes(attr) if name in _SIZES else types.of(attr)
    if index_constants and isinstance(op, arith.ConstantOp | LLVMConstantOp):
        value = op.properties["value"]
        if isinstance(value, IntegerAttr) and value.type in (IndexType(), i64):
            op.properties["value"] = IntegerAttr(types.size(value.value.data), value.type)


class _Types:
    """What becomes of attributes; equal ones are looked at once."""

    def __init__(self, size: Change, element: Change):
        self.size, self.element = size, element
        self.known: dict[Attribute, Attribute] = {}

    def of(self, attr: Attribute) -> Attribute:
        """An attribute with its sizes and element types replaced."""
        if attr not in self.known:
            self.known[attr] = self._of(attr)
        return self.known[attr]

    def _of(self, attr: Attribute) -> Attribute:
        match attr:
            case TensorType():
                return TensorType(self.of(attr.element_type), self.shape(attr.get_shape()), attr.encoding)
            case VectorType():
                return VectorType(self.of(attr.element_type), self.shape(attr.get_shape()), attr.scalable_dims)
            case MemRefType():
                shape = self.shape(attr.get_shape())
                return MemRefType(self.of(attr.element_type), shape, attr.layout, attr.memory_space)
            case VariableType():
                return VariableType(self.of(attr.value_type))  # pyright: ignore[reportArgumentType]
            case FunctionType():
                inputs, outputs = map(self.of, attr.inputs.data), map(self.of, attr.outputs.data)
                return FunctionType.from_lists(list(inputs), list(outputs))
            case IntegerAttr() | FloatAttr() if self.of(attr.type) != attr.type:
                return constant_attr(attr.value.data, self.of(attr.type))
            case DenseIntOrFPElementsAttr():
                return self._constant(attr)
            case DictionaryAttr():
                return DictionaryAttr({name: self.of(value) for name, value in attr.data.items()})
        return self.element(attr)

    def shape(self, sizes: Sequence[int]) -> list[int]:
        """A shape with its sizes replaced."""
        return [self.size(each) for each in sizes]

    def sizes(self, attr: Attribute) -> Attribute:
        """An attribute that is a size, or a list of sizes, with them replaced."""
        match attr:
            case IntegerAttr():
                return IntegerAttr(self.size(attr.value.data), attr.type)
            case DenseArrayBase():
                return DenseArrayBase.from_list(attr.elt_type, self.shape([int(n) for n in attr.get_values()]))  # pyright: ignore
            case ArrayAttr():
                return ArrayAttr([self.sizes(each) for each in attr.data])
        return attr

    def _constant(self, attr: DenseIntOrFPElementsAttr) -> Attribute:
        """The first elements along each axis that gets shorter, converted."""
        type_ = self.of(attr.type)
        if type_ == attr.type:
            return attr
        assert isinstance(type_, TensorType | VectorType)
        array, shape = array_of(attr), type_.get_shape()
        if array.size:
            for axis, size in enumerate(shape):
                array = np.take(array, range(size), axis=axis, mode="wrap")
        else:
            array = np.zeros(shape, array.dtype)
        with np.errstate(all="ignore"):
            made = dense(np.ascontiguousarray(array.astype(dtype_of(type_))))
        return DenseIntOrFPElementsAttr(type_, made.data)
