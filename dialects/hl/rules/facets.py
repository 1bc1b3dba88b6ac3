"""What an op's rules are given: calls, an abstract ONNX graph, an abstract sampler."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute

from ...dtypes import DType

Attrs: TypeAlias = Mapping[str, Any]
"""Attributes of an op by name, as Python values: of the types that the op's definitions of attributes say."""


@dataclass(frozen=True)
class OpCall:
    """One application of an op.

    Attributes:
        inputs: tensors (for gradients) or names in the graph (for ONNX).
        outputs: the results, likewise; empty for ONNX.
        attrs: the op's attributes as Python values.
        input_types, output_types: their types.
    """

    inputs: Sequence[Any]
    outputs: Sequence[Any]
    attrs: Attrs
    input_types: Sequence[TensorType[Attribute]]
    output_types: Sequence[TensorType[Attribute]]


T = TypeVar("T")


class OnnxGraph(Protocol):
    """What an op's ONNX rule may do: add nodes and constants. Names are strings.

    Attributes:
        exact: whether NaN, the sign of zero and every run-time check are kept as the op defines them. Otherwise a rule
            prefers ONNX's standard operator, which other tools recognise.
    """

    exact: bool

    def node(self, op_type: str, inputs: Sequence[str], /, **attributes: object) -> str:
        """Add a node with one output; return the output's name. An input `""` is absent."""
        ...

    def nodes(self, op_type: str, inputs: Sequence[str], outputs: int, /, **attributes: object) -> list[str]:
        """Add a node with several outputs; return their names."""
        ...

    def constant(self, value: np.ndarray) -> str:
        """Add a constant (int64 for shapes and axes); return its name."""
        ...

    def cast(self, name: str, dtype: DType) -> str:
        """Add a `Cast` of `name` to a numpy dtype."""
        ...

    def before_cast(self, name: str) -> str:
        """What was cast to make a value; the value itself, if it is no cast."""
        ...

    def dtype_of(self, name: str) -> DType | None:
        """The dtype of a value, if it is known."""
        ...

    def check(self, ok: str, message: str, kind: str = "") -> None:
        """Let the program fail with `message`, an error of that kind, unless `ok`, one boolean, holds.

        `{0}` … in the message stand for values that are not known; they are shown as `?`.
        """
        ...

    def choose(self, condition: str, then: OnnxRule, otherwise: OnnxRule, type_: TensorType[Attribute]) -> str:
        """Add an `If` on one boolean, whose branches are what two functions add to a graph of their own."""
        ...


OnnxRule: TypeAlias = Callable[[OnnxGraph], str]
"""Adds nodes to a graph, and gives the name of the result."""


@dataclass(frozen=True)
class Sample:
    """Operands and attributes of a valid call."""

    operands: tuple[np.ndarray, ...]
    attrs: Attrs


class Sampler(Protocol):
    """A source of test data; `stepwell.testing` implements it on hypothesis."""

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        ...

    def boolean(self) -> bool:
        """True or False."""
        ...

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        ...

    def shape(self, min_rank: int = 0, max_rank: int = 3, min_side: int = 0, max_side: int = 4) -> tuple[int, ...]:
        """A shape."""
        ...

    def broadcastable(self, count: int) -> list[tuple[int, ...]]:
        """Shapes that broadcast together as NumPy's do."""
        ...

    def array(
        self, shape: Sequence[int], dtype: DType, low: float | None = None, high: float | None = None
    ) -> np.ndarray:
        """An array, within bounds if given, else of any values (NaN, infinities, extremes among them)."""
        ...

    def whole(self, shape: Sequence[int], dtype: DType) -> np.ndarray:
        """An array of small whole numbers, so that sums of products are exact in any order."""
        ...
