"""Which integers are unsigned, below `hl`, where types do not say it: attributes of what Python sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdsl.dialects.builtin import (
    ArrayAttr,
    FunctionType,
    IntegerType,
    MemRefType,
    Signedness,
    TensorType,
    VectorType,
)
from xdsl.ir import Attribute, Operation

from .state import VariableType

UNSIGNED = "stepwell.unsigned"
"""On an op that hands operands to Python: the types of the operands, if one is of unsigned integers."""

SIGNATURE = "stepwell.signature"
"""On a function: its type, if integers among arguments or results are unsigned."""


def is_unsigned(type_: Attribute) -> bool:
    """Whether a type, or its elements, are unsigned integers.

    Example:
        >>> is_unsigned(TensorType(IntegerType(8, Signedness.UNSIGNED), [2]))
        True
    """
    if isinstance(type_, VariableType):
        type_ = type_.value_type
    element = type_.element_type if isinstance(type_, TensorType | MemRefType | VectorType) else type_
    return isinstance(element, IntegerType) and element.signedness.data == Signedness.UNSIGNED


def signless(type_: Attribute) -> Attribute:
    """A type, its integers without a sign.

    Example:
        >>> str(signless(TensorType(IntegerType(8, Signedness.UNSIGNED), [2])))
        'tensor<2xi8>'
    """
    match type_:
        case IntegerType():
            return IntegerType(type_.width)
        case TensorType():
            return TensorType(signless(type_.element_type), type_.shape, type_.encoding)
        case MemRefType():
            return MemRefType(signless(type_.element_type), type_.shape, type_.layout, type_.memory_space)
        case VectorType():
            return VectorType(signless(type_.element_type), type_.shape)
        case FunctionType():
            return FunctionType.from_lists(*([signless(t) for t in each] for each in (type_.inputs, type_.outputs)))
        case _:
            return type_


def note_operands(op: Operation) -> None:
    """Remember which operands of an op are of unsigned integers, before their types do not say it any more."""
    types = [operand.type for operand in op.operands]
    if any(map(is_unsigned, types)):
        op.attributes[UNSIGNED] = ArrayAttr(_element(type_) for type_ in types)


def note_signature(op: Operation, type_: FunctionType) -> None:
    """Remember the type of a function."""
    if any(map(is_unsigned, (*type_.inputs, *type_.outputs))):
        inputs, outputs = ([_element(each) for each in types] for types in (type_.inputs, type_.outputs))
        op.attributes[SIGNATURE] = FunctionType.from_lists(inputs, outputs)


def _element(type_: Attribute) -> Attribute:
    if isinstance(type_, VariableType):
        type_ = type_.value_type
    return type_.element_type if isinstance(type_, TensorType | MemRefType) else type_


def operand_types(op: Operation) -> list[Attribute]:
    """The types of an op's operands, with the signs that are remembered."""
    types = [operand.type for operand in op.operands]
    noted = op.attributes.get(UNSIGNED)
    return types if not isinstance(noted, ArrayAttr) else _with_signs(types, noted.data)


def argument_types(op: Operation, types: Sequence[Attribute]) -> list[Attribute]:
    """The types of a function's arguments, with the signs that are remembered."""
    noted = op.attributes.get(SIGNATURE)
    return list(types) if not isinstance(noted, FunctionType) else _with_signs(types, noted.inputs.data)


def result_types(op: Operation, types: Sequence[Attribute]) -> list[Attribute]:
    """The types of a function's results, with the signs that are remembered."""
    noted = op.attributes.get(SIGNATURE)
    return list(types) if not isinstance(noted, FunctionType) else _with_signs(types, noted.outputs.data)


def _with_signs(types: Sequence[Attribute], elements: Sequence[Attribute]) -> list[Attribute]:
    """The types, those of unsigned elements with them; passes may have added further ones at the end."""
    known = zip(types, elements, strict=False)
    found = [_of(type_, element) if is_unsigned(element) else type_ for type_, element in known]
    return [*found, *types[len(found) :]]


def _of(type_: Attribute, element: Attribute) -> Attribute:
    match type_:
        case TensorType():
            return TensorType(element, type_.shape, type_.encoding)
        case MemRefType():
            return MemRefType(element, type_.shape, type_.layout, type_.memory_space)
        case _:
            return element


def as_seen(type_: Attribute, value: Any) -> Any:
    """An array or number as Python sees it: its bits read as unsigned integers, if its type says so."""
    return value.view(f"u{value.dtype.itemsize}") if is_unsigned(type_) else value


def as_held(type_: Attribute, value: Any) -> Any:
    """An array or number as a machine holds it whose types say no sign."""
    integer = isinstance(element := _element(type_), IntegerType) and element.width.data > 1
    return value.view(f"i{value.dtype.itemsize}") if integer and not is_unsigned(type_) else value
