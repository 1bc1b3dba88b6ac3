"""Convolutions and their transposes in ONNX: by the nodes that runtimes have for float32, else by products of matrices.

The latter serve every dtype and every shape: what windows look at is laid out as rows of matrices, one for each group.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....dtypes import FLOAT32, dtype_of
from ....types import DYNAMIC, shape_of
from ..facets import OnnxGraph, OpCall
from ..sizes.arithmetic import OnnxSizes
from .onnx import OnnxWindows, Size, check_same, given_sizes, sizes_of, where_not_empty


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

    def check_shared(self, channels: Size, what: str) -> None:
        """Let the program fail where the groups cannot share the channels, as far as those are not known."""
        if self.groups > 1:
            message = f"{what}: {self.groups} groups cannot share {{0}} channels"
            check_same(self.g, self.sizes.mul(self.share(channels), self.groups), channels, message)

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
    """`hl.convolution`: `Conv` for float32, where nothing is empty but the batch."""
    (x, filters), (x_type, filters_type) = call.inputs, call.input_types
    if dtype_of(x_type) != FLOAT32:
        return _convolution_by_products(g, call)
    sizes = sizes_of(g, filters, filters_type)
    windows = OnnxWindows(g, x, x_type, sizes[:-2], call.attrs)
    everything = [*sizes_of(g, x, x_type)[1:], *sizes, *windows.counts]
    return where_not_empty(
        g,
        everything,
        lambda inner: _convolution_by_conv(inner, call),
        lambda inner: _convolution_by_products(inner, call),
        call.output_types[0],
    )


def _convolution_by_conv(g: OnnxGraph, call: OpCall) -> str:
    (x, filters), (x_type, filters_type) = call.inputs, call.input_types
    windows = OnnxWindows(g, x, x_type, sizes_of(g, filters, filters_type)[:-2], call.attrs)
    operands = [windows.channels_first(), _filters_first(g, filters, windows.rank)]
    node = g.node("Conv", operands, group=call.attrs["groups"], **windows.attributes())
    return windows.channels_last(node)


def _convolution_by_products(g: OnnxGraph, call: OpCall) -> str:
    (x, filters), (x_type, filters_type) = call.inputs, call.input_types
    *window, inputs, outputs = sizes_of(g, filters, filters_type)
    windows = OnnxWindows(g, x, x_type, window, call.attrs)
    windows.check("convolution")
    matrices, sizes = _Matrices(g, call.attrs["groups"]), sizes_of(g, x, x_type)
    channels = matrices.sizes.mul(inputs, matrices.groups)
    check_same(g, channels, sizes[-1], "convolution: channels of x and filters must agree")
    matrices.check_shared(outputs, "convolution")
    lead = [sizes[0], *windows.counts]
    columns = matrices.columns(windows.views(), lead, window, sizes[-1])
    product = g.node("MatMul", [columns, matrices.filters(filters, window, inputs, outputs)])
    return matrices.from_outputs(product, lead, outputs)


def onnx_correlation(g: OnnxGraph, call: OpCall) -> str:
    """`hl.convolution_backprop_filter`."""
    (x, y, *given), (x_type, y_type, *_) = call.inputs, call.input_types
    window = given_sizes(g, call.attrs["window"], given)
    windows, sizes = OnnxWindows(g, x, x_type, window, call.attrs), sizes_of(g, x, x_type)
    examples, *places, outputs = sizes_of(g, y, y_type)
    windows.check("convolution_backprop_filter", places)
    check_same(g, examples, sizes[0], "convolution_backprop_filter: x and y must have as many examples")
    matrices = _Matrices(g, call.attrs["groups"])
    for channels in (sizes[-1], outputs):
        matrices.check_shared(channels, "convolution_backprop_filter")
    lead = [sizes[0], *windows.counts]
    columns = matrices.columns(windows.views(), lead, window, sizes[-1])
    product = g.node("MatMul", [_swapped(g, columns), matrices.outputs(y, lead, outputs)])
    return matrices.from_filters(product, window, matrices.share(sizes[-1]), outputs)


def onnx_spread(g: OnnxGraph, call: OpCall) -> str:
    """`hl.convolution_backprop_input`: `ConvTranspose` for float32, where its sizes can be told and are not 0."""
    (y, filters, *given), (y_type, filters_type, *_) = call.inputs, call.input_types
    totals = given_sizes(g, call.attrs["totals"], given)
    sizes = sizes_of(g, filters, filters_type)
    windows = OnnxWindows(g, y, y_type, sizes[:-2], call.attrs, totals)
    rest = _rest(windows, shape_of(y_type)[1:-1])
    if rest is None or dtype_of(y_type) != FLOAT32:
        return _spread_by_products(g, call)

    def by_node(inner: OnnxGraph) -> str:
        windows = OnnxWindows(inner, y, y_type, sizes[:-2], call.attrs, totals)
        operands = [windows.channels_first(y), _filters_first(inner, filters, windows.rank)]
        attributes = windows.attributes() | {"output_padding": rest, "group": call.attrs["groups"]}
        return windows.channels_last(inner.node("ConvTranspose", operands, **attributes))

    everything = [*sizes_of(g, y, y_type)[1:], *sizes, *totals]
    return where_not_empty(g, everything, by_node, lambda inner: _spread_by_products(inner, call), call.output_types[0])


def _spread_by_products(g: OnnxGraph, call: OpCall) -> str:
    (y, filters, *given), (y_type, filters_type, *_) = call.inputs, call.input_types
    totals = given_sizes(g, call.attrs["totals"], given)
    *window, inputs, outputs = sizes_of(g, filters, filters_type)
    windows = OnnxWindows(g, y, y_type, window, call.attrs, totals)
    *lead, filled = sizes_of(g, y, y_type)
    windows.check("convolution_backprop_input", lead[1:])
    check_same(g, filled, outputs, "convolution_backprop_input: channels of y and filters must agree")
    matrices = _Matrices(g, call.attrs["groups"])
    matrices.check_shared(outputs, "convolution_backprop_input")
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
