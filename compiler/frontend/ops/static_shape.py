"""What is known of shapes while a program is traced: stating it, checking it, and computing with it."""

from __future__ import annotations

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.hl.comparison import EqualOp
from ....dialects.hl.shape import ReshapeOp
from ....dialects.public import public
from ....dialects.types import tensor_type
from ..tracing.tensor_shape import TensorShape, known_shape
from ..tracing.tracer import current_tracer
from ..values.dispatch import apply, as_tensor, as_tensors
from ..values.tensor import ShapeLike, Tensor, TensorLike, has_unknown_rank
from . import namespace
from .arguments import INT64, check, size_along, split_sizes


@public(top=True)
def ensure_shape(x: TensorLike, shape: object, name: str | None = None) -> Tensor:
    """`x`, which has to have `shape`; inside a `function` that is checked when it runs, and known from then on.

    Args:
        x: a tensor.
        shape: the sizes, None for any size; None for any shape.
        name: accepted as in TensorFlow; unused.

    Raises InvalidArgumentError for a tensor of another shape.

    Example:
        >>> import stepwell as sw
        >>> sw.ensure_shape([[1, 2]], [None, 2]).numpy().tolist()
        [[1, 2]]
    """
    del name
    tensor, wanted = as_tensor(x, name="ensure_shape: x"), TensorShape(shape)
    _give_rank(tensor, wanted)
    found = tensor.shape
    if not found.is_compatible_with(wanted):
        raise InvalidArgumentError(f"ensure_shape: x: expected shape {wanted}, got {found}")
    merged = found.merge_with(wanted)
    if merged == found:
        return tensor
    for axis, (known, size) in enumerate(zip(found, merged)):
        if known is None and size is not None:
            now = size_along(tensor, axis)
            assert isinstance(now, Tensor)
            fits = apply(EqualOp, now, Tensor(np.array(size, INT64)))
            check(fits, f"ensure_shape: x: expected {size} elements along axis {axis}, got {{0}}", now)
    sizes = [size_along(tensor, axis) if size is None else size for axis, size in enumerate(merged)]
    static, dynamic = split_sizes(sizes)
    return apply(ReshapeOp, tensor, *dynamic, shape=static)


def _give_rank(tensor: Tensor, shape: TensorShape) -> None:
    """Let the result of a Python function have the rank of `shape`, which is checked when it runs."""
    if has_unknown_rank(tensor) and shape.rank is not None:
        assert tensor._ssa is not None
        tensor._ssa._type = tensor_type((None,) * shape.rank, tensor.dtype)  # pyright: ignore[reportAttributeAccessIssue]


def set_shape(tensor: Tensor, shape: object) -> None:
    """State what is known of a tensor's shape; inside a `function` it is checked when that runs, and then known.

    Raises ValueError for a shape that the tensor cannot have.
    """
    wanted = TensorShape(shape)
    _give_rank(tensor, wanted)
    if not tensor.shape.is_compatible_with(wanted):
        raise InvalidArgumentError(f"set_shape: expected a shape that {tensor.shape} can be, got {wanted}")
    tracer = current_tracer()
    if tensor._ssa is None or tracer is not tensor._tracer or tracer is None:
        return
    before = Tensor.symbolic(tensor._ssa, tracer, tensor._deferred)  # what tapes recorded before is of this value
    refined = ensure_shape(before, wanted)
    owner = tensor._ssa.owner
    if (owner if owner is tracer.block else getattr(owner, "parent", None)) is tracer.block:
        tensor._ssa = refined._ssa  # in a branch or a loop it is known of this branch's copy only


@public(top=True)
def broadcast_static_shape(shape_x: TensorShape, shape_y: TensorShape) -> TensorShape:
    """The shape that elementwise functions of two tensors of these shapes have, as far as it is known.

    Raises ValueError for shapes that do not broadcast.

    Example:
        >>> import stepwell as sw
        >>> sw.broadcast_static_shape(sw.TensorShape([2, 1]), sw.TensorShape([3]))
        TensorShape([2, 3])
    """
    x, y = TensorShape(shape_x), TensorShape(shape_y)
    if x.rank is None or y.rank is None:
        return TensorShape(None)
    rank = max(len(x), len(y))
    pairs = zip((1,) * (rank - len(x)) + tuple(x), (1,) * (rank - len(y)) + tuple(y))
    return known_shape(tuple(_broadcast(a, b, x, y) for a, b in pairs))


def _broadcast(a: int | None, b: int | None, x: TensorShape, y: TensorShape) -> int | None:
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    if None in (a, b):
        return b if a is None else a
    raise InvalidArgumentError(f"broadcast_static_shape: shapes {x} and {y} do not broadcast")


@public(top=True)
def broadcast_dynamic_shape(shape_x: ShapeLike, shape_y: ShapeLike) -> Tensor:
    """The shape, as a vector, that elementwise functions of two tensors of these shapes have.

    Raises InvalidArgumentError for shapes that do not broadcast.

    Example:
        >>> import stepwell as sw
        >>> sw.broadcast_dynamic_shape([2, 1], [3]).numpy().tolist()
        [2, 3]
    """
    m = namespace()
    x, y = as_tensors("broadcast_dynamic_shape", shape_x, shape_y)
    if x.ndim != 1 or y.ndim != 1 or None in (*x.shape, *y.shape):
        raise InvalidArgumentError(
            f"broadcast_dynamic_shape: expected vectors of known lengths, got shapes {x.shape} and {y.shape}"
        )
    rank = max(x.shape[0], y.shape[0])
    x, y = (m.concat([m.ones([rank - len(v)], v.dtype), v], 0) for v in (x, y))
    fits = m.reduce_all(m.logical_or(m.equal(x, y), m.logical_or(m.equal(x, 1), m.equal(y, 1))))
    check(fits, "broadcast_dynamic_shape: the shapes {0} and {1} do not broadcast", x, y)
    return m.where(m.equal(x, 1), y, x)
