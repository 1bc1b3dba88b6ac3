"""What convolutions and pools share: their attributes as those of windows of `hl`, with channels last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ......dialects.diagnostics import InvalidArgumentError
from .....frontend.values.tensor import Tensor
from ...rules import Call
from ...values import m

Pairs = tuple[tuple[int, int], ...]

_LARGEST = 2**20
"""The largest stride, dilation, window or amount of padding."""


@dataclass(frozen=True)
class Windows:
    """The windows of a node.

    Attributes:
        window, strides, dilations: a number for each axis that windows move over.
        pads: how many elements are before and behind, as the node says.
        extra: how many more are behind, so that the last window fits.
    """

    window: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: Pairs
    extra: tuple[int, ...]

    @property
    def padding(self) -> Pairs:
        """All elements before and behind."""
        return tuple((low, high + more) for (low, high), more in zip(self.pads, self.extra))

    @property
    def attrs(self) -> dict[str, object]:
        """The attributes of windows of `hl`, but for their size."""
        return {"strides": self.strides, "dilations": self.dilations, "padding": self.padding}


def windows_of(call: Call, x: Tensor, window: Sequence[int | None]) -> Windows:
    """The windows of a node over `x`, whose channels come first."""
    rank = x.ndim - 2
    if None in window or len(window) != rank:
        raise InvalidArgumentError(f"expected a window over {rank} axes, got {list(window)}")
    strides, dilations = numbers(call, "strides", rank), numbers(call, "dilations", rank)
    sizes = tuple(int(size) for size in window if size is not None)
    spans = [(size - 1) * step + 1 for size, step in zip(sizes, dilations)]
    totals = list(x.shape[2:])
    pads = _pads(call, totals, spans, strides)
    extra = [0] * rank
    if call.int("ceil_mode", 0):
        extra = [
            _extra(_known(call, total) + sum(pair), span, stride, _known(call, total) + pair[0])
            for total, pair, span, stride in zip(totals, pads, spans, strides)
        ]
    return Windows(sizes, strides, dilations, pads, tuple(extra))


def numbers(call: Call, name: str, rank: int) -> tuple[int, ...]:
    """An attribute with a number from 1 on for each axis."""
    found = call.ints(name, [1] * rank)
    if len(found) != rank or any(not 1 <= number <= _LARGEST for number in found):
        raise InvalidArgumentError(f"attribute {name}: expected {rank} numbers of at least 1, got {found}")
    return tuple(found)


def _known(call: Call, size: int | None) -> int:
    if size is None:
        raise call.not_known(0, "the sizes of its input have to be known before the model runs", by_shape=True)
    return size


def _pads(call: Call, totals: Sequence[int | None], spans: Sequence[int], strides: Sequence[int]) -> Pairs:
    kind, rank = call.text("auto_pad", "NOTSET"), len(spans)
    if kind in ("SAME_UPPER", "SAME_LOWER"):
        pairs = []
        for total, span, stride in zip(totals, spans, strides):
            if stride == 1:
                missing = span - 1
            else:
                size = _known(call, total)
                missing = max((-(-size // stride) - 1) * stride + span - size, 0)
            small, large = missing // 2, missing - missing // 2
            pairs.append((small, large) if kind == "SAME_UPPER" else (large, small))
        return tuple(pairs)
    if kind not in ("NOTSET", "VALID"):
        raise InvalidArgumentError(f"attribute auto_pad: expected NOTSET, VALID, SAME_UPPER, SAME_LOWER, got {kind!r}")
    pads = call.ints("pads", [0] * 2 * rank) if kind == "NOTSET" else [0] * 2 * rank
    if len(pads) != 2 * rank or any(abs(pad) > _LARGEST for pad in pads):
        raise InvalidArgumentError(f"attribute pads: expected {2 * rank} numbers, got {pads}")
    return tuple(zip(pads[:rank], pads[rank:]))


def _extra(total: int, span: int, stride: int, last: int) -> int:
    """How many elements are missing for the last window, which has to start before `last`."""
    count = -(-(total - span) // stride) + 1
    if (count - 1) * stride >= last:
        count -= 1
    return max((count - 1) * stride + span - total, 0)


def channels_last(x: Tensor) -> Tensor:
    """A tensor with its channels as the last axis."""
    return m.transpose(x, [0, *range(2, x.ndim), 1])


def channels_first(x: Tensor) -> Tensor:
    """A tensor whose last axis are its channels, as ONNX has it."""
    return m.transpose(x, [0, x.ndim - 1, *range(1, x.ndim - 1)])


def padded(x: Tensor, pads: Pairs, value: Tensor | int = 0) -> Tensor:
    """A tensor with its channels last and elements around it; negative amounts cut elements off."""
    cut = [(max(-low, 0), max(-high, 0)) for low, high in pads]
    if any(pair != (0, 0) for pair in cut):
        begin = [0, *(low for low, _ in cut), 0]
        x = m.bounded(x, begin, [None, *(-high or None for _, high in cut), None])
    pairs = [(max(low, 0), max(high, 0)) for low, high in pads]
    return m.pad(x, [(0, 0), *pairs, (0, 0)], constant_values=value) if any(map(any, pairs)) else x
