"""Windows that move over the axes between the first and the last: where they stand, and how many there are.

A window has a size along each of these axes. It looks at every `dilation`-th element and stands at every `stride`-th
place. `padding` says what is added around: `"VALID"` nothing; `"SAME"` so much that there is a window for every
`stride`-th element, the odd one behind; or pairs of amounts, before and behind each axis. Definition: TensorFlow `nn`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....dtypes import DType
from ....types import DYNAMIC
from ..base import InferenceError
from ..elementwise import shape_text
from ..facets import Attrs, Sampler
from ..sizes.arithmetic import Dynamic, KnownSizes, Sizes


@dataclass(frozen=True)
class Window:
    """How windows move along one axis; sizes are given, and results are, as `Sizes` has them."""

    stride: int
    dilation: int
    padding: str | tuple[int, int]

    def extent(self, sizes: Sizes[Dynamic], size: int | Dynamic) -> int | Dynamic:
        """From the first element that a window of `size` elements looks at to the last one."""
        return sizes.add(sizes.mul(sizes.sub(size, 1), self.dilation), 1)

    def amounts(
        self, sizes: Sizes[Dynamic], total: int | Dynamic, size: int | Dynamic
    ) -> tuple[int | Dynamic, int | Dynamic]:
        """How many elements are added before and behind an axis of `total` elements."""
        if self.padding == "VALID":
            return 0, 0
        if isinstance(self.padding, tuple):
            return self.padding
        added = sizes.sub(self.extent(sizes, size), 1)
        if self.stride > 1:
            steps = sizes.sub(self.count(sizes, total, size), 1)
            reached = sizes.add(sizes.mul(steps, self.stride), self.extent(sizes, size))
            added = sizes.maximum(sizes.sub(reached, total), 0)
        low = sizes.floordiv(added, 2)
        return low, sizes.sub(added, low)

    def room(self, sizes: Sizes[Dynamic], total: int | Dynamic, size: int | Dynamic) -> int | Dynamic:
        """How many elements there are beyond one window, and a stride; negative: not even the padding holds one."""
        low, high = self.amounts(sizes, total, size)
        padded = sizes.add(total, sizes.add(low, high))
        return sizes.add(sizes.sub(padded, self.extent(sizes, size)), self.stride)

    def count(self, sizes: Sizes[Dynamic], total: int | Dynamic, size: int | Dynamic) -> int | Dynamic:
        """How many windows stand along an axis of `total` elements."""
        if self.padding == "SAME":
            return sizes.floordiv(sizes.add(total, self.stride - 1), self.stride)
        return sizes.floordiv(self.room(sizes, total, size), self.stride)


def windows_of(attrs: Attrs) -> list[Window]:
    """The windows that an op's attributes `strides`, `padding` and, if it has them, `dilations` describe."""
    strides, padding = attrs["strides"], attrs["padding"]
    dilations = attrs.get("dilations", (1,) * len(strides))
    paddings = [padding] * len(strides) if isinstance(padding, str) else padding
    return [Window(*each) for each in zip(strides, dilations, paddings, strict=True)]


def check_windows(constraint: str, attrs: Attrs, rank: int) -> None:
    """Check that the attributes describe windows over `rank` axes."""
    for name in ("strides", "dilations"):
        values = attrs.get(name, attrs["strides"])
        if len(values) != rank or any(value < 1 for value in values):
            raise InferenceError(constraint, f"expected {rank} {name} of 1 or more, got {list(values)}")
    padding = attrs["padding"]
    if isinstance(padding, str):
        if padding not in ("SAME", "VALID"):
            raise InferenceError(constraint, f"expected the padding SAME, VALID or amounts, got {padding!r}")
    elif len(padding) != rank or any(len(pair) != 2 or min(pair) < 0 for pair in padding):
        text = f"expected {rank} pairs of padding of 0 or more, got {[list(pair) for pair in padding]}"
        raise InferenceError(constraint, text)


