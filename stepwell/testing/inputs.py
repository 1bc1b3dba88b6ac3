"""Inputs for a function of any level: made from the types of its parameters, and kept bit for bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ml_dtypes
import numpy as np
from xdsl.dialects.builtin import MemRefType, TensorType, VectorType
from xdsl.ir import Attribute

from stepwell.dialects.dtypes import DType, as_dtype
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import DYNAMIC
from stepwell.runtime.engines.interpreter.errors import InterpreterError
from stepwell.runtime.engines.interpreter.values import dtype_of

from .numbers import full_mantissas

_SIZES = (3, 1, 0, 4)
"""What every unknown size is in the first sets of inputs; in later ones each is drawn."""
_SPECIAL = 3
"""The first set of inputs that has NaN, infinities, negative zeros, denormals and extremes; each second one has."""


class UnsupportedTypeError(Exception):
    """A parameter of a type that there are no inputs for."""


def generate_inputs(types: Sequence[Attribute], number: int) -> tuple[np.ndarray, ...]:
    """The set of inputs with that number: the same ones whenever it is asked for.

    Set 0 is what most programs take: unknown sizes are 3, numbers small, scalars positive. Unknown sizes are then 1, 0,
    4, and drawn from 0 to 5. Special values come with set 3 and each second one after it. Floats are quarters in set 0,
    and in each second one after it, and have all their digits in the others.

    Raises:
        UnsupportedTypeError: for types that are neither tensors, memrefs, vectors, Variables nor numbers.

    Example:
        >>> from xdsl.dialects.builtin import TensorType, f32, i32
        >>> [array.shape for array in generate_inputs([TensorType(f32, [-1, 2]), i32], 0)]
        [(3, 2), ()]
    """
    source = np.random.default_rng(number)
    return tuple(_input(type_, number, source) for type_ in types)


def _input(type_: Attribute, number: int, source: np.random.Generator) -> np.ndarray:
    shaped = type_.value_type if isinstance(type_, VariableType) else type_
    sizes = shaped.get_shape() if isinstance(shaped, TensorType | MemRefType | VectorType) else ()
    try:
        dtype = as_dtype(dtype_of(shaped))
    except (InterpreterError, KeyError, TypeError, ValueError, AssertionError):
        raise UnsupportedTypeError(f"there are no inputs of type {type_}") from None
    shape = [_size(number, source) if size == DYNAMIC else size for size in sizes]
    special = number >= _SPECIAL and (number - _SPECIAL) % 2 == 0
    return np.array(_values(dtype, shape, special, number % 2 == 1, source), dtype)


def _size(number: int, source: np.random.Generator) -> int:
    return _SIZES[number] if number < len(_SIZES) else int(source.integers(0, 6))


def _values(
    dtype: DType, shape: Sequence[int], special: bool, all_digits: bool, source: np.random.Generator
) -> np.ndarray:
    if dtype.is_bool:
        return source.integers(0, 2, shape)
    if dtype.is_integer:
        lowest = 0 if dtype.is_unsigned else -9
        values = source.integers(1, 5, shape) if not shape and not special else source.integers(lowest, 10, shape)
        extremes: list[float] = [np.iinfo(dtype).min, np.iinfo(dtype).max]
    else:
        values = full_mantissas(shape, dtype, source) if all_digits else source.integers(-16, 17, shape) / 4
        extremes = [np.nan, np.inf, -np.inf, -0.0, 0.0, _smallest(dtype), _largest(dtype)]
    values = np.array(values, dtype)
    if special and shape:
        chosen = source.integers(0, 3, shape) == 0
        values[chosen] = source.choice(np.array(extremes, dtype), int(chosen.sum()))
    return values


def _smallest(dtype: DType) -> float:
    return float(np.nextafter(np.zeros((), dtype), np.ones((), dtype))) if dtype.name.startswith("float") else 0.0


def _largest(dtype: DType) -> float:
    return float(ml_dtypes.finfo(dtype).max) if dtype.name.startswith("float") else 1.0


def packed_arrays(arrays: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    """Arrays as JSON can hold them, bit for bit.

    Example:
        >>> packed_arrays([np.array([1, -1], np.int8)])
        [{'dtype': 'int8', 'shape': [2], 'bytes': '01ff'}]
    """
    return [{"dtype": a.dtype.name, "shape": list(a.shape), "bytes": a.tobytes().hex()} for a in arrays]


def unpacked_arrays(items: Sequence[Mapping[str, Any]]) -> list[np.ndarray]:
    """The arrays that `packed_arrays` packed."""
    return [np.frombuffer(bytes.fromhex(item["bytes"]), item["dtype"]).reshape(item["shape"]).copy() for item in items]
