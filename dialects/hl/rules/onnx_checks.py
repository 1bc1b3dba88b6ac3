"""Run-time checks in ONNX graphs, where ONNX's own operators would accept what an op does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...debug import INVALID_INDEX
from ...dtypes import INT64, dtype_of
from ...types import DYNAMIC, shape_of
from .base import Types
from .facets import OnnxGraph


def sizes_along(g: OnnxGraph, x: str, axes: Sequence[int]) -> str:
    """The sizes of `x` along `axes`, as an int64 vector."""
    return g.node("Gather", [g.node("Shape", [x]), g.constant(np.array(axes, np.int64))])


def check_all(g: OnnxGraph, ok: str, message: str, kind: str = "") -> None:
    """Let the program fail unless all elements of `ok`, a boolean tensor that may be empty, hold."""
    failed = g.node("ReduceSum", [g.cast(g.node("Not", [ok]), INT64)], keepdims=0)
    g.check(g.node("Equal", [failed, g.constant(np.array(0))]), message, kind)


def check_not_negative(g: OnnxGraph, scalars: Sequence[str], message: str) -> None:
    """Let the program fail unless each integer scalar is 0 or more."""
    for scalar in scalars:
        wide = g.cast(scalar, INT64)
        g.check(g.node("GreaterOrEqual", [wide, g.constant(np.array(0))]), message)


def check_same_sizes(
    g: OnnxGraph, names: tuple[str, str], types: Types, pairs: Sequence[tuple[int, int]], message: str
) -> None:
    """Let the program fail unless two tensors agree along pairs of axes: those where one size is dynamic.

    A graph that need not be exact is left as it is: ONNX's operators compare such sizes themselves.
    """
    if not g.exact:
        return
    shapes = [shape_of(type_) for type_ in types]
    open_ = [(a, b) for a, b in pairs if DYNAMIC in (shapes[0][a], shapes[1][b])]
    if open_:
        first, second = (sizes_along(g, name, axes) for name, axes in zip(names, zip(*open_), strict=True))
        check_all(g, g.node("Equal", [first, second]), message)


def check_indices(g: OnnxGraph, indices: str, type_: Types, x: str, axes: Sequence[int], what: str) -> None:
    """Let the program fail unless `indices` are places in `x`.

    A graph that need not be exact is left as it is: ONNX's operators check indices themselves, but for negative ones,
    which they count from the end.

    Args:
        type_: the types of `x` and of `indices`.
        axes: the axis of `x` that all indices belong to; or several, one for each element of the last axis of
            `indices`.
    """
    if not g.exact:
        return
    sizes = [shape_of(type_[0])[axis] for axis in axes]
    dtype = dtype_of(type_[1])
    bound = g.cast(sizes_along(g, x, axes), dtype) if DYNAMIC in sizes else g.constant(np.array(sizes, dtype))
    if len(axes) == 1:
        bound = g.node("Squeeze", [bound, g.constant(np.array([0]))])
    inside = g.node("Less", [indices, bound])
    ok = g.node("And", [g.node("GreaterOrEqual", [indices, g.constant(np.array(0, dtype))]), inside])
    message = f"{what}: an index is out of range"
    if shape_of(type_[1]):
        check_all(g, ok, message, INVALID_INDEX)
    else:
        g.check(ok, message, INVALID_INDEX)
