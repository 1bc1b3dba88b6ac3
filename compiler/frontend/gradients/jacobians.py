"""Jacobians: the gradients of all elements of a tensor, computed at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.hl.movement import BroadcastToOp, TransposeOp
from ....dialects.hl.shape import ReshapeOp
from ..batching.vectorize import mapped
from ..ops import namespace
from ..ops.arguments import Size, product, size_along, split_sizes
from ..tensor_array.functional import looped_map
from ..values.dispatch import apply
from ..values.tensor import Tensor

Pullback = Callable[[Tensor], Sequence[Tensor | None]]
"""The gradients of some sources, given that of a target."""


def jacobian(target: Tensor, sources: Sequence[Any], pullback: Pullback, at_once: bool) -> list[Tensor | None]:
    """For each source the derivatives of all elements of `target`, whose axes come first; None where there are none."""
    m, shape = namespace(), _sizes(target)
    count = product(shape)
    units = _reshaped(m.eye(count, dtype=target.dtype), [count, *shape])
    rows = _rows(units, pullback, at_once)
    return [
        None if row is None else _reshaped(row, [*shape, *_sizes(source)])
        for row, source in zip(rows, sources, strict=True)
    ]


def batch_jacobian(target: Tensor, source: object, pullback: Pullback, at_once: bool) -> Tensor:
    """The derivatives of each example of `target` with respect to the same example of `source`; zeros if none."""
    m = namespace()
    examples, *own = _sizes(target)
    _, *others = _sizes(source)
    count = product(own)
    units = _reshaped(m.eye(count, dtype=target.dtype), [count, 1, *own])
    static, dynamic = split_sizes([count, examples, *own])
    (row,) = _rows(apply(BroadcastToOp, units, *dynamic, shape=static), pullback, at_once)
    sizes = [examples, *own, *others]
    if row is None:
        static, dynamic = split_sizes(sizes)
        return apply(BroadcastToOp, m.zeros((), target.dtype), *dynamic, shape=static)
    return _reshaped(apply(TransposeOp, row, perm=(1, 0, *range(2, row.ndim))), sizes)


def check_examples(target: Tensor, source: Any) -> None:
    """ValueError unless both have examples, as many ones, along their first axes."""
    for what, thing in (("target", target), ("source", source)):
        if not thing.shape.rank:
            raise InvalidArgumentError(
                f"GradientTape.batch_jacobian: {what}: expected an axis of examples, got a scalar"
            )
    a, b = target.shape[0], source.shape[0]
    if a is not None and b is not None and a != b:
        raise InvalidArgumentError(
            "GradientTape.batch_jacobian: expected as many examples in target and source, "
            f"got shapes {target.shape} and {source.shape}"
        )


def _rows(units: Tensor, pullback: Pullback, at_once: bool) -> list[Tensor | None]:
    """The gradients of each source for all gradients of the target."""
    connected: list[int] = []
    total = 0

    def row(parts: list[Tensor]) -> list[Tensor]:
        nonlocal connected, total
        grads = pullback(parts[0])
        total = len(grads)
        connected = [index for index, grad in enumerate(grads) if grad is not None]
        return [grads[index] for index in connected]  # pyright: ignore[reportReturnType]

    if at_once:
        found = mapped("GradientTape.jacobian", row, [units], warn=False)
    else:
        dtypes = [grad.dtype for grad in row([units[0]])]
        found = looped_map(row, [units], dtypes)
    rows: list[Tensor | None] = [None] * total
    for index, value in zip(connected, found, strict=True):
        rows[index] = value
    return rows


def _sizes(thing: Any) -> list[Size]:
    tensor = thing if isinstance(thing, Tensor) else thing.read_value()
    return [size_along(tensor, axis) for axis in range(tensor.ndim)]


def _reshaped(value: Tensor, sizes: Sequence[Size]) -> Tensor:
    static, dynamic = split_sizes(sizes)
    return apply(ReshapeOp, value, *dynamic, shape=static)
