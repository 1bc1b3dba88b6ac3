"""What ops on strings share: they are host calls, element by element, on arrays of bytes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import operand_def, result_def

from ...dtypes import INT64, STRING, DType, dtype_of
from ...emitter import Emitter
from ...strings import of_list
from ...types import DYNAMIC, shape_of, tensor_type
from .base import DTypeError, HLOp, InferenceError, Types, not_differentiable, not_exportable, not_lowered
from .elementwise import shape_text
from .facets import Attrs, Sample, Sampler
from .linalg_builder import to_index

SAMPLES = (
    *(b"", b"a", b"Hello World", "Grüße".encode(), b" x\t", b"a,b,,c", b"\xff\x00", b"12", b"-3.5e2"),
    *("日本語".encode(), b"a b  c", b"\\x41 {}"),
)
"""Strings for which rules differ."""


class StringOp(HLOp):
    """The base of ops on strings, which are host calls: their elements are objects of Python's."""

    DTYPES: ClassVar[tuple[DType, ...]] = (STRING,)
    STRUCTURED: ClassVar[bool] = True
    WIDENS: ClassVar[bool] = False

    gradient = not_differentiable("strings have no gradient")
    lower = not_lowered("strings are Python's: it is a host call")
    onnx = not_exportable("exported programs have no strings")

    @classmethod
    def check_strings(cls, types: Types, constraint: str = "C1") -> None:
        """Check that operands are of strings."""
        for type_ in types:
            if dtype_of(type_) is not STRING:
                raise DTypeError(constraint, f"expected dtype string, got {dtype_of(type_).name}")


class StringMapOp(StringOp):
    """The base of ops that compute each element of the result from the string at the same place of `x`."""

    RESULT: ClassVar[DType] = STRING

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def result_dtype(cls, attrs: Attrs) -> DType:
        """The result's dtype."""
        return cls.RESULT

    @classmethod
    @abstractmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """The function of one string. Raises `InferenceError` for attributes that no string can be used with."""

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `x`."""
        cls.check_strings(types)
        cls.function(attrs)
        return [tensor_type(shape_of(types[0]), cls.result_dtype(attrs))]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The function of each string."""
        return (mapped(cls.function(attrs), operands[0], cls.result_dtype(attrs)),)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Strings for which rules differ."""
        return Sample((sample_strings(s, s.shape(max_side=3)),), cls.sample_attrs(s))

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """Attributes of a valid call."""
        return {}


class StringPiecesOp(StringOp):
    """The base of ops on the pieces that strings have, such as characters: how many, and which ones."""

    @classmethod
    @abstractmethod
    def check_attrs(cls, attrs: Attrs) -> None:
        """Check the attributes. Raises `InferenceError`."""

    @classmethod
    @abstractmethod
    def pieces(cls, item: bytes, attrs: Attrs) -> list[Any]:
        """Those of one string."""

    @classmethod
    @abstractmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """Attributes of a valid call."""


class StringCountsOp(StringPiecesOp, StringMapOp):
    """The base of ops that count the pieces of each string."""

    RESULT: ClassVar[DType] = INT64

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """The number of pieces."""
        cls.check_attrs(attrs)
        return lambda item: len(cls.pieces(item, attrs))


class StringFlatOp(StringPiecesOp):
    """The base of ops that return the pieces of all strings, one after the other."""

    RESULT: ClassVar[DType] = STRING
    SIZED_BY_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    total = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """A vector."""
        cls.check_strings(types[:1])
        cls.check_attrs(attrs)
        check_total(types[1])
        return [tensor_type((DYNAMIC,), cls.RESULT)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The pieces."""
        found = [piece for item in operands[0].reshape(-1).tolist() for piece in cls.pieces(item, attrs)]
        return (_array(found, (len(found),), cls.RESULT),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The total."""
        return [[to_index(e, op.operands[1])]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Strings for which rules differ, and how many pieces they have."""
        x, attrs = sample_strings(s, s.shape(max_side=3)), cls.sample_attrs(s)
        total = sum(len(cls.pieces(item, attrs)) for item in x.reshape(-1).tolist())
        return Sample((x, np.array(total, np.int64)), attrs)


def check_total(type_: TensorType[Attribute]) -> None:
    """Check (C3) the operand that says how many elements a vector has."""
    if shape_of(type_) != () or dtype_of(type_) is not INT64:
        shape = shape_text(shape_of(type_))
        raise InferenceError("C3", f"expected an int64 scalar, got shape {shape} of {dtype_of(type_).name}")


def mapped(function: Callable[[Any], Any], x: np.ndarray, dtype: DType = STRING) -> np.ndarray:
    """The array of the results for each element."""
    return _array([function(item) for item in x.reshape(-1).tolist()], x.shape, dtype)


def _array(items: list[Any], shape: Sequence[int], dtype: DType) -> np.ndarray:
    """Strings, or numbers, in a shape."""
    return of_list(items, shape) if dtype is STRING else np.array(items, dtype).reshape(shape)


def sample_strings(s: Sampler, shape: Sequence[int], among: Sequence[bytes] = SAMPLES) -> np.ndarray:
    """Strings for which rules differ, in a shape."""
    return of_list([s.choice(among) for _ in range(int(np.prod(shape, dtype=int)))], shape)


def static_sizes(e: Emitter, op: Operation) -> list[list[SSAValue]]:
    """The sizes of results that are all known."""
    return [[e.index(size) for size in shape_of(result.type)] for result in op.results]  # pyright: ignore
