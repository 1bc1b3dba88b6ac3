"""Building blocks for exporting ops that move windows over a tensor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute

from ....dtypes import INT64, dtype_of
from ....types import DYNAMIC, shape_of
from ..facets import Attrs, OnnxGraph, OnnxRule
from ..onnx_checks import check_not_negative
from ..sizes.arithmetic import OnnxSizes
from .geometry import Window, windows_of

Size = int | str
"""A size that is known, or the name of an int64 scalar."""


class OnnxWindows:
    """Windows over a tensor of shape `[n, totals, c]` in an ONNX graph.

    Attributes:
        x: the tensor's name.
        type: its type.
        windows: how they move along each axis.
        window: the sizes of a window.
        low, high: how many elements are added before and behind each axis.
        counts: how many windows there are along each axis.
    """

    def __init__(
        self,
        g: OnnxGraph,
        x: str,
        type_: TensorType[Attribute],
        window: Sequence[Size],
        attrs: Attrs,
        totals: Sequence[Size] | None = None,
    ):
        self.g, self.x, self.type = g, x, type_
        self.sizes = OnnxSizes(g)
        self.windows: list[Window] = windows_of(attrs)
        self.window = list(window)
        self._given = totals is not None
        if totals is None:
            totals = [self.sizes.along(x, type_, axis + 1) for axis in range(len(self.windows))]
        self.totals = list(totals)
        triples = list(zip(self.windows, self.totals, self.window, strict=True))
        amounts = [w.amounts(self.sizes, total, size) for w, total, size in triples]
        self.low: list[Size] = [low for low, _ in amounts]
        self.high: list[Size] = [high for _, high in amounts]
        self.counts: list[Size] = [w.count(self.sizes, total, size) for w, total, size in triples]

    @property
    def rank(self) -> int:
        """How many axes the windows move over."""
        return len(self.windows)

    @property
    def is_known(self) -> bool:
        """Whether the amounts of padding are known, so that a node can have them as an attribute."""
        return all(isinstance(amount, int) for amount in (*self.low, *self.high))

    @property
    def pads_by_node(self) -> bool:
        """Whether a node adds the border: by amounts that are known, or by those of `SAME`, which it knows as well.

        Not for dilated windows: ONNX Runtime refuses them as the model runs.
        """
        same = all(w.padding == "SAME" and w.dilation == 1 for w in self.windows)
        return self.is_known or (same and not self.g.exact and not self._given)

    def check(self, what: str, places: Sequence[Size] = ()) -> None:
        """Let the program fail where windows do not fit, or are not as many as `places`, as far as not known."""
        g, (zero, one) = self.g, (self.g.constant(np.array(n, np.int64)) for n in (0, 1))
        if self._given:
            names = [total for total in self.totals if not isinstance(total, int)]
            check_not_negative(g, names, f"{what}: expected sizes of 0 or more")
        for each, total, size in zip(self.windows, self.totals, self.window, strict=True):
            if not isinstance(size, int):
                g.check(g.node("GreaterOrEqual", [size, one]), f"{what}: expected a window of 1 element or more")
            room = 0 if each.padding == "SAME" else each.room(self.sizes, total, size)
            if not isinstance(room, int):
                g.check(g.node("GreaterOrEqual", [room, zero]), f"{what}: a window does not fit into the padded input")
        for count, own in zip(self.counts, places):
            check_same(g, count, own, f"{what}: expected as many places as there are windows")

    def attributes(self, *, dilated: bool = True) -> dict[str, object]:
        """What the nodes of ONNX that move windows are told about them."""
        found: dict[str, object] = {"strides": [w.stride for w in self.windows]}
        if dilated:
            found["dilations"] = [w.dilation for w in self.windows]
        if self.is_known:
            return found | {"pads": [*self.low, *self.high]}
        return found | {"auto_pad": "SAME_UPPER"} if self.pads_by_node else found

    def bordered(self, value: str | float = 0) -> str:
        """The tensor with elements of `value`, a number or the name of a scalar, around."""
        if self.is_known and not any((*self.low, *self.high)):
            return self.x
        pads = self.sizes.vector([0, *self.low, 0, 0, *self.high, 0])
        filler = value if isinstance(value, str) else self.g.constant(np.array(value, dtype_of(self.type)))
        return self.g.node("Pad", [self.x, pads, filler], mode="constant")

    def channels_first(self, x: str | None = None) -> str:
        """A tensor `[n, sizes, c]` as `[n, c, sizes]`; the windows' own, with its border unless nodes add it."""
        if x is None:
            x = self.x if self.pads_by_node else self.bordered()
        return self.g.node("Transpose", [x], perm=[0, self.rank + 1, *range(1, self.rank + 1)])

    def channels_last(self, x: str) -> str:
        """A tensor `[n, c, sizes]` as `[n, sizes, c]`."""
        return self.g.node("Transpose", [x], perm=[0, *range(2, self.rank + 2), 1])

    def views(self, value: float = 0) -> str:
        """What all windows look at, `[n, counts, window, c]`: one `Gather` for each axis."""
        return self.looked_up(self.bordered(value))

    def looked_up(self, bordered: str) -> str:
        """What all windows look at in a tensor that has its border."""
        for axis in range(self.rank):
            bordered = self.g.node("Gather", [bordered, self._places(axis)], axis=1 + 2 * axis)
        counts = range(1, 1 + 2 * self.rank, 2)
        looks = range(2, 2 + 2 * self.rank, 2)
        return self.g.node("Transpose", [bordered], perm=[0, *counts, *looks, 1 + 2 * self.rank])

    def _places(self, axis: int) -> str:
        """The matrix of the elements of a padded axis that each window looks at."""
        g, window = self.g, self.windows[axis]
        starts = self._counting(self.counts[axis], window.stride)
        column = g.node("Unsqueeze", [starts, g.constant(np.array([1], np.int64))])
        return g.node("Add", [column, self._counting(self.window[axis], window.dilation)])

    def _counting(self, count: Size, step: int) -> str:
        """`0, step …`, so many of them."""
        if isinstance(count, int):
            return self.g.constant(np.arange(count, dtype=np.int64) * step)
        zero, one = (self.g.constant(np.array(n, np.int64)) for n in (0, 1))
        numbers = self.g.node("Range", [zero, count, one])
        return self.g.node("Mul", [numbers, self.g.constant(np.array(step, np.int64))])

    def added_up(self, parts: str, shape: Sequence[Size]) -> str:
        """The transpose of `views`: what all windows hold, added up in a tensor of `shape`.

        Each part is added at the place that its window looks at; what falls into the border, at one place more.
        """
        g, dtype = self.g, dtype_of(self.type)
        one = g.constant(np.array([1], np.int64))
        zero = g.constant(np.array([0], np.int64))
        line = g.constant(np.array([-1], np.int64))
        count = g.node("ReduceProd", [self.sizes.vector(shape), zero], keepdims=1)
        scalar = g.node("Squeeze", [count, zero])
        numbers = g.node("Range", [*(g.constant(np.array(0, np.int64)), scalar), g.constant(np.array(1, np.int64))])
        places = g.node("Reshape", [numbers, self.sizes.vector(shape)], allowzero=1)
        pads = self.sizes.vector([0, *self.low, 0, 0, *self.high, 0])
        places = self.looked_up(g.node("Pad", [places, pads, scalar], mode="constant"))
        start = g.node("Expand", [g.constant(np.array(0, dtype)), g.node("Add", [count, one])])
        flat = [g.node("Reshape", [each, line]) for each in (places, parts)]
        total = g.node("ScatterElements", [start, *flat], axis=0, reduction="add")
        return g.node("Reshape", [g.node("Slice", [total, zero, count]), self.sizes.vector(shape)], allowzero=1)


