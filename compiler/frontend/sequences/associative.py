"""`associative_scan`: all partial results of an associative operation, in few steps of many elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.public import public
from ..ops import namespace
from ..ops.arguments import axis_of, flag_of
from ..tracing.conversion import convert_inside
from ..values import nest
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor

Combine = Callable[[Sequence[Tensor], Sequence[Tensor]], list[Tensor]]


@public(top=True)
def associative_scan(
    f: Callable[[Any, Any], Any], elems: object, reverse: bool = False, axis: int = 0, name: str | None = None
) -> Any:
    """`f(f(a, b), c)` and so on, of the elements along `axis` up to each one, for an associative `f`.

    Args:
        f: combines two tensors, or two structures of them, elementwise along `axis`; it is called a few times, with
            many elements each.
        elems: a tensor, or a structure of them, whose size along `axis` is known.
        reverse: whether to begin with the last element: `f(f(c, b), a)` and so on.
        axis: an axis; negative ones count from the end.
        name: accepted, and unused.

    The steps are those of Blelloch, "Prefix sums and their applications" (1990): as many as the size has bits, twice.

    Example:
        >>> import stepwell as sw
        >>> sw.associative_scan(sw.multiply, sw.constant([1, 2, 3, 4])).numpy().tolist()
        [1, 2, 6, 24]
    """
    del name
    m, call, turned = namespace(), convert_inside(f), flag_of("associative_scan", reverse, "reverse")
    leaves = [as_tensor(leaf, name="associative_scan: elems") for leaf in nest.flatten(elems)]
    if not leaves:
        raise InvalidArgumentError("associative_scan: elems: expected at least one tensor")
    axes = [axis_of("associative_scan", axis, leaf.ndim) for leaf in leaves]
    sizes = {leaf.shape[place] for leaf, place in zip(leaves, axes, strict=True)}
    if len(sizes) != 1 or None in sizes:
        text = f"expected one size along axis {axis} that is known, got shapes {[tuple(leaf.shape) for leaf in leaves]}"
        raise InvalidArgumentError(f"associative_scan: elems: {text}")

    def combine(first: Sequence[Tensor], second: Sequence[Tensor]) -> list[Tensor]:
        pair = [nest.pack_sequence_as(elems, list(each)) for each in (first, second)]
        found = [as_tensor(leaf, name="associative_scan: f") for leaf in nest.flatten(call(*pair))]
        if len(found) != len(leaves):
            raise InvalidArgumentError(f"associative_scan: f: expected {len(leaves)} results, got {len(found)}")
        return found

    def flipped(values: Sequence[Tensor]) -> list[Tensor]:
        return [m.reverse(v, [place]) if turned else v for v, place in zip(values, axes, strict=True)]

    found = flipped(_scanned(combine, flipped(leaves), axes))
    return nest.pack_sequence_as(elems, found)


def _scanned(combine: Combine, values: Sequence[Tensor], axes: Sequence[int]) -> list[Tensor]:
    count = values[0].shape[axes[0]]
    assert count is not None
    if count < 2:
        return list(values)
    m = namespace()
    # 1. Pairs of neighbours combined, and scanned: the results at odd indices.
    pairs = combine(_taken(values, axes, 0, count - 1, 2), _taken(values, axes, 1, count, 2))
    odd = _scanned(combine, pairs, axes)
    # 2. The others are the result before, combined with the element itself.
    before = odd if count % 2 else _taken(odd, axes, 0, count // 2 - 1, 1)
    first = _taken(values, axes, 0, 1, 1)
    rest = combine(before, _taken(values, axes, 2, count, 2)) if count > 2 else []
    even = [m.concat([a, b], place) for a, b, place in zip(first, rest, axes, strict=True)] if rest else first
    # 3. Both in turn.
    return [_in_turn(a, b, place) for a, b, place in zip(even, odd, axes, strict=True)]


def _taken(values: Sequence[Tensor], axes: Sequence[int], begin: int, end: int, step: int) -> list[Tensor]:
    return [v[(*[slice(None)] * place, slice(begin, end, step))] for v, place in zip(values, axes, strict=True)]


def _in_turn(even: Tensor, odd: Tensor, axis: int) -> Tensor:
    """The elements of two tensors in turn; the first may have one more."""
    m = namespace()
    count = odd.shape[axis]
    assert count is not None
    (same,) = _taken([even], [axis], 0, count, 1)
    sizes = [m.shape(odd)[place] if size is None else size for place, size in enumerate(odd.shape)]
    mixed = m.reshape(m.stack([same, odd], axis + 1), [*sizes[:axis], 2 * count, *sizes[axis + 1 :]])
    if even.shape[axis] == count:
        return mixed
    return m.concat([mixed, *_taken([even], [axis], count, count + 1, 1)], axis)
