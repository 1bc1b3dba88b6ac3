"""Complex arrays as real ones: the real and the imaginary part of each element are two elements along a last axis."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import ComplexType, ModuleOp, TensorType
from xdsl.ir import Attribute, Operation

from .dtypes import dtype_of
from .state import VariableType
from .types import shape_of, tensor_type
from .walk import ops_in


def packed(array: np.ndarray) -> np.ndarray:
    """A complex array as a real one of one more axis, of size 2; a view if the array is contiguous.

    Example:
        >>> packed(np.array([1 + 2j, 3])).tolist()
        [[1.0, 2.0], [3.0, 0.0]]
    """
    array = np.asarray(array)
    if not array.flags.c_contiguous:
        array = np.ascontiguousarray(array).reshape(array.shape)
    return array.reshape(*array.shape, 1).view(dtype_of(array).real_dtype.dtype)


def unpacked(array: np.ndarray) -> np.ndarray:
    """The complex array that `packed` makes this one of.

    Example:
        >>> unpacked(np.array([[1.0, 2.0], [3.0, 0.0]])).tolist()
        [(1+2j), (3+0j)]
    """
    array = np.ascontiguousarray(array)
    return array.view(dtype_of(array).complex_dtype.dtype).reshape(array.shape[:-1])


def packed_type(type_: Attribute) -> Attribute:
    """The type that `packed` gives what is of a type, which may be that of a Variable; other types stay."""
    if isinstance(type_, VariableType):
        value = packed_type(type_.value_type)
        assert isinstance(value, TensorType)
        return VariableType(value)
    if not is_complex(type_):
        return type_
    assert isinstance(type_, TensorType)
    return tensor_type((*shape_of(type_), 2), dtype_of(type_).real_dtype)


def real_type(type_: Attribute) -> Attribute:
    """The type of the real parts of what is of a type; other types than of complex tensors stay."""
    if isinstance(type_, TensorType) and is_complex(type_):
        return tensor_type(shape_of(type_), dtype_of(type_).real_dtype)
    return type_


def is_complex(type_: Attribute) -> bool:
    """Whether a type is that of complex tensors, or of Variables that hold some."""
    if isinstance(type_, VariableType):
        type_ = type_.value_type
    return isinstance(type_, TensorType) and isinstance(type_.element_type, ComplexType)


def has_complex(module: ModuleOp) -> bool:
    """Whether a value in a module is complex."""
    return any(uses_complex(op) or any(map(is_complex, _argument_types(op))) for op in ops_in(module))


def _argument_types(op: Operation) -> list[Attribute]:
    return [argument.type for region in op.regions for block in region.blocks for argument in block.args]


def uses_complex(op: Operation) -> bool:
    """Whether an operand or a result of an op is complex."""
    return any(is_complex(value.type) for value in (*op.operands, *op.results))