def count_windows(constraint: str, totals: Sequence[int], window: Sequence[int], attrs: Attrs) -> tuple[int, ...]:
    """How many windows there are along each axis, `DYNAMIC` where that is not known."""
    if any(size < 1 and size != DYNAMIC for size in window):
        raise InferenceError(constraint, f"expected a window of 1 element or more, got {shape_text(window)}")
    known = [None if size == DYNAMIC else size for size in totals], [None if n == DYNAMIC else n for n in window]
    counts = []
    for total, size, each in zip(*known, windows_of(attrs), strict=True):
        room = each.room(KnownSizes(), total, size)
        if room is not None and room < 0:
            shown = f"a window of shape {shape_text(window)} into shape {shape_text(totals)}"
            raise InferenceError(constraint, f"padding {attrs['padding']} does not fit {shown}")
        count = each.count(KnownSizes(), total, size)
        counts.append(DYNAMIC if count is None else count)
    return tuple(counts)


def amounts_of(totals: Sequence[int], window: Sequence[int], attrs: Attrs) -> list[tuple[int, int]]:
    """How many elements are added before and behind each axis; all sizes are known."""
    return [w.amounts(Sizes(), *pair) for w, *pair in zip(windows_of(attrs), totals, window, strict=True)]


def window_view(
    x: np.ndarray, window: Sequence[int], attrs: Attrs, value: float | np.generic | np.ndarray
) -> np.ndarray:
    """What all windows look at: for `x` of shape `[n, sizes, c]` an array of shape `[n, counts, window, c]`."""
    totals, rank = x.shape[1:-1], x.ndim - 2
    counts = count_windows("C1", totals, window, attrs)
    if 0 in counts:
        return np.zeros((x.shape[0], *counts, *window, x.shape[-1]), x.dtype)
    padded = np.pad(x, [(0, 0), *amounts_of(totals, window, attrs), (0, 0)], constant_values=value)
    windows = windows_of(attrs)
    extents = tuple(w.extent(Sizes(), size) for w, size in zip(windows, window))
    axes = tuple(range(1, rank + 1))
    view = np.lib.stride_tricks.sliding_window_view(padded, extents, axes)  # pyright: ignore[reportCallIssue]
    places = [slice(None, None, w.stride) for w in windows]
    looks = [slice(None, None, w.dilation) for w in windows]
    view = view[(slice(None), *places, slice(None), *looks)]
    return np.moveaxis(view, rank + 1, -1)


def add_windows(parts: np.ndarray, totals: Sequence[int], attrs: Attrs) -> np.ndarray:
    """The transpose of `window_view`: what all windows hold, added up where they stand; without the padding."""
    rank = len(totals)
    counts, window = parts.shape[1 : 1 + rank], parts.shape[1 + rank : 1 + 2 * rank]
    amounts, windows = amounts_of(totals, window, attrs), windows_of(attrs)
    padded = [low + total + high for total, (low, high) in zip(totals, amounts)]
    result = np.zeros((parts.shape[0], *padded, parts.shape[-1]), parts.dtype)
    for look in np.ndindex(*window) if 0 not in counts else ():
        where = []
        for at, count, w in zip(look, counts, windows):
            first = at * w.dilation
            where.append(slice(first, first + (count - 1) * w.stride + 1, w.stride))
        result[(slice(None), *where)] += parts[(slice(None), *[slice(None)] * rank, *look)]
    inside = [slice(low, low + total) for total, (low, _) in zip(totals, amounts)]
    return np.ascontiguousarray(result[(slice(None), *inside)])


def sample_windows(
    s: Sampler, rank: int, dtype: DType, *, dilated: bool = True
) -> tuple[list[int], list[int], dict[str, Any]]:
    """Sizes of axes, a window that fits, and attributes.

    Axes of float32 are not empty: the nodes that ONNX Runtime has for that dtype refuse such.
    """
    least = 1 if dtype == np.float32 else 0
    window = [s.integer(1, 3) for _ in range(rank)]
    strides = tuple(s.choice([1, 1, 2, 3]) for _ in window)
    dilations = tuple(s.choice([1, 1, 2]) if dilated else 1 for _ in window)
    kind = s.choice(["SAME", "VALID", "EXPLICIT"])
    pairs = tuple((s.integer(0, size - 1), s.integer(0, size - 1)) for size in window)
    padding = pairs if kind == "EXPLICIT" else kind
    totals = []
    for size, dilation, pair in zip(window, dilations, pairs):
        needed = (size - 1) * dilation + 1 - (sum(pair) if kind == "EXPLICIT" else 0)
        totals.append(s.integer(least, 4) if kind == "SAME" else max(needed, least) + s.integer(0, 3))
    attrs = {"strides": strides, "padding": padding}
    return totals, window, attrs | ({"dilations": dilations} if dilated else {})
