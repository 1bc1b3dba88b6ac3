"""Inputs of programs as words: `x.npy`, `several.npz`, and Python literals such as `1.0` and `"[1, 2]"`."""

from __future__ import annotations

import ast
import math
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import MemRefType, TensorType
from xdsl.ir import Attribute

from ..compiler.interchange.mlir.entries import Entry, argument_types
from ..dialects.diagnostics import InputError
from ..dialects.dtypes import DType, as_dtype, is_tensor_dtype
from ..dialects.state import VariableType
from ..dialects.strings import string_array
from ..dialects.types import DYNAMIC
from .engines.interpreter.values import dtype_of


@dataclass(frozen=True)
class Given:
    """An input as it was given.

    Attributes:
        text: how it was written, for errors.
        value: an array, or the value of a literal.
        is_literal: whether it takes the dtype that is wanted; arrays from files must have it.
    """

    text: str
    value: Any
    is_literal: bool


def read_inputs(texts: Sequence[str]) -> list[Given]:
    """The inputs that words of the command line represent; an `.npz` file represents all its arrays, in order."""
    return [given for text in texts for given in read_input(text)]


def read_input(text: str) -> list[Given]:
    """The inputs that one word represents: a literal, a file, or several arrays in one file."""
    if text.endswith((".npy", ".npz")):
        return _load(text)
    if text.startswith("--"):
        raise InputError(f"there is no option '{text}'")
    return [Given(text, literal(text), True)]


def _load(path: str) -> list[Given]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if path.endswith(".npy"):
            return [Given(path, loaded, False)]
        with loaded:
            return [Given(f"{path}:{name}", loaded[name], False) for name in loaded.files]
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, EOFError, zipfile.BadZipFile, AttributeError):
        raise InputError(f"{path}: this is not a file of numpy arrays") from None


def literal(text: str) -> Any:
    """The value of a Python literal; `nan` and `inf` are numbers too."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise InputError(f"'{text}' is neither a file (.npy, .npz) nor a Python literal") from None


def _value(node: ast.expr) -> object:
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return getattr(math, node.id)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(node.operand)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.List | ast.Tuple):
        values = [_value(element) for element in node.elts]
        return values if isinstance(node, ast.List) else tuple(values)
    return ast.literal_eval(node)


def fit(given: Given, name: str, dtype: DType, shape: Sequence[int | None]) -> np.ndarray:
    """The input as an array of `dtype` and `shape` (None: any size).

    A literal is converted where its value stays the same (floats are rounded); what a file holds must fit as it is.
    """
    expected = f"{dtype.name}{_shape_text(shape)}"
    array = _converted(given, name, dtype, expected) if given.is_literal else given.value
    sizes_fit = len(shape) == array.ndim and all(
        want in (None, size) for want, size in zip(shape, array.shape, strict=True)
    )
    if array.dtype != dtype or not sizes_fit:
        raise InputError(
            f"{name} ({given.text}): expected {expected}, got {array.dtype.name}{_shape_text(array.shape)}"
        )
    return array


def _converted(given: Given, name: str, dtype: DType, expected: str) -> np.ndarray:
    try:
        if dtype.is_string:
            return string_array(given.value)
        plain = np.array(given.value)
        if not is_tensor_dtype(plain.dtype):
            raise ValueError
        with np.errstate(all="ignore"):
            array = np.array(given.value, dtype)
    except (ValueError, TypeError, OverflowError):
        raise InputError(f"{name}: expected {expected}, got '{given.text}'") from None
    if not dtype.is_floating and plain.size and not np.array_equal(array, plain):
        raise InputError(f"{name}: expected {expected}, which cannot hold '{given.text}'")
    return array


def _shape_text(shape: Sequence[int | None]) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"


def arrays_for(entry: Entry, inputs: Sequence[Given]) -> list[np.ndarray]:
    """The arrays that a function is given; InputError where inputs do not fit its arguments."""
    types = argument_types(entry)
    if len(inputs) != len(types):
        expected = ", ".join(map(str, types)) or "none"
        raise InputError(f"@{entry.sym_name.data} takes {len(types)} inputs ({expected}), got {len(inputs)}")
    return [_fitting(number, *pair) for number, pair in enumerate(zip(inputs, types, strict=True))]


def _fitting(number: int, given: Given, type_: Attribute) -> np.ndarray:
    shaped = type_.value_type if isinstance(type_, VariableType) else type_
    sizes = shaped.get_shape() if isinstance(shaped, TensorType | MemRefType) else ()
    shape = [None if size == DYNAMIC else size for size in sizes]
    return fit(given, f"input {number}", as_dtype(dtype_of(shaped)), shape).copy()
