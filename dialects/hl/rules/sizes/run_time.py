"""Sizes as attributes and operands: a static tuple in which each `DYNAMIC` entry is given by a trailing operand.

Such an operand is a rank-0 tensor of int32 or int64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, IndexType
from xdsl.ir import SSAValue

from ....dtypes import INT8, INT64, INTS, dtype_of
from ....emitter import Emitter
from ....types import DYNAMIC, array_of, shape_of
from ..base import DTypeError, InferenceError, Types, check_shape
from ..facets import OnnxGraph
from ..linalg_builder import to_index
from .roots import SizeRoot, size_root

INT64 = INT64


def check_sizes(constraint: str, static: Sequence[int], types: Types) -> None:
    """Check that there is one integer scalar for each dynamic entry of `static`."""
    count = sum(size == DYNAMIC for size in static)
    if len(types) != count:
        raise InferenceError(constraint, f"expected {count} run-time sizes for {count} unknown ones, got {len(types)}")
    for type_ in types:
        if shape_of(type_) != () or dtype_of(type_) not in INTS:
            error = InferenceError if dtype_of(type_) in INTS else DTypeError
            raise error(constraint, f"expected an int32 or int64 scalar as run-time size, got {type_}")


def filled_in(static: Sequence[int], operands: Sequence[np.ndarray]) -> tuple[int, ...]:
    """`static` with its dynamic entries taken from arrays; the least int64, which says `?`, counts as one more."""
    dynamic = iter(operands)
    return tuple(max(int(next(dynamic)), DYNAMIC + 1) if size == DYNAMIC else size for size in static)


def sizes_given(constraint: str, static: Sequence[int], operands: Sequence[np.ndarray]) -> tuple[int, ...]:
    """`filled_in`, where all of them are 0 or more."""
    sizes = filled_in(static, operands)
    if any(size < 0 for size in sizes):
        raise InferenceError(constraint, f"expected sizes of 0 or more, got {list(sizes)}")
    check_shape(sizes, INT8)
    return sizes


def index_of(e: Emitter, scalar: SSAValue) -> SSAValue:
    """A rank-0 integer tensor as an `index`: the very value, if it was made from an `index`."""
    owner = scalar.owner
    if isinstance(owner, arith.ConstantOp) and isinstance(owner.value, DenseIntOrFPElementsAttr):
        return e.index(int(array_of(owner.value)))
    if isinstance(owner, tensor.FromElementsOp):
        element = owner.elements[0].owner
        if isinstance(element, arith.IndexCastOp) and isinstance(element.input.type, IndexType):
            return element.input
    return to_index(e, scalar)


def indices_of(e: Emitter, static: Sequence[int], operands: Sequence[SSAValue]) -> list[SSAValue]:
    """`static` as `index` values, its dynamic entries taken from operands."""
    dynamic = iter(operands)
    return [index_of(e, next(dynamic)) if size == DYNAMIC else e.index(size) for size in static]


def root_of_index(value: SSAValue) -> SizeRoot | None:
    """Where a size given as `index` comes from, as `size_root` says it; `None` if from no tensor."""
    owner = value.owner
    if isinstance(owner, arith.ConstantOp):
        return owner.value.value.data  # pyright: ignore
    if isinstance(owner, tensor.DimOp) and isinstance(owner.index.owner, arith.ConstantOp):
        return size_root(owner.source, owner.index.owner.value.value.data)  # pyright: ignore
    return None


def may_be_negative(size: SSAValue) -> bool:
    """Whether a size given as `index` may be below 0: it is none of a tensor, and no constant of 0 or more."""
    root = root_of_index(size)
    return root is None or (isinstance(root, int) and root < 0)


def onnx_vector(g: OnnxGraph, static: Sequence[int], operands: Sequence[str]) -> str:
    """`static` as an int64 vector in an ONNX graph, its dynamic entries taken from scalars."""
    if DYNAMIC not in static:
        return g.constant(np.array(static, np.int64))
    dynamic, zero = iter(operands), g.constant(np.array([0], np.int64))
    parts = [
        g.node("Unsqueeze", [g.cast(next(dynamic), INT64), zero])
        if size == DYNAMIC
        else g.constant(np.array([size], np.int64))
        for size in static
    ]
    return g.node("Concat", parts, axis=0)
