"""Inputs on the command line: `x.npy`, `several.npz`, Python literals such as `1.0` and `"[1, 2]"`, and specs."""

from __future__ import annotations

import ast
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import CommandError

_DTYPES = {
    "i1": "bool",
    "bool": "bool",
    **{f"{kind}{bits}": f"{word}{bits}" for kind, word in (("i", "int"), ("u", "uint")) for bits in (8, 16, 32, 64)},
    **{f"f{bits}": f"float{bits}" for bits in (16, 32, 64)},
}
_SPEC = re.compile(r"([A-Za-z]+\d*)\[([^\]]*)\]")


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
    """The inputs that words of the command line stand for; an `.npz` file stands for all its arrays, in order."""
    return [given for text in texts for given in _read(text)]


def _read(text: str) -> list[Given]:
    if text.endswith((".npy", ".npz")):
        return _load(text)
    if text.startswith("--"):
        raise CommandError(f"there is no option '{text}'")
    return [Given(text, literal(text), True)]


def _load(path: str) -> list[Given]:
    try:
        loaded = np.load(path, allow_pickle=False)
        if path.endswith(".npy"):
            return [Given(path, loaded, False)]
        with loaded:
            return [Given(f"{path}:{name}", loaded[name], False) for name in loaded.files]
    except OSError as error:
        raise CommandError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, EOFError, zipfile.BadZipFile, AttributeError):
        raise CommandError(f"{path}: this is not a file of numpy arrays") from None


def literal(text: str) -> Any:
    """The value of a Python literal; `nan` and `inf` are numbers too."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise CommandError(f"'{text}' is neither a file (.npy, .npz) nor a Python literal") from None


def _value(node: ast.expr) -> Any:
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


def fit(given: Given, name: str, dtype: np.dtype, shape: Sequence[int | None]) -> np.ndarray:
    """The input as an array of `dtype` and `shape` (None: any size).

    A literal is converted where its value stays the same (floats are rounded); what a file holds must fit as it is.
    """
    expected = f"{dtype.name}{_shape_text(shape)}"
    array = _converted(given, name, dtype, expected) if given.is_literal else given.value
    sizes_fit = len(shape) == array.ndim and all(
        want in (None, size) for want, size in zip(shape, array.shape, strict=True)
    )
    if array.dtype != dtype or not sizes_fit:
        raise CommandError(
            f"{name} ({given.text}): expected {expected}, got {array.dtype.name}{_shape_text(array.shape)}"
        )
    return array


def _converted(given: Given, name: str, dtype: np.dtype, expected: str) -> np.ndarray:
    try:
        plain = np.array(given.value)
        if plain.dtype.kind not in "biuf":
            raise ValueError
        with np.errstate(all="ignore"):
            array = np.array(given.value, dtype)
    except (ValueError, TypeError, OverflowError):
        raise CommandError(f"{name}: expected {expected}, got '{given.text}'") from None
    if dtype.kind != "f" and plain.size and not np.array_equal(array, plain):
        raise CommandError(f"{name}: expected {expected}, which cannot hold '{given.text}'")
    return array


def _shape_text(shape: Sequence[int | None]) -> str:
    return "[" + ", ".join("?" if size is None else str(size) for size in shape) + "]"


def read_examples(texts: Sequence[str]) -> list[Any]:
    """Arguments for a trace: specs such as `f32[?,64]`; arrays and numbers as tensors; other values as they are."""
    import stepwell as sw

    found: list[Any] = []
    for text in texts:
        spec = parse_spec(text)
        if spec is not None:
            found.append(spec)
            continue
        for given in _read(text):
            found.append(_tensor_or_value(sw, given))
    return found


def _tensor_or_value(sw: Any, given: Given) -> Any:
    if given.is_literal and (given.value is None or isinstance(given.value, str | bytes | dict | set)):
        return given.value
    try:
        return sw.constant(given.value)
    except (TypeError, ValueError, OverflowError) as error:
        raise CommandError(f"'{given.text}': {' '.join(str(error).split())}") from None


def parse_spec(text: str) -> Any:
    """The `TensorSpec` of `f32[?,64]` or `float32[]`; None for text that is no spec."""
    match = _SPEC.fullmatch(text.strip())
    if match is None:
        return None
    from ..compiler.frontend.tracing.signature import TensorSpec

    word = match[1]
    dtype = _DTYPES.get(word, word if word in _DTYPES.values() else None)
    if dtype is None:
        raise CommandError(f"'{text}': there is no dtype '{word}'; dtypes are {', '.join(_DTYPES)}")
    sizes = [size.strip() for size in match[2].split(",")] if match[2].strip() else []
    if not all(size == "?" or size.isdecimal() or size.isidentifier() for size in sizes):
        raise CommandError(f"'{text}': sizes are numbers, ? for any size, or names of sizes")
    return TensorSpec([None if size == "?" else int(size) if size.isdecimal() else size for size in sizes], dtype)
