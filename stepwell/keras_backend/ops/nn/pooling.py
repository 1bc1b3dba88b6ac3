"""Greatest elements and means of windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from keras.src.backend.config import standardize_data_format

import stepwell as sw

from ..core import convert_to_tensor


def layout(function: str, rank: int, data_format: str) -> str:
    """TensorFlow's name of where the channels are."""
    if not 3 <= rank <= 5:
        raise ValueError(f"{function}: expected inputs with 3, 4 or 5 axes, got {rank}")
    space = "DHW"[5 - rank :]
    return f"N{space}C" if data_format == "channels_last" else f"NC{space}"


def max_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> sw.Tensor:
    """The greatest element of each window."""
    return _pool(sw.nn.max_pool, inputs, pool_size, strides, padding, data_format)


def average_pool(
    inputs: Any, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> sw.Tensor:
    """The mean of each window."""
    return _pool(sw.nn.avg_pool, inputs, pool_size, strides, padding, data_format)


def _pool(
    function: Callable[..., sw.Tensor], inputs: Any, size: Any, strides: Any, padding: str, data_format: str | None
) -> sw.Tensor:
    inputs = convert_to_tensor(inputs)
    where = layout("pool", len(inputs.shape), standardize_data_format(data_format))
    return function(inputs, size, size if strides is None else strides, padding.upper(), where)


def adaptive_average_pool(inputs: Any, output_size: int | Sequence[int], data_format: str | None = None) -> sw.Tensor:
    """The means of as many windows as asked for, which cover the inputs evenly."""
    return _adaptive_pool(sw.nn.avg_pool, inputs, output_size, data_format)


def adaptive_max_pool(inputs: Any, output_size: int | Sequence[int], data_format: str | None = None) -> sw.Tensor:
    """The greatest elements of as many windows as asked for, which cover the inputs evenly."""
    return _adaptive_pool(sw.nn.max_pool, inputs, output_size, data_format)


def _adaptive_pool(
    function: Callable[..., sw.Tensor], inputs: Any, output_size: int | Sequence[int], data_format: str | None
) -> sw.Tensor:
    x = convert_to_tensor(inputs)
    where = layout("adaptive pool", len(x.shape), standardize_data_format(data_format))
    count = len(x.shape) - 2
    sizes = (output_size,) * count if isinstance(output_size, int) else tuple(output_size)
    for axis, size in enumerate(sizes):

        def pooled(x: sw.Tensor, width: int, axis: int = axis) -> sw.Tensor:
            return function(x, [width if i == axis else 1 for i in range(count)], 1, "VALID", where)

        x = _adapt_axis(pooled, x, where.index("DHW"[3 - count + axis]), size)
    return x


def _adapt_axis(pooled: Callable[[sw.Tensor, int], sw.Tensor], x: sw.Tensor, axis: int, size: int) -> sw.Tensor:
    """Windows along one axis, from `floor(i n / size)` to `ceil((i + 1) n / size)`, which are of up to two widths."""
    n = x.shape[axis]
    if n is None:
        raise ValueError("Input spatial dimensions must be statically known for adaptive pooling")
    starts = [i * n // size for i in range(size)]
    widths = [-(-(i + 1) * n // size) - start for i, start in enumerate(starts)]
    offsets: dict[int, int] = {}
    total = 0
    for width in sorted(set(widths)):
        offsets[width] = total
        total += n - width + 1
    chosen = [offsets[width] + start for width, start in zip(widths, starts, strict=True)]
    return sw.gather(sw.concat([pooled(x, width) for width in offsets], axis), chosen, axis=axis)
