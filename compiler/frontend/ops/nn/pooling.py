"""Public pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.hl.pooling import AvgPoolOp, MaxPoolOp, PoolOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Tensor, TensorLike
from .window_arguments import Layout


def _pool(
    op: type[PoolOp],
    function: str,
    rank: int | None,
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None,
) -> Tensor:
    x = as_tensor(input, name=f"{function}: input")
    if rank is None and not 3 <= x.ndim <= 5:
        raise InvalidArgumentError(f"{function}: input: expected from 3 to 5 axes, got shape {x.shape}")
    layout = Layout(function, x.ndim - 2 if rank is None else rank, data_format)
    x = layout.forth(x)
    window, steps = layout.numbers(ksize, "ksize"), layout.numbers(strides, "strides")
    return layout.back(apply(op, x, window=window, strides=steps, padding=layout.padding(padding)))


@public("nn")
def max_pool(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The greatest element that each window looks at, for each channel; over one, two or three axes.

    Args:
        input: `[n, sizes, c]`.
        ksize: the size of a window: a number, one for each axis that windows move over, or for each axis of `input`.
        strides: how far windows move, in the same forms.
        padding: `"SAME"`, `"VALID"`, or a pair of amounts for each axis of `input`. Padding does not count.
        data_format: such as `"NHWC"` (also if not given), or `"NCHW"` for channels that come first.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.max_pool([[[1.0], [3.0], [2.0]]], ksize=2, strides=2, padding="SAME").numpy().tolist()
        [[[3.0], [2.0]]]
    """
    return _pool(MaxPoolOp, "max_pool", None, input, ksize, strides, padding, data_format)


@public("nn")
def max_pool1d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """`max_pool` of `[n, width, c]`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.max_pool1d([[[1.0], [3.0], [2.0]]], ksize=2, strides=1, padding="VALID").numpy().tolist()
        [[[3.0], [3.0]]]
    """
    return _pool(MaxPoolOp, "max_pool1d", 1, input, ksize, strides, padding, data_format)


@public("nn")
def max_pool2d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """`max_pool` of `[n, height, width, c]`.

    Example:
        >>> import stepwell as sw
        >>> x = sw.constant([1.0, 2.0, 3.0, 4.0], shape=[1, 2, 2, 1])
        >>> sw.nn.max_pool2d(x, ksize=2, strides=2, padding="VALID").numpy().tolist()
        [[[[4.0]]]]
    """
    return _pool(MaxPoolOp, "max_pool2d", 2, input, ksize, strides, padding, data_format)


@public("nn")
def max_pool3d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """`max_pool` of `[n, depth, height, width, c]`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.max_pool3d(sw.ones([1, 2, 2, 2, 1]), ksize=2, strides=2, padding="VALID").shape
        TensorShape([1, 1, 1, 1, 1])
    """
    return _pool(MaxPoolOp, "max_pool3d", 3, input, ksize, strides, padding, data_format)


@public("nn")
def avg_pool(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """The mean of the elements that each window looks at, for each channel; over one, two or three axes.

    Args:
        input: `[n, sizes, c]`.
        ksize: the size of a window: a number, one for each axis that windows move over, or for each axis of `input`.
        strides: how far windows move, in the same forms.
        padding: `"SAME"`, `"VALID"`, or a pair of amounts for each axis of `input`. Padding does not count.
        data_format: such as `"NHWC"` (also if not given), or `"NCHW"` for channels that come first.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.avg_pool([[[1.0], [3.0], [2.0]]], ksize=2, strides=2, padding="SAME").numpy().tolist()
        [[[2.0], [2.0]]]
    """
    return _pool(AvgPoolOp, "avg_pool", None, input, ksize, strides, padding, data_format)


@public("nn")
def avg_pool1d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NWC",
    name: str | None = None,
) -> Tensor:
    """`avg_pool` of `[n, width, c]`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.avg_pool1d([[[1.0], [3.0], [2.0]]], ksize=2, strides=1, padding="VALID").numpy().tolist()
        [[[2.0], [2.5]]]
    """
    return _pool(AvgPoolOp, "avg_pool1d", 1, input, ksize, strides, padding, data_format)


@public("nn")
def avg_pool2d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """`avg_pool` of `[n, height, width, c]`.

    Example:
        >>> import stepwell as sw
        >>> x = sw.constant([1.0, 2.0, 3.0, 4.0], shape=[1, 2, 2, 1])
        >>> sw.nn.avg_pool2d(x, ksize=2, strides=2, padding="VALID").numpy().tolist()
        [[[[2.5]]]]
    """
    return _pool(AvgPoolOp, "avg_pool2d", 2, input, ksize, strides, padding, data_format)


@public("nn")
def avg_pool3d(
    input: TensorLike,
    ksize: int | Sequence[int],
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NDHWC",
    name: str | None = None,
) -> Tensor:
    """`avg_pool` of `[n, depth, height, width, c]`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.avg_pool3d(sw.ones([1, 2, 2, 2, 1]), ksize=2, strides=2, padding="VALID").shape
        TensorShape([1, 1, 1, 1, 1])
    """
    return _pool(AvgPoolOp, "avg_pool3d", 3, input, ksize, strides, padding, data_format)


@public("nn")
def pool(
    input: TensorLike,
    window_shape: int | Sequence[int],
    pooling_type: str,
    strides: int | Sequence[int] | None = None,
    padding: str = "VALID",
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The greatest element, or the mean, of each window over one, two or three axes.

    Args:
        input: `[n, places, c]`.
        window_shape: the sizes of a window.
        pooling_type: `"MAX"` or `"AVG"`.
        strides: how far windows are apart; 1 if not given.
        padding: `"VALID"` or `"SAME"`.
        data_format: where the channels are.
        dilations: not supported but for 1.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.pool([[[1.0], [3.0], [2.0]]], [2], "MAX").numpy().reshape(-1).tolist()
        [3.0, 3.0]
    """
    if pooling_type not in ("MAX", "AVG"):
        raise InvalidArgumentError(f"pool: pooling_type: expected MAX or AVG, got {pooling_type!r}")
    if dilations is not None and any(size != 1 for size in np.atleast_1d(np.asarray(dilations))):
        raise InvalidArgumentError(f"pool: dilations: expected 1, got {dilations!r}")
    function = max_pool if pooling_type == "MAX" else avg_pool
    return function(input, window_shape, 1 if strides is None else strides, padding, data_format)