def check_same(g: OnnxGraph, a: Size, b: Size, message: str) -> None:
    """Let the program fail where two sizes differ, as far as they are not known."""
    if not (isinstance(a, int) and isinstance(b, int)):
        sizes = OnnxSizes(g)
        g.check(g.node("Equal", [sizes.value(a), sizes.value(b)]), message)


def where_not_empty(
    g: OnnxGraph, sizes: Sequence[Size], then: OnnxRule, otherwise: OnnxRule, type_: TensorType[Attribute]
) -> str:
    """The result of `then` where all sizes are at least 1, else that of `otherwise`, decided now if they are known.

    Nodes of ONNX that move windows do not say what they do where there is nothing; ONNX Runtime's give wrong sizes, or
    end the process.
    """
    unknown = [size for size in sizes if not isinstance(size, int)]
    if any(isinstance(size, int) and size < 1 for size in sizes):
        return otherwise(g)
    if not unknown or not g.exact:
        return then(g)
    least = g.node("ReduceMin", [OnnxSizes(g).vector(unknown)], keepdims=0)
    return g.choose(g.node("Greater", [least, g.constant(np.array(0, np.int64))]), then, otherwise, type_)


def sizes_of(g: OnnxGraph, x: str, type_: TensorType[Attribute]) -> list[Size]:
    """All sizes of a tensor."""
    return [OnnxSizes(g).along(x, type_, axis) for axis in range(len(shape_of(type_)))]


def given_sizes(g: OnnxGraph, static: Sequence[int], names: Sequence[str]) -> list[Size]:
    """Sizes of an attribute, those that are not known taken from scalars."""
    given = iter(names)
    return [g.cast(next(given), INT64) if size == DYNAMIC else size for size in static]
