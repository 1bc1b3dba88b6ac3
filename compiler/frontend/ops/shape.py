"""Public functions of shapes: reading them, changing them, tensors of a given one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import FLOAT32, INT32, DType, DTypeLike, dtype_named
from ....dialects.hl.movement import BroadcastToOp, TransposeOp
from ....dialects.hl.shape import ExpandDimsOp, ReshapeOp, ShapeOfOp, SqueezeOp
from ....dialects.public import public
from ....dialects.types import zeros as empty_values
from ..tracing.tracer import current_tracer
from ..values.dispatch import apply, as_tensor
from ..values.tensor import Axis, ShapeLike, Tensor, TensorLike
from . import namespace
from .arguments import axes_of, axis_of, list_of, product, size_along, sizes_of, split_sizes
from .select import cast


@public(top=True)
def reshape(tensor: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """The elements of `tensor`, in row-major order, in another shape.

    Args:
        tensor: the elements.
        shape: the sizes; one of them may be -1 and follows from the others.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.reshape([[1, 2], [3, 4]], [-1]).numpy().tolist()
        [1, 2, 3, 4]
    """
    x = as_tensor(tensor, name="reshape: tensor")
    static, dynamic = split_sizes(sizes_of("reshape", shape, "shape"))
    return apply(ReshapeOp, x, *dynamic, shape=static)


def reshape_like(x: Tensor, like: Tensor) -> Tensor:
    """The elements of `x` in the shape of `like`.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.shape import reshape_like
        >>> reshape_like(sw.constant([1, 2]), sw.zeros([2, 1])).shape
        TensorShape([2, 1])
    """
    if x.shape == like.shape and None not in x.shape:
        return x
    static, dynamic = split_sizes([size_along(like, axis) for axis in range(like.ndim)])
    return apply(ReshapeOp, x, *dynamic, shape=static)


@public(top=True)
def transpose(a: TensorLike, perm: ShapeLike | None = None, conjugate: bool = False, name: str | None = None) -> Tensor:
    """`a` with its axes in the order `perm`; without it, in reverse order. `conjugate` negates imaginary parts.

    Example:
        >>> import stepwell as sw
        >>> sw.transpose([[1, 2], [3, 4]]).numpy().tolist()
        [[1, 3], [2, 4]]
    """
    x = as_tensor(a, name="transpose: a")
    if perm is None:
        order = tuple(reversed(range(x.ndim)))
    else:
        items = list_of("transpose", perm, "perm", "the axes in their new order")
        order = tuple(axis_of("transpose", axis, x.ndim, "perm") for axis in items)
    moved = apply(TransposeOp, x, perm=order)
    return namespace().conj(moved) if conjugate and x.dtype.is_complex else moved


@public(top=True)
def broadcast_to(input: TensorLike, shape: ShapeLike, name: str | None = None) -> Tensor:
    """`input` repeated along new and size-1 axes to become of `shape`.

    Example:
        >>> import stepwell as sw
        >>> sw.broadcast_to([1, 2], [2, 2]).numpy().tolist()
        [[1, 2], [1, 2]]
    """
    x = as_tensor(input, name="broadcast_to: input")
    static, dynamic = split_sizes(sizes_of("broadcast_to", shape, "shape"))
    return apply(BroadcastToOp, x, *dynamic, shape=static)


def broadcast_like(x: Tensor, like: Tensor) -> Tensor:
    """`x` broadcast to the shape of `like`.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.shape import broadcast_like
        >>> broadcast_like(sw.constant(1), sw.zeros([2])).numpy().tolist()
        [1, 1]
    """
    if x.shape == like.shape and None not in x.shape:
        return x
    static, dynamic = split_sizes([size_along(like, axis) for axis in range(like.ndim)])
    return apply(BroadcastToOp, x, *dynamic, shape=static)


@public(top=True)
def expand_dims(input: TensorLike, axis: int, name: str | None = None) -> Tensor:
    """`input` with a new axis of size 1, which is `axis` of the result.

    Example:
        >>> import stepwell as sw
        >>> sw.expand_dims([1, 2], -1).shape
        TensorShape([2, 1])
    """
    x = as_tensor(input, name="expand_dims: input")
    return apply(ExpandDimsOp, x, axes=(axis_of("expand_dims", axis, x.ndim + 1),))


@public(top=True)
def squeeze(input: TensorLike, axis: Axis = None, name: str | None = None) -> Tensor:
    """`input` without the axes `axis` of size 1; without all axes of size 1 if `axis` is not given.

    Example:
        >>> import stepwell as sw
        >>> sw.squeeze([[1, 2]]).shape
        TensorShape([2])
    """
    x = as_tensor(input, name="squeeze: input")
    if axis is None:
        if None in x.shape:
            raise InvalidArgumentError(
                f"squeeze: axis: expected the axes, since not all sizes of shape {x.shape} are known"
            )
        axes = tuple(number for number, known in enumerate(x.shape) if known == 1)
    else:
        axes = axes_of("squeeze", axis, x.ndim)
    return apply(SqueezeOp, x, axes=axes)


@public(top=True)
def shape(input: TensorLike, out_type: DTypeLike = INT32, name: str | None = None) -> Tensor:
    """The sizes of `input` as a vector; in a `function` those that it will have when that runs.

    Example:
        >>> import stepwell as sw
        >>> sw.shape([[1, 2, 3]]).numpy().tolist()
        [1, 3]
    """
    wanted = dtype_named(out_type, "shape: out_type")
    if hasattr(type(input), "with_values"):  # a SparseTensor, which is made of tensors
        sparse: Any = input
        sizes: Tensor = sparse.dense_shape
        return cast(sizes, wanted)
    x = as_tensor(input, name="shape: input")
    if None not in x.shape:
        return Tensor(_held("shape", x.shape, wanted))
    return apply(ShapeOfOp, x, dtype=wanted)


@public(top=True)
def size(input: TensorLike, out_type: DTypeLike = INT32, name: str | None = None) -> Tensor:
    """The number of elements of `input`.

    Example:
        >>> import stepwell as sw
        >>> int(sw.size([[1, 2, 3]]))
        3
    """
    x = as_tensor(input, name="size: input")
    total = product([size_along(x, axis) for axis in range(x.ndim)])
    return (
        Tensor(_held("size", total, dtype_named(out_type, "size: out_type")))
        if isinstance(total, int)
        else cast(total, out_type)
    )


def _held(function: str, sizes: int | Sequence[int | None], dtype: DType) -> np.ndarray:
    """Sizes as an array of a dtype that holds them."""
    if np.any(np.array(sizes, object) > np.iinfo(dtype).max):
        raise InvalidArgumentError(f"{function}: out_type: {sizes} does not fit into {dtype.name}; ask for int64")
    return np.array(sizes, dtype)


@public(top=True)
def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """The number of axes of `input`.

    Example:
        >>> import stepwell as sw
        >>> int(sw.rank([[1, 2, 3]]))
        2
    """
    return Tensor(np.array(as_tensor(input, name="rank: input").ndim, np.int32))


@public(top=True)
def fill(dims: ShapeLike, value: TensorLike, name: str | None = None, layout: object = None) -> Tensor:
    """A tensor of shape `dims` with every element equal to the scalar `value`.

    Example:
        >>> import stepwell as sw
        >>> sw.fill([2], 7).numpy().tolist()
        [7, 7]
    """
    scalar = as_tensor(value, name="fill: value")
    if scalar.ndim:
        raise InvalidArgumentError(f"fill: value: expected a scalar, got shape {scalar.shape}")
    static, dynamic = split_sizes(sizes_of("fill", dims, "dims"))
    return apply(BroadcastToOp, scalar, *dynamic, shape=static)


@public(top=True)
def zeros(shape: ShapeLike, dtype: DTypeLike = FLOAT32, name: str | None = None, layout: object = None) -> Tensor:
    """A tensor of zeros.

    Example:
        >>> import stepwell as sw
        >>> sw.zeros([2]).numpy().tolist()
        [0.0, 0.0]
    """
    return _filled("zeros", shape, 0, dtype)


@public(top=True)
def ones(shape: ShapeLike, dtype: DTypeLike = FLOAT32, name: str | None = None, layout: object = None) -> Tensor:
    """A tensor of ones.

    Example:
        >>> import stepwell as sw
        >>> sw.ones([2], sw.int32).numpy().tolist()
        [1, 1]
    """
    return _filled("ones", shape, 1, dtype)


def _filling(function: str, value: int, dtype: DType) -> np.ndarray:
    """A number as an array of a dtype; an empty string for 0."""
    if value and dtype.is_string:
        raise InvalidTypeError(f"{function}: dtype: cannot convert {value} to string")
    return np.full((), value, dtype) if value else empty_values((), dtype)


def _filled(function: str, shape: ShapeLike, value: int, dtype: DTypeLike) -> Tensor:
    static, dynamic = split_sizes(sizes_of(function, shape, "shape"))
    scalar = Tensor(_filling(function, value, dtype_named(dtype, f"{function}: dtype")))
    return apply(BroadcastToOp, scalar, *dynamic, shape=static)


@public(top=True)
def zeros_like(
    input: TensorLike, dtype: DTypeLike | None = None, name: str | None = None, layout: object = None
) -> Tensor:
    """A tensor of zeros of the shape of `input`, and of its dtype if no other is given.

    Example:
        >>> import stepwell as sw
        >>> sw.zeros_like([1, 2]).numpy().tolist()
        [0, 0]
    """
    return _filled_like("zeros_like", input, 0, dtype)


@public(top=True)
def ones_like(
    input: TensorLike, dtype: DTypeLike | None = None, name: str | None = None, layout: object = None
) -> Tensor:
    """A tensor of ones of the shape of `input`, and of its dtype if no other is given.

    Example:
        >>> import stepwell as sw
        >>> sw.ones_like([1, 2]).numpy().tolist()
        [1, 1]
    """
    return _filled_like("ones_like", input, 1, dtype)


def _filled_like(function: str, input: TensorLike, value: int, dtype: DTypeLike | None) -> Tensor:
    """Like a symbolic tensor the result is symbolic: a large one must not become a constant of the trace."""
    x = as_tensor(input, name=f"{function}: input")
    scalar = Tensor(_filling(function, value, x.dtype if dtype is None else dtype_named(dtype, f"{function}: dtype")))
    tracer = current_tracer()
    if x.is_symbolic and tracer is not None:
        scalar = Tensor.symbolic(tracer.constant(scalar._array), tracer)
    static, dynamic = split_sizes([size_along(x, axis) for axis in range(x.ndim)])
    return apply(BroadcastToOp, scalar, *dynamic, shape=static)
