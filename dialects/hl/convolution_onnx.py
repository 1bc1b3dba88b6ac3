"""Convolutions and their transposes in ONNX: by the nodes that runtimes have for float32, else by products of matrices.

The latter serve every dtype and every shape: what windows look at is laid out as rows of matrices, one for each group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..types import DYNAMIC, dtype_of, shape_of
from .facets import OnnxGraph, OpCall
from .size_arithmetic import OnnxSizes
from .window_onnx import OnnxWindows, Size, given_sizes, sizes_of

_FLOAT32 = np.dtype(np.float32)


def _total(sizes: OnnxSizes, items: Sequence[Size]) -> Size:
    result: Size = 1
    for item in items:
        result = sizes.mul(result, item)
    return result


class _Matrices:
    """The reshapes between tensors of a convolution and matrices, one for each group."""

    def __init__(self, g: OnnxGraph, groups: int):
        self.g, self.groups, self.sizes = g, groups, OnnxSizes(g)

    def reshape(self, x: str, sizes: Sequence[Size]) -> str:
        """The elements of `x` in another shape."""
        return self.g.node("Reshape", [x, self.sizes.vector(sizes)], allowzero=1)

    def share(self, channels: Size) -> Size:
        """How many of the channels a group has."""
        return self.sizes.floordiv(channels, self.groups)

    def columns(self, views: str, lead: Sequence[Size], window: Sequence[Size], channels: Size) -> str:
        """`[n, places, window, g * c]` as `[g, n * places, window * c]`."""
        places, looks, own = _total(self.sizes, lead), _total(self.sizes, window), self.share(channels)
        apart = self.reshape(views, [places, looks, self.groups, own])
        moved = self.g.node("Transpose", [apart], perm=[2, 0, 1, 3])
        return self.reshape(moved, [self.groups, places, self.sizes.mul(looks, own)])

    def from_columns(self, columns: str, lead: Sequence[Size], window: Sequence[Size], channels: Size) -> str:
        """The other way round."""
        places, looks, own = _total(self.sizes, lead), _total(self.sizes, window), self.share(channels)
        apart = self.reshape(columns, [self.groups, places, looks, own])
        moved = self.g.node("Transpose", [apart], perm=[1, 2, 0, 3])
        return self.reshape(moved, [*lead, *window, channels])

    def filters(self, filters: str, window: Sequence[Size], inputs: Size, outputs: Size) -> str:
        """`[window, c, g * f]` as `[g, window * c, f]`."""
        looks, own = _total(self.sizes, window), self.share(outputs)
        apart = self.reshape(filters, [self.sizes.mul(looks, inputs), self.groups, own])
        return self.g.node("Transpose", [apart], perm=[1, 0, 2])

    def from_filters(self, matrices: str, window: Sequence[Size], inputs: Size, outputs: Size) -> str:
        """The other way round."""
        moved = self.g.node("Transpose", [matrices], perm=[1, 0, 2])
        return self.reshape(moved, [*window, inputs, outputs])

    def outputs(self, y: str, lead: Sequence[Size], outputs: Size) -> str:
        """`[n, places, g * f]` as `[g, n * places, f]`."""
        apart = self.reshape(y, [_total(self.sizes, lead), self.groups, self.share(outputs)])
        return self.g.node("Transpose", [apart], perm=[1, 0, 2])

    def from_outputs(self, matrices: str, lead: Sequence[Size], outputs: Size) -> str:
        """The other way round."""
        moved = self.g.node("Transpose", [matrices], perm=[1, 0, 2])
        return self.reshape(moved, [*lead, outputs])


def _swapped(g: OnnxGraph, matrices: str) -> str:
    return g.node("Transpose", [matrices], perm=[0, 2, 1])


def _filters_first(g: OnnxGraph, filters: str, rank: int) -> str:
    """Filters `[window, c, f]` as `[f, c, window]`."""
    return g.node("Transpose", [filters], perm=[rank + 1, rank, *range(rank)])


def onnx_convolution(g: OnnxGraph, call: OpCall) -> str:
    """`hl.convolution`."""
    (x, filters), (x_type, filters_type), groups = call.inputs, call.input_types, call.attrs["groups"]
    *window, inputs, outputs = sizes_of(g, filters, filters_type)
    windows = OnnxWindows(g, x, x_type, window, call.attrs)
    if dtype_of(x_type) == _FLOAT32 and 0 not in shape_of(x_type)[1:]:
        operands = [windows.channels_first(), _filters_first(g, filters, windows.rank)]
        return windows.channels_last(g.node("Conv", operands, group=groups, **windows.attributes()))
    windows.check("convolution")
    matrices, sizes = _Matrices(g, groups), sizes_of(g, x, x_type)
    lead = [sizes[0], *windows.counts]
    columns = matrices.columns(windows.views(), lead, window, sizes[-1])
    product = g.node("MatMul", [columns, matrices.filters(filters, window, inputs, outputs)])
    return matrices.from_outputs(product, lead, outputs)


def onnx_correlation(g: OnnxGraph, call: OpCall) -> str:
    """`hl.convolution_backprop_filter`."""
    (x, y, *given), (x_type, y_type, *_) = call.inputs, call.input_types
    window = given_sizes(g, call.attrs["window"], given)
    windows, sizes = OnnxWindows(g, x, x_type, window, call.attrs), sizes_of(g, x, x_type)
    _, *places, outputs = sizes_of(g, y, y_type)
    windows.check("convolution_backprop_filter", places)
    matrices = _Matrices(g, call.attrs["groups"])
    lead = [sizes[0], *windows.counts]
    columns = matrices.columns(windows.views(), lead, window, sizes[-1])
    product = g.node("MatMul", [_swapped(g, columns), matrices.outputs(y, lead, outputs)])
    return matrices.from_filters(product, window, matrices.share(sizes[-1]), outputs)


def onnx_spread(g: OnnxGraph, call: OpCall) -> str:
    """`hl.convolution_backprop_input`."""
    (y, filters, *given), (y_type, filters_type, *_) = call.inputs, call.input_types
    totals = given_sizes(g, call.attrs["totals"], given)
    *window, inputs, outputs = sizes_of(g, filters, filters_type)
    windows = OnnxWindows(g, y, y_type, window, call.attrs, totals)
    lead = sizes_of(g, y, y_type)[:-1]
    rest = _rest(windows, shape_of(y_type)[1:-1])
    if rest is not None and dtype_of(y_type) == _FLOAT32:
        operands = [windows.channels_first(y), _filters_first(g, filters, windows.rank)]
        attributes = windows.attributes() | {"output_padding": rest, "group": call.attrs["groups"]}
        return windows.channels_last(g.node("ConvTranspose", operands, **attributes))
    windows.check("convolution_backprop_input", lead[1:])
    matrices = _Matrices(g, call.attrs["groups"])
    channels = matrices.sizes.mul(inputs, call.attrs["groups"])
    weights = _swapped(g, matrices.filters(filters, window, inputs, outputs))
    columns = g.node("MatMul", [matrices.outputs(y, lead, outputs), weights])
    parts = matrices.from_columns(columns, lead, window, channels)
    return windows.added_up(parts, [lead[0], *totals, channels])


def _rest(windows: OnnxWindows, places: Sequence[int]) -> list[int] | None:
    """How many elements behind the last window `ConvTranspose` has to be told of; `None` if that cannot be said."""
    found = []
    triples = zip(windows.windows, windows.totals, windows.window, windows.low, windows.high, places, strict=True)
    for each, total, size, low, high, count in triples:
        if not all(isinstance(n, int) for n in (total, size, low, high)) or count in (0, DYNAMIC):
            return None
        reached = (count - 1) * each.stride + each.extent(windows.sizes, size)
        found.append(total + low + high - reached)  # pyright: ignore[reportOperatorIssue]
    return found if all(0 <= n < max(w.stride, 1) for n, w in zip(found, windows.windows)) else None
