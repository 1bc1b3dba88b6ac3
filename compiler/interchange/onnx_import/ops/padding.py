"""Padding."""

from __future__ import annotations

from .....dialects.diagnostics import InvalidArgumentError
from ....frontend.ops.arguments import Size, plus
from ....frontend.values.dispatch import as_tensor, scalar_like
from ....frontend.values.tensor import Tensor
from ..rules import Call, axis_in, rule
from ..values import Value, counted, m, tensor_of
from .shapes import like


@rule("Pad", since=11, takes_values=True)
def _pad(call: Call, x: Value, *_: Value) -> Value:
    tensor, amounts = tensor_of(x), call.sizes(1, "pads")
    axes = call.axes(3, tensor.ndim)
    if axes is None:
        axes = list(range(tensor.ndim))
    if len(amounts) != 2 * len(axes):
        raise InvalidArgumentError(f"pads: expected {2 * len(axes)} numbers, got {len(amounts)}")
    pairs: list[tuple[Size, Size]] = [(0, 0)] * tensor.ndim
    for number, axis in enumerate(axes):
        pairs[axis] = amounts[number], amounts[number + len(axes)]
    value = call.tensor(2)
    if value is not None and value.ndim:
        value = m.reshape(value, [])
    return like(x, padded(tensor, pairs, call.text("mode", "constant"), value))


@rule("Pad", since=2)
def _old_pad(call: Call, x: Tensor) -> Tensor:
    amounts = call.ints("pads")
    pairs: list[tuple[Size, Size]] = list(zip(amounts[: x.ndim], amounts[x.ndim :], strict=True))
    value = scalar_like(call.float("value", 0.0), x)
    return padded(x, pairs, call.text("mode", "constant"), value)


def padded(x: Tensor, pairs: list[tuple[Size, Size]], mode: str, value: Tensor | None) -> Tensor:
    """A tensor with elements before and behind it; negative amounts cut elements off."""
    x, pairs = _cut(x, pairs)
    if mode == "constant":
        if value is None:
            value = as_tensor(b"") if x.dtype.is_string else scalar_like(False if x.dtype.is_bool else 0, x)
        return m.pad(x, pairs, constant_values=value)
    if mode not in ("reflect", "edge", "wrap"):
        raise InvalidArgumentError(f"attribute mode: expected constant, reflect, edge or wrap, got {mode!r}")
    for axis, (before, behind) in enumerate(pairs):
        if not (isinstance(before, int) and isinstance(behind, int) and before == behind == 0):
            x = m.gather(x, _places(x, axis, before, behind, mode), axis=axis)
    return x


def _cut(x: Tensor, pairs: list[tuple[Size, Size]]) -> tuple[Tensor, list[tuple[Size, Size]]]:
    """The tensor without what negative amounts cut off, as far as they are known, and what is to be added."""
    known = [tuple(size if isinstance(size, int) else 0 for size in pair) for pair in pairs]
    if any(min(pair) < 0 for pair in known):
        ends: list[Size | None] = [min(high, 0) or None for _, high in known]
        x = m.bounded(x, [max(-low, 0) for low, _ in known], ends)
    return x, [tuple(max(s, 0) if isinstance(s, int) else s for s in pair) for pair in pairs]  # pyright: ignore


def _places(x: Tensor, axis: int, before: Size, behind: Size, mode: str) -> Tensor:
    """For each element along an axis the place of the element that it repeats."""
    size = m.int64_of(m.size_along(x, axis))
    places = counted(plus(plus(m.size_along(x, axis), before), behind)) - m.int64_of(before)
    one = scalar_like(1, size)
    if mode == "edge":
        return m.minimum(m.maximum(places, scalar_like(0, size)), size - one)
    if mode == "wrap":
        return m.floormod(places, size)
    last = m.maximum(size - one, one)
    turned = m.floormod(places, last + last)
    return m.minimum(m.where(m.greater(turned, last), last + last - turned, turned), size - one)


@rule("CenterCropPad", takes_values=True)
def _center_crop_pad(call: Call, x: Value, shape: Value) -> Value:
    """Elements are cut off or added at both ends, one more behind where their number is odd."""
    tensor, wanted = tensor_of(x), call.sizes(1, "shape")
    axes = [axis_in(axis, tensor.ndim) for axis in call.ints("axes", list(range(tensor.ndim)))]
    pairs: list[tuple[Size, Size]] = [(0, 0)] * tensor.ndim
    for axis, size in zip(axes, wanted, strict=True):
        own = tensor.shape[axis]
        if own is None:
            raise call.not_known(0, "the sizes of its input have to be known before the model runs", by_shape=True)
        if not isinstance(size, int):
            raise call.not_known(1, "input shape has to be known before the model runs")
        more = size - own
        low = more // 2 if more >= 0 else -(-more // 2)
        pairs[axis] = low, more - low
    return like(x, padded(tensor, pairs, "constant", None))
