"""Op attributes as plain Python values: rules of ops never meet attribute classes."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    StringAttr,
    f64,
    i1,
    i64,
)
from xdsl.ir import Attribute

from ...dtypes import DType, dtype_of, element_type
from ...types import array_of, dense
from .facets import Attrs


def encode(value: object) -> Attribute:
    """The attribute for a bool, number, string, dtype, array, dictionary, or tuple of ints, of strings or of tuples."""
    match value:
        case bool() | np.bool_():
            return IntegerAttr(int(value), i1, truncate_bits=True)
        case int() | np.integer():
            return IntegerAttr(int(value), i64)
        case float():
            return FloatAttr(value, f64)
        case str():
            return StringAttr(value)
        case DType():
            return element_type(value)
        case np.ndarray():
            return dense(value)
        case dict():
            return DictionaryAttr(encode_all(value))
        case tuple() if value and isinstance(value[0], tuple | str):
            return ArrayAttr([encode(item) for item in value])
        case tuple():
            return DenseArrayBase.from_list(i64, [int(item) for item in value])
    raise TypeError(f"no attribute form for {value!r}")


def decode(attr: Attribute) -> Any:
    """The Python value of an attribute made by `encode`."""
    match attr:
        case IntegerAttr():
            value = attr.value.data
            return bool(value) if attr.type == i1 else value
        case FloatAttr():
            return attr.value.data
        case StringAttr():
            return attr.data
        case DenseIntOrFPElementsAttr():
            return array_of(attr)
        case DenseArrayBase():
            return tuple(int(item) for item in cast("DenseArrayBase[IntegerType]", attr).get_values())
        case DictionaryAttr():
            return {name: decode(item) for name, item in attr.data.items()}
        case ArrayAttr():
            return tuple(decode(item) for item in attr.data)
    return dtype_of(attr)


def encode_all(attrs: Attrs) -> dict[str, Attribute]:
    """`encode` for each value that is not `None`."""
    return {name: encode(value) for name, value in attrs.items() if value is not None}
