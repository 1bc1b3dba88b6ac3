"""Several tensors as one, and one as several."""

from __future__ import annotations

from typing import Any

import stepwell as sw

from ..core import convert_to_tensor, shape
from .operands import common_dtype, operand, rank


def _parts(xs: Any) -> list[sw.Tensor]:
    """All as tensors of their common dtype."""
    operands = [operand(x) for x in (sw.unstack(xs) if sw.is_tensor(xs) else xs)]
    dtype = common_dtype(operands)
    return [convert_to_tensor(x, dtype) for x in operands]


def concatenate(xs: Any, axis: int = 0) -> sw.Tensor:
    """One after the other along an axis; without one, all elements."""
    parts = _parts(xs)
    if axis is None:
        return sw.concat([sw.reshape(x, [-1]) for x in parts], 0)
    return sw.concat(parts, axis)


def append(x1: Any, x2: Any, axis: int | None = None) -> sw.Tensor:
    """`x2` after `x1` along an axis; without one, all elements."""
    x1, x2 = _parts([x1, x2])
    if axis is None:
        return sw.concat([sw.reshape(x1, [-1]), sw.reshape(x2, [-1])], 0)
    return sw.concat([x1, x2], axis)


def stack(x: Any, axis: int = 0) -> sw.Tensor:
    """One after the other along a new axis."""
    return sw.stack(_parts(x), axis)


def _with_rank(x: sw.Tensor, least: int, front: int) -> sw.Tensor:
    """With axes of size 1 until there are enough, of which `front` may be the first."""
    if rank(x) >= least:
        return x
    before = front if rank(x) else 0
    after = least - rank(x) - before
    return sw.reshape(x, [*[1] * before, *shape(x), *[1] * after])


def hstack(xs: Any) -> sw.Tensor:
    """One after the other along the second axis, vectors along their only one."""
    parts = [_with_rank(x, 1, 0) for x in _parts(xs)]
    return sw.concat(parts, 0 if rank(parts[0]) == 1 else 1)


def vstack(xs: Any) -> sw.Tensor:
    """One after the other along the first axis; vectors are rows."""
    return sw.concat([_with_rank(x, 2, 1) for x in _parts(xs)], 0)


def dstack(xs: Any) -> sw.Tensor:
    """One after the other along the third axis; vectors are rows."""
    return sw.concat([_with_rank(x, 3, 1 if rank(x) == 1 else 0) for x in _parts(xs)], 2)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[sw.Tensor]:
    """Parts along an axis: so many equal ones, or those between indices."""
    x = convert_to_tensor(x)
    if isinstance(indices_or_sections, int):
        return sw.split(x, indices_or_sections, axis=axis)
    return _between(x, indices_or_sections, axis)


def _between(x: sw.Tensor, indices: Any, axis: int) -> list[sw.Tensor]:
    """The parts between indices, as slices of Python have them."""
    indices = indices.tolist() if hasattr(indices, "tolist") else indices
    bounds = sw.unstack(indices) if sw.is_tensor(indices) else list(indices)
    before = (slice(None),) * (axis % rank(x))
    return [x[(*before, slice(start, stop))] for start, stop in zip([0, *bounds], [*bounds, None], strict=True)]


def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[sw.Tensor]:
    """Parts along an axis: so many, the first ones larger by 1 where needed, or those between indices."""
    x = convert_to_tensor(x)
    if not isinstance(indices_or_sections, int):
        return _between(x, indices_or_sections, axis)
    total = shape(x)[axis]
    size, larger = total // indices_or_sections, total % indices_or_sections
    if isinstance(total, int):
        ends = [i * size + min(i, larger) for i in range(1, indices_or_sections)]
    else:
        ends = [i * size + sw.minimum(i, larger) for i in range(1, indices_or_sections)]
    return _between(x, ends, axis)


def hsplit(x: Any, indices_or_sections: Any) -> list[sw.Tensor]:
    """Parts along the second axis, of a vector along its only one."""
    x = convert_to_tensor(x)
    return split(x, indices_or_sections, axis=0 if rank(x) == 1 else 1)


def vsplit(x: Any, indices_or_sections: Any) -> list[sw.Tensor]:
    """Parts along the first axis."""
    return split(x, indices_or_sections, axis=0)


def dsplit(x: Any, indices_or_sections: Any) -> list[sw.Tensor]:
    """Parts along the third axis."""
    return split(x, indices_or_sections, axis=2)
