"""Dtypes in a graph: those of results, and casts around operators that ONNX Runtime has no kernel of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import onnx.defs

from ....dialects.dtypes import (
    ALL,
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    DType,
)
from ....dialects.hl.rules.facets import OnnxGraph
from .kernels import MISSING

_WIDER: dict[DType, tuple[DType, ...]] = {
    INT8: (INT32, INT64, FLOAT32, FLOAT64),
    INT16: (INT32, INT64, FLOAT32, FLOAT64),
    UINT8: (INT32, INT64, FLOAT32, FLOAT64),
    UINT16: (INT32, INT64, FLOAT32, FLOAT64),
    INT32: (INT64, FLOAT64),
    UINT32: (INT64, FLOAT64),
    FLOAT16: (FLOAT32, FLOAT64),
    BFLOAT16: (FLOAT32, FLOAT64),
    UINT64: (INT64,),
}
"""What has all numbers of a dtype, best first; for uint64, which nothing has, what has as many."""

_COMPARING = ("ReduceMax", "ReduceMin", "ArgMax", "ArgMin", "TopK", "MaxPool")
"""Operators whose results depend on the order of the elements."""
_SIGN = 2**63

_RESULTS: dict[str, DType] = {
    **dict.fromkeys(
        ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "And", "Or", "Xor", "Not", "IsNaN", "IsInf"), BOOL
    ),
    "MatMulInteger": INT32,
    **dict.fromkeys(("Shape", "Size", "ArgMax", "ArgMin", "NonZero"), INT64),
}
_LIKE = {"Where": 1, "CastLike": 1, "OneHot": 2}
"""Operators whose results have the dtype of another input than the first."""
_FAILING = {
    ("MatMul", "T"): frozenset(["uint32", "uint64"]),
    ("ScatterND", "T"): frozenset(["float16", "bfloat16"]),
    ("ScatterElements", "T"): frozenset(["float16", "bfloat16"]),
}
"""Kernels that ONNX Runtime has, and that fail when they run: for empty sums, or with a reduction."""
_BY_CODE = {dtype.onnx: dtype for dtype in ALL}


@cache
def _missing() -> Mapping[tuple[str, str], frozenset[str]]:
    found = {(op, name): frozenset(dtypes.split()) for ops, name, dtypes in MISSING for op in ops.split()}
    for key, dtypes in _FAILING.items():
        found[key] = found.get(key, frozenset()) | dtypes
    return found


@cache
def _schema(op_type: str, opset: int) -> tuple[list[str], list[str]]:
    """The names of the types of the inputs, and of the outputs, of an operator that lacks kernels; none of others."""
    if not any(op == op_type for op, _ in _missing()):
        return [], []
    schema = onnx.defs.get_schema(op_type, opset)
    return [each.type_str for each in schema.inputs], [each.type_str for each in schema.outputs]


def result_dtypes(
    op_type: str, inputs: Sequence[DType | None], attributes: Mapping[str, Any], count: int
) -> list[DType | None]:
    """The dtypes of the results of a node, as far as they follow from its inputs; of nodes with graphs none does."""
    if op_type in ("If", "Loop", "Scan", "ConstantOfShape", "Constant"):
        return [None] * count
    if op_type in ("Cast", "EyeLike", "RandomUniform") and "to" in attributes:
        first = _BY_CODE.get(attributes["to"])
    else:
        position = _LIKE.get(op_type, 0)
        first = _RESULTS.get(op_type, inputs[position] if position < len(inputs) else None)
    return [first, *[INT64] * (count - 1)] if op_type in ("TopK", "MaxPool") else [first] * count


class Adapted:
    """A node's inputs in dtypes that there is a kernel for, and its results in those that they have by the standard.

    Attributes:
        inputs: the names, of casts where needed.
    """

    def __init__(self, g: OnnxGraph, op_type: str, inputs: Sequence[str], dtypes: Sequence[DType | None], opset: int):
        self._g = g
        self._instead: dict[str, tuple[DType, DType]] = {}
        self._flips = op_type in _COMPARING
        given, self._outputs = _schema(op_type, opset)
        names = [given[min(position, len(given) - 1)] if given else "" for position in range(len(inputs))]
        for name, dtype in zip(names, dtypes, strict=False):
            missing = _missing().get((op_type, name), frozenset())
            if dtype is not None and dtype.name in missing:
                wider = next((wide for wide in _WIDER.get(dtype, ()) if wide.name not in missing), None)
                if wider is not None:
                    self._instead[name] = dtype, wider
        self.inputs = [
            self._widened(x, self._instead[name]) if x and name in self._instead else x
            for x, name in zip(inputs, names, strict=True)
        ]

    def _widened(self, x: str, dtypes: tuple[DType, DType]) -> str:
        dtype, wider = dtypes
        if dtype == UINT64 and self._flips:
            x = self._g.node("BitwiseXor", [x, self._g.constant(np.array(_SIGN, np.uint64))])
        return self._g.cast(x, wider)

    def result(self, x: str, position: int) -> str:
        """A result of the node in its own dtype."""
        if not self._instead:
            return x
        name = self._outputs[min(position, len(self._outputs) - 1)]
        if name not in self._instead:
            return x
        dtype, _ = self._instead[name]
        x = self._g.cast(x, dtype)
        if dtype == UINT64 and self._flips:
            x = self._g.node("BitwiseXor", [x, self._g.constant(np.array(_SIGN, np.uint64))])
        return x
