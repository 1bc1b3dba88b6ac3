"""Convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ......dialects.diagnostics import InvalidArgumentError
from ......dialects.hl.convolution import ConvolutionOp
from .....frontend.ops.arguments import Size, plus, times
from .....frontend.values.dispatch import apply
from .....frontend.values.tensor import Tensor
from ...rules import Call, rule
from ...values import counted, m, shape_items
from ..products import without_zero
from .sampling import bilinear_at
from .windows import channels_first, channels_last, numbers, padded, windows_of


@rule("Conv")
def _conv(call: Call, x: Tensor, filters: Tensor, bias: Tensor | None = None) -> Tensor:
    return with_bias(convolved(call, x, filters), bias)


def with_bias(x: Tensor, bias: Tensor | None) -> Tensor:
    """A tensor, channels first, with a number added to each channel."""
    return x if bias is None else x + m.reshape(bias, [-1, *[1] * (x.ndim - 2)])


def convolved(call: Call, x: Tensor, filters: Tensor) -> Tensor:
    """The convolution of a tensor, channels first; more than three axes are folded into these."""
    if x.ndim < 3 or filters.ndim != x.ndim:
        raise InvalidArgumentError(f"expected an image and filters of one rank, got {x.shape} and {filters.shape}")
    windows = windows_of(call, x, call.ints("kernel_shape", list(filters.shape[2:])))
    if list(filters.shape[2:]) != list(windows.window):
        raise InvalidArgumentError(f"attribute kernel_shape: expected {filters.shape[2:]}, got {windows.window}")
    image, attrs = channels_last(x), windows.attrs
    if any(min(pair) < 0 for pair in windows.padding):
        image, attrs = padded(image, windows.padding), {**attrs, "padding": "VALID"}
    weights = m.transpose(filters, [*range(2, filters.ndim), 1, 0])
    return channels_first(apply(ConvolutionOp, image, weights, groups=call.int("group", 1), **attrs))


@rule("ConvInteger")
def _conv_integer(
    call: Call, x: Tensor, filters: Tensor, x_zero: Tensor | None = None, w_zero: Tensor | None = None
) -> Tensor:
    if w_zero is not None and w_zero.ndim:
        w_zero = m.reshape(w_zero, [-1, *[1] * (filters.ndim - 1)])
    return convolved(call, without_zero(x, x_zero), without_zero(filters, w_zero))


@rule("ConvTranspose")
def _conv_transpose(call: Call, x: Tensor, filters: Tensor, bias: Tensor | None = None) -> Tensor:
    if x.ndim < 3 or filters.ndim != x.ndim or None in filters.shape:
        raise InvalidArgumentError(f"expected an image and filters of one rank, got {x.shape} and {filters.shape}")
    rank, groups = x.ndim - 2, call.int("group", 1)
    window = [int(size) for size in filters.shape[2:]]  # pyright: ignore[reportArgumentType]
    strides, dilations = numbers(call, "strides", rank), numbers(call, "dilations", rank)
    spans = [(size - 1) * step + 1 for size, step in zip(window, dilations)]
    pads, behind = _pads(call, x, spans, strides)
    sizes: list[Size] = []
    for size, stride, span, pair in zip(shape_items(x)[2:], strides, spans, pads):
        sizes.append(plus(times(plus(size, -1), stride), span - sum(pair)))
    channels = filters.shape[1] * groups  # pyright: ignore[reportOptionalOperand]
    wanted = m.zeros([m.size_along(x, 0), *sizes, channels], x.dtype)
    attrs: dict[str, Any] = {"groups": groups, "strides": strides, "dilations": dilations, "padding": pads}
    weights = m.transpose(filters, [*range(2, filters.ndim), 1, 0])
    found = m.convolution_backprop_input(channels_last(x), weights, wanted, attrs)
    return with_bias(channels_first(padded(found, tuple((0, more) for more in behind))), bias)


def _pads(
    call: Call, x: Tensor, spans: Sequence[int], strides: Sequence[int]
) -> tuple[tuple[tuple[int, int], ...], list[int]]:
    """What is cut off before and behind, and how many zeros are added behind."""
    rank = len(spans)
    more = call.ints("output_padding", [0] * rank)
    kind, shape = call.text("auto_pad", "NOTSET"), call.ints("output_shape")
    pads = call.ints("pads", [0] * 2 * rank)
    pairs, behind = [], []
    for axis in range(rank):
        low, high = pads[axis], pads[axis + rank]
        if shape is not None or kind.startswith("SAME"):
            size = x.shape[2 + axis]
            if size is None:
                raise call.not_known(0, "the sizes of its input have to be known before the model runs", by_shape=True)
            wanted = size * strides[axis] if shape is None else shape[-rank:][axis]
            total = strides[axis] * (size - 1) + more[axis] + spans[axis] - wanted
            small, large = max(total, 0) // 2, max(total, 0) - max(total, 0) // 2
            low, high = (large, small) if kind == "SAME_LOWER" or kind == "NOTSET" else (small, large)
            high += min(total, 0)
        high -= more[axis]
        pairs.append((low, max(high, 0)))
        behind.append(max(-high, 0))
    return tuple(pairs), behind


@rule("DeformConv")
def _deform_conv(
    call: Call, x: Tensor, filters: Tensor, offset: Tensor, bias: Tensor | None = None, mask: Tensor | None = None
) -> Tensor:
    """A convolution whose windows look at places that are moved by offsets, between elements."""
    if x.ndim != 4 or None in (*x.shape, *filters.shape):
        raise NotImplementedError("deformed convolutions of other images than those of known sizes and two axes")
    windows = windows_of(call, x, call.ints("kernel_shape", list(filters.shape[2:])))
    n, channels, high, wide = (int(size) for size in x.shape)  # pyright: ignore[reportArgumentType]
    rows, columns = (int(size) for size in offset.shape[2:])  # pyright: ignore[reportArgumentType]
    kh, kw = windows.window
    parts, groups = call.int("offset_group", 1), call.int("group", 1)
    moved = m.reshape(offset, [n, parts, kh, kw, 2, rows, columns])
    y = _places(moved, x, windows, 0, (rows, kh), moved[:, :, :, :, 0])
    z = _places(moved, x, windows, 1, (columns, kw), moved[:, :, :, :, 1])
    images = m.reshape(x, [n * parts, channels // parts, high, wide])
    looked = bilinear_at(images, *(m.reshape(each, [n * parts, kh * kw * rows * columns]) for each in (y, z)))
    looked = m.reshape(looked, [n, parts, channels // parts, kh * kw, rows, columns])
    if mask is not None:
        looked = looked * m.reshape(mask, [n, parts, 1, kh * kw, rows, columns])
    looked = m.reshape(looked, [n, groups, channels // groups * kh * kw, rows * columns])
    outputs = int(filters.shape[0] or 0)
    weights = m.reshape(filters, [groups, outputs // groups, channels // groups * kh * kw])
    found = m.reshape(m.matmul(weights, looked), [n, outputs, rows, columns])
    return with_bias(found, bias)


def _places(moved: Tensor, x: Tensor, windows: Any, axis: int, counts: tuple[int, int], offsets: Tensor) -> Tensor:
    """Where along an axis each window looks: `[n, groups, kh, kw, rows, columns]`."""
    count, size = counts
    start = m.cast(counted(count) * windows.strides[axis] - windows.pads[axis][0], x.dtype)
    step = m.cast(counted(size) * windows.dilations[axis], x.dtype)
    shape_start = [1, 1, 1, 1, count, 1] if axis == 0 else [1, 1, 1, 1, 1, count]
    shape_step = [1, 1, size, 1, 1, 1] if axis == 0 else [1, 1, 1, size, 1, 1]
    return offsets + m.reshape(start, shape_start) + m.reshape(step, shape_step)


@rule("Col2Im")
def _col2im(call: Call, x: Tensor, image_shape: Tensor, block_shape: Tensor) -> Tensor:
    """Columns of what windows look at, added up where the windows stand: a transposed convolution by ones and zeros."""
    image, window = call.known_ints(1, "image_shape"), call.known_ints(2, "block_shape")
    rank, looks = len(window), 1
    for size in window:
        looks *= size
    strides, dilations = numbers(call, "strides", rank), numbers(call, "dilations", rank)
    pads = call.ints("pads", [0] * 2 * rank)
    pairs = tuple(zip(pads[:rank], pads[rank:]))
    places = [
        (size + sum(pair) - (k - 1) * d - 1) // s + 1
        for size, pair, k, d, s in zip(image, pairs, window, dilations, strides)
    ]
    n = m.size_along(x, 0)
    channels = int(x.shape[1] or 0) // looks
    columns = m.reshape(x, [n, channels, looks, *places])
    columns = m.reshape(m.transpose(columns, [0, 1, *range(3, 3 + rank), 2]), [n * channels, *places, looks])
    filters = m.reshape(m.eye(looks, dtype=x.dtype), [*window, 1, looks])
    wanted = m.zeros([n * channels, *image, 1], x.dtype)
    attrs: dict[str, Any] = {"groups": 1, "strides": strides, "dilations": dilations, "padding": pairs}
    return m.reshape(m.convolution_backprop_input(columns, filters, wanted, attrs), [n, channels, *image])
