"""What ops on strings share: they are host calls, element by element, on arrays of bytes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import operand_def, result_def

from ...dtypes import STRING, DType, dtype_of
from ...emitter import Emitter
from ...strings import of_list
from ...types import shape_of, tensor_type
from .base import DTypeError, HLOp, Types, not_differentiable, not_exportable, not_lowered
from .facets import Attrs, Sample, Sampler

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


def mapped(function: Callable[[Any], Any], x: np.ndarray, dtype: DType = STRING) -> np.ndarray:
    """The array of the results for each element."""
    items = [function(item) for item in x.reshape(-1).tolist()]
    return of_list(items, x.shape) if dtype is STRING else np.array(items, dtype).reshape(x.shape)


def sample_strings(s: Sampler, shape: Sequence[int], among: Sequence[bytes] = SAMPLES) -> np.ndarray:
    """Strings for which rules differ, in a shape."""
    return of_list([s.choice(among) for _ in range(int(np.prod(shape, dtype=int)))], shape)


def static_sizes(e: Emitter, op: Operation) -> list[list[SSAValue]]:
    """The sizes of results that are all known."""
    return [[e.index(size) for size in shape_of(result.type)] for result in op.results]  # pyright: ignore
