"""Windows as vectors, and blocks of space as channels."""

from __future__ import annotations

from typing import Any

import stepwell as sw

from ..core import convert_to_tensor
from ..core import shape as shape_of


def _pair(x: Any) -> tuple[int, int]:
    return (x, x) if isinstance(x, int) else tuple(x)


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> sw.Tensor:
    """The windows of images `[n, c, height, width]`, as `[n, c * window, number of windows]`."""
    x = convert_to_tensor(input)
    (kh, kw), (dh, dw), (ph, pw), (sh, sw_) = (_pair(each) for each in (kernel_size, dilation, padding, stride))
    n, channels = shape_of(x)[:2]
    x = sw.transpose(sw.pad(x, [[0, 0], [0, 0], [ph, ph], [pw, pw]]), [0, 2, 3, 1])
    patches = sw.image.extract_patches(x, [1, kh, kw, 1], [1, sh, sw_, 1], [1, dh, dw, 1], "VALID")
    _, rows, columns, _ = shape_of(patches)
    patches = sw.reshape(patches, [n, rows * columns, kh * kw, channels])
    return sw.reshape(sw.transpose(patches, [0, 3, 2, 1]), [n, channels * kh * kw, rows * columns])


def fold(x: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> sw.Tensor:
    """Images `[n, c, height, width]` with the windows of `unfold` added at their places."""
    x = convert_to_tensor(x)
    (oh, ow), (kh, kw), (dh, dw), (ph, pw), (sh, sw_) = (
        _pair(each) for each in (output_size, kernel_size, dilation, padding, stride)
    )
    rows, columns = (oh + 2 * ph - dh * (kh - 1) - 1) // sh + 1, (ow + 2 * pw - dw * (kw - 1) - 1) // sw_ + 1
    n, channels = shape_of(x)[0], x.shape[1] // (kh * kw)
    # Channels before examples: each window is then a convolution's filter that adds one element at its place.
    windows = sw.reshape(x, [n * channels, kh * kw, rows, columns])
    spread = sw.reshape(sw.eye(kh * kw, dtype=x.dtype), [kh, kw, 1, kh * kw])
    sizes = [n * channels, oh + 2 * ph, ow + 2 * pw, 1]
    image = sw.nn.conv_transpose(sw.transpose(windows, [0, 2, 3, 1]), spread, sizes, (sh, sw_), "VALID", None, (dh, dw))
    return sw.reshape(image[:, ph : ph + oh, pw : pw + ow], [n, channels, oh, ow])


def depth_to_space(x: Any, block_size: int, data_format: str = "channels_last") -> sw.Tensor:
    """Blocks of space made of channels."""
    return _blocks(sw.nn.depth_to_space, x, block_size, data_format)


def space_to_depth(x: Any, block_size: int, data_format: str = "channels_last") -> sw.Tensor:
    """Channels made of blocks of space."""
    return _blocks(sw.nn.space_to_depth, x, block_size, data_format)


def _blocks(function: Any, x: Any, block_size: int, data_format: str) -> sw.Tensor:
    x = convert_to_tensor(x)
    if data_format == "channels_last":
        return function(x, block_size)
    return sw.transpose(function(sw.transpose(x, [0, 2, 3, 1]), block_size), [0, 3, 1, 2])
