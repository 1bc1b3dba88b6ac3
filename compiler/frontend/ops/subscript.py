"""Subscripts: `x[1, 2:, ..., None]` on tensors whose sizes may be known only at run time."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ....dialects.debug import INVALID_INDEX
from ....dialects.diagnostics import InvalidArgumentError, InvalidIndexError, InvalidTypeError
from ....dialects.dtypes import dtype_of
from ....dialects.hl.shape import ExpandDimsOp, ShapeOfOp, SqueezeOp
from ....dialects.hl.slicing import UpdateSliceOp
from ..control_flow.values import add_check
from ..tracing.tracer import current_tracer
from ..values.dispatch import apply, as_tensor, scalar_like, to_ssa
from ..values.tensor import Tensor, TensorLike, read, traced_value
from . import namespace
from .arguments import Size, element, int64_of, size_along, size_of
from .index import gather, gather_nd
from .slicing import bounded, bounds_and_attributes

_FULL = slice(None)


@dataclass
class _Plan:
    """What a subscript asks for, axis by axis of the tensor.

    Attributes:
        begin, end, strides: a slice for each axis.
        dropped: axes that a number picks from, which are dropped.
        picks: axes with tensors of indices, and these.
        new: axes of the result that are new.
    """

    begin: list[Size | None] = field(default_factory=list)
    end: list[Size | None] = field(default_factory=list)
    strides: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    picks: dict[int, Tensor] = field(default_factory=dict)
    new: list[int] = field(default_factory=list)

    def add(self, begin: Size | None = None, end: Size | None = None, stride: int = 1) -> int:
        """Append a slice; return its axis."""
        self.begin.append(begin)
        self.end.append(end)
        self.strides.append(stride)
        return len(self.strides) - 1

    @property
    def is_sliced(self) -> bool:
        """Whether any slice is not all of its axis."""
        return any(part is not None for part in (*self.begin, *self.end)) or any(s != 1 for s in self.strides)


def getitem(x: TensorLike, key: TensorLike) -> Tensor:
    """`x[key]`: numbers, slices, `...`, None (a new axis), integer scalars and one tensor of indices.

    Numbers and integer scalars may be negative, and are checked; slices follow Python's rules, and their bounds may
    be integer scalars too. A tensor of indices picks along its axis as in NumPy. A boolean mask works where the
    elements of tensor and mask are known, that is, outside of a `function`.

    Example:
        >>> import stepwell as sw
        >>> sw.constant([[1, 2, 3], [4, 5, 6]])[1, ::-2].numpy().tolist()
        [6, 4]
    """
    tensor = as_tensor(x)
    items = list(key) if isinstance(key, tuple) else [key]
    items = [read(item) for item in items]
    if any(_is_mask(item) for item in items):
        return _masked(tensor, items)
    if len(items) == 1 and tensor.ndim == 1 and _is_shape(tensor) and isinstance(items[0], int):
        return _size(tensor, items[0])
    return _apply(tensor, _plan(tensor, _without_ellipsis(tensor, items)))


def with_part(x: Tensor, key: object, value: Tensor) -> Tensor | None:
    """`x` with `value`, which broadcasts, in place of `x[key]`; None for a key with tensors of several indices."""
    items = [read(item) for item in (key if isinstance(key, tuple) else (key,))]
    if any(_is_mask(item) for item in items):
        return None
    plan = _plan(x, _without_ellipsis(x, items))
    if any(pick.ndim for pick in plan.picks.values()):
        return None
    for axis, pick in plan.picks.items():
        index, size = int64_of(pick), int64_of(size_along(x, axis))
        place = _from_start(index, x, axis)
        m = namespace()
        inside = m.logical_and(m.greater_equal(place, np.int64(0)), m.less(place, size))
        tracer = current_tracer()
        assert tracer is not None
        text = "subscript: index {0} is out of range for a size of {1}"
        add_check(tracer, to_ssa(inside), text, [to_ssa(index), to_ssa(size)], INVALID_INDEX)
        place = m.maximum(m.minimum(place, m.subtract(size, np.int64(1))), np.int64(0))  # for engines that check later
        plan.begin[axis], plan.end[axis] = place, m.add(place, np.int64(1))
    part = bounded(x, plan.begin, plan.end, plan.strides)
    sizes: list[Size] = [size_along(part, axis) for axis in range(part.ndim)]
    dropped = {*plan.dropped, *plan.picks}
    seen = [size for axis, size in enumerate(sizes) if axis not in dropped]
    for axis in plan.new:
        seen.insert(axis, 1)
    m = namespace()
    whole = m.reshape(m.broadcast_to(value, seen), [1 if axis in dropped else s for axis, s in enumerate(sizes)])
    bounds, attrs = bounds_and_attributes(plan.begin, plan.end, plan.strides)
    return apply(UpdateSliceOp, x, whole, *bounds, **attrs)


def _is_shape(tensor: Tensor) -> bool:
    value = traced_value(tensor)
    return value is not None and isinstance(value.owner, ShapeOfOp)


def _size(shape: Tensor, index: int) -> Tensor:
    """One size of a shape, asked of the tensor that has it."""
    size = element(shape, _checked(index, shape, 0))
    return scalar_like(size, shape) if isinstance(size, int) else size


def _is_mask(item: object) -> bool:
    if isinstance(item, bool | np.bool_):
        return True
    if isinstance(item, list):
        return bool(item) and dtype_of(np.asarray(item)).is_bool
    return isinstance(item, Tensor | np.ndarray) and item.dtype.is_bool


def _without_ellipsis(x: Tensor, items: Sequence[object]) -> list[object]:
    """The items, `...` replaced by full slices, one for each axis at the end."""
    if sum(item is Ellipsis for item in items) > 1:
        raise InvalidIndexError("a subscript has at most one '...'")
    used = sum(item is not None and item is not Ellipsis for item in items)
    if used > x.ndim:
        raise InvalidIndexError(f"too many indices for a tensor of shape {x.shape}: {used}")
    place = next((i for i, item in enumerate(items) if item is Ellipsis), len(items))
    return [*items[:place], *[_FULL] * (x.ndim - used), *items[place + 1 :]]


def _plan(x: Tensor, items: list[object]) -> _Plan:
    plan, place = _Plan(), 0
    for item in items:
        if item is None:
            plan.new.append(place)
        elif isinstance(item, slice):
            plan.add(_bound(item.start), _bound(item.stop), _step(item.step))
        elif isinstance(item, list) or (isinstance(item, Tensor | np.ndarray) and item.ndim):
            place += _pick(x, plan, item) - 1
        else:
            _number(x, plan, item)
            place -= 1
        place += 1
    return plan


def _bound(value: object) -> Size | None:
    return None if value is None else size_of("subscript", value, "bound of a slice")


def _step(value: Any) -> int:
    if value is None:
        return 1
    if isinstance(value, Tensor) and value.is_symbolic:
        raise InvalidTypeError(
            f"subscript: step: expected a number that is known when the function is traced, got {value!r}"
        )
    step = operator.index(value)
    if step == 0:
        raise InvalidArgumentError("subscript: step: expected a number other than 0")
    return step


def _pick(x: Tensor, plan: _Plan, item: object) -> int:
    """Plan to gather along the next axis; return how many axes the result has there."""
    indices = item if isinstance(item, Tensor) else as_tensor(item, name="subscript")
    if not indices.dtype.is_integer and not (isinstance(item, list) and not item):
        raise InvalidTypeError(f"subscript: expected integers or booleans, got dtype {indices.dtype.name}")
    if indices.ndim and any(pick.ndim for pick in plan.picks.values()):
        raise InvalidTypeError("subscript: at most one tensor of indices is possible; use sw.gather_nd")
    plan.picks[plan.add()] = indices if indices.dtype.is_integer else as_tensor(np.zeros(0, np.int32))
    return indices.ndim


def _number(x: Tensor, plan: _Plan, item: Any) -> None:
    """Plan to pick one place along the next axis."""
    axis = len(plan.strides)
    if isinstance(item, Tensor) and item.is_symbolic:
        if not item.dtype.is_integer:
            raise InvalidTypeError(f"subscript: expected an integer scalar, got {item!r}")
        plan.picks[plan.add()] = item
        return
    try:
        number = operator.index(item)
    except TypeError:
        kinds = "an integer, a slice, '...', None or a tensor of them"
        raise InvalidTypeError(f"subscript: expected {kinds}, got {item!r}") from None
    number = _checked(number, x, axis)
    plan.dropped.append(plan.add(number, number + 1 if number != -1 else None))


def _checked(number: int, x: Tensor, axis: int) -> int:
    """`number`, counted from the start where the size is known."""
    size = x.shape[axis]
    if size is None:
        return number
    if not -size <= number < size:
        raise InvalidIndexError(f"index {number} is out of range for axis {axis} of size {size}")
    return number % size


def _apply(x: Tensor, plan: _Plan) -> Tensor:
    if plan.is_sliced:
        x = bounded(x, plan.begin, plan.end, plan.strides)
    for axis in sorted(plan.picks, reverse=True):
        x = gather(x, _from_start(plan.picks[axis], x, axis), axis=axis)
    if plan.dropped:
        x = apply(SqueezeOp, x, axes=tuple(_moved(plan, axis) for axis in plan.dropped))
    if plan.new:
        x = apply(ExpandDimsOp, x, axes=tuple(plan.new))
    return x


def _moved(plan: _Plan, axis: int) -> int:
    """Where an axis is after the tensors of indices have put theirs in the place of their axis."""
    return axis + sum(indices.ndim - 1 for pick, indices in plan.picks.items() if pick < axis)


def _from_start(indices: Tensor, x: Tensor, axis: int) -> Tensor:
    """Indices, negative ones counted from the end."""
    m = namespace()
    size = m.cast(size_along(x, axis), indices.dtype)
    return m.where(m.less(indices, 0), m.add(indices, size), indices)


def _masked(x: Tensor, items: Sequence[object]) -> Tensor:
    """The elements, or parts, where a mask holds."""
    mask = items[0]
    if len(items) > 1:
        raise InvalidTypeError("subscript: a boolean mask must be the only index")
    if isinstance(mask, bool | np.bool_):
        raise InvalidTypeError(f"subscript: expected an integer, got {mask!r}")
    mask = as_tensor(mask, name="subscript")
    if mask.is_symbolic or x.is_symbolic:
        raise InvalidTypeError(
            "subscript: the size of the result of a boolean mask depends on the elements, which a function does not "
            "know when it is traced; use sw.where(mask, x, other), or select outside of the function"
        )
    if mask.shape != x.shape[: mask.ndim]:
        raise InvalidIndexError(f"subscript: a mask of shape {mask.shape} does not fit a tensor of shape {x.shape}")
    if not mask.ndim:
        raise InvalidIndexError("subscript: expected a mask with an axis at least")
    return gather_nd(x, np.stack(np.nonzero(mask.numpy()), -1).astype(np.int64))
