"""Sums and products in ONNX as the ops define them: ONNX Runtime's own round and saturate integers.

Its sums of floats are taken one after the other, with errors that grow with their length.
"""

from __future__ import annotations

import numpy as np

from ...dtypes import FLOAT64, INT64, UINT64, DType
from .facets import OnnxGraph
from .float_sums import FEW_TERMS

_PIECE = 16
"""Bits of the pieces that are summed apart: sums of fewer than 2**37 pieces are exact in a float64."""


def wrapping_sum(g: OnnxGraph, x: str, axes: str, dtype: DType, terms: int | None = None, **attributes: object) -> str:
    """`ReduceSum` of `x` along `axes`; integers are summed in pieces of 16 bits, long sums of float32 in float64.

    `terms` says how many are added up, where that is known.
    """
    if dtype.is_floating:
        if not g.exact or dtype != np.float32 or (terms is not None and terms <= FEW_TERMS):
            return g.node("ReduceSum", [x, axes], **attributes)
        total = g.node("ReduceSum", [g.cast(x, FLOAT64), axes], **attributes)
        return g.cast(total, dtype)
    bits = g.cast(x, UINT64)
    total = ""
    for shift in range(0, 8 * dtype.size, _PIECE):
        moved = g.node("BitShift", [bits, _uint(g, shift)], direction="RIGHT") if shift else bits
        piece = g.cast(g.node("BitwiseAnd", [moved, _uint(g, 2**_PIECE - 1)]), INT64)
        part = g.node("ReduceSum", [piece, axes], **attributes)
        part = g.node("Mul", [part, _int(g, 1 << shift)])
        total = g.node("Add", [total, part]) if total else part
    return g.cast(total, dtype)


def wrapping_product(g: OnnxGraph, x: str, steps: int) -> str:
    """The product along the last axis, which is not empty, of at most `2**steps` integers: halves are multiplied."""
    shape = g.node("Shape", [x])
    lead = g.node("Mul", [g.node("Slice", [shape, _ints(g, 0), _ints(g, -1)]), _ints(g, 0)])
    before = g.node("Mul", [shape, _ints(g, 0)])
    one = g.node("CastLike", [_int(g, 1), x])
    for _ in range(steps):
        size = g.node("Shape", [x], start=-1)
        half = g.node("Div", [g.node("Add", [size, _ints(g, 1)]), _ints(g, 2)])
        whole = g.node("Mul", [half, _ints(g, 2)])
        pads = g.node("Concat", [before, lead, g.node("Sub", [whole, size])], axis=0)
        x = g.node("Pad", [x, pads, one], mode="constant")
        first = g.node("Slice", [x, _ints(g, 0), half, _ints(g, -1)])
        x = g.node("Mul", [first, g.node("Slice", [x, half, whole, _ints(g, -1)])])
    return g.node("Squeeze", [x, _ints(g, -1)])


def _int(g: OnnxGraph, value: int) -> str:
    return g.constant(np.array(value, np.int64))


def _ints(g: OnnxGraph, *values: int) -> str:
    return g.constant(np.array(values, np.int64))


def _uint(g: OnnxGraph, value: int) -> str:
    return g.constant(np.array(value, np.uint64))
