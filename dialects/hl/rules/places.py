"""Building blocks for ops that read or write at places: rows of indices, one for each of the first axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, SSAValue

from ...dtypes import INTS, dtype_of
from ...emitter import Emitter
from ...types import DYNAMIC, shape_of
from . import onnx_checks
from .base import DTypeError, IndexRangeError, InferenceError
from .elementwise import shape_text
from .facets import OnnxGraph, OpCall, Sampler
from .index_lowering import check_indices
from .linalg_builder import dim, type_of
from .movement_lowering import check_equal


def check_index_dtype(type_: TensorType[Attribute], constraint: str) -> None:
    """Check that indices are integers that an op takes."""
    if dtype_of(type_) not in INTS:
        name = dtype_of(type_).name
        raise DTypeError(constraint, f"expected indices of dtype int32 or int64, got {name}")


def check_index_values(indices: np.ndarray, size: int, constraint: str) -> None:
    """Check that all indices are below a size."""
    outside = (indices < 0) | (indices >= size)
    if outside.any():
        found = indices[outside].flat[0]
        raise IndexRangeError(constraint, f"index {found} is out of range for a size of {size}")


def check_places(x: Sequence[int], indices: TensorType[Attribute], count: int) -> None:
    """Check that the last axis of `indices` holds places of `count` indices into `x` (C1, C2)."""
    shape = shape_of(indices)
    check_index_dtype(indices, "C2")
    if not 1 <= count <= len(x):
        raise InferenceError("C1", f"expected from 1 to {len(x)} indices for shape {shape_text(x)}, got {count}")
    if not shape or shape[-1] not in (count, DYNAMIC):
        text = f"expected indices whose last axis has {count} elements, got shape {shape_text(shape)}"
        raise InferenceError("C1", text)


def check_place_values(x: np.ndarray, indices: np.ndarray, count: int) -> None:
    """Check that the last axis of `indices` has `count` elements, all of them places in `x` (C1, C3)."""
    if indices.shape[-1] != count:
        text = f"expected indices whose last axis has {count} elements, got shape {shape_text(indices.shape)}"
        raise InferenceError("C1", text)
    for axis in range(count):
        check_index_values(indices[..., axis], x.shape[axis], "C3")


def sample_places(s: Sampler, shape: Sequence[int], count: int) -> np.ndarray:
    """Any valid places of `count` indices in a tensor of a shape."""
    where, dtype = s.shape(max_rank=2, max_side=3), s.choice(INTS)
    columns = [s.array(where, dtype, 0, size - 1) for size in shape[:count]]
    return np.stack(columns, -1)


def check_all_places(e: Emitter, x: SSAValue, indices: SSAValue, count: int, what: str) -> None:
    """Check at run time what `check_places` and `check_index_values` check."""
    last = type_of(indices).get_num_dims() - 1
    if type_of(indices).get_shape()[last] == DYNAMIC:
        message = f"{what}: the last axis of indices has size {{0}}, expected {{1}}"
        check_equal(e, dim(e, indices, last), e.index(count), message)
    for axis in range(count):
        check_indices(e, indices, axis, dim(e, x, axis), what)


def onnx_check_places(g: OnnxGraph, call: OpCall, what: str) -> None:
    """The same checks in ONNX, whose operators count negative indices from the end."""
    (x, indices, *_), (type_, index_type, *_), count = call.inputs, call.input_types, call.attrs["count"]
    if shape_of(index_type)[-1] == DYNAMIC:
        size = onnx_checks.sizes_along(g, indices, [len(shape_of(index_type)) - 1])
        message = f"{what}: the last axis of indices has size {{0}}, expected {count}"
        onnx_checks.check_all(g, g.node("Equal", [size, g.constant(np.array([count], np.int64))]), message)
    onnx_checks.check_indices(g, indices, (type_, index_type), x, range(count), what)
