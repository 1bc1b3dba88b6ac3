"""Public convolutions, and the functions that their gradients are made of."""

from __future__ import annotations

from collections.abc import Sequence

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.hl.convolution import ConvolutionBackpropFilterOp, ConvolutionBackpropInputOp, ConvolutionOp
from .....dialects.hl.patches import AddPatchesOp, ExtractPatchesOp
from .....dialects.hl.rules.facets import Attrs
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor, as_tensors
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import Size, size_along, sizes_of, split_sizes
from ..shape import reshape
from .window_arguments import Layout


def _windows(
    layout: Layout,
    strides: int | Sequence[int] | None,
    padding: str | Sequence[Sequence[int]],
    dilations: int | Sequence[int] | None,
) -> dict[str, object]:
    """The attributes that windows are described by."""
    return {
        "strides": layout.numbers(1 if strides is None else strides, "strides"),
        "dilations": layout.numbers(1 if dilations is None else dilations, "dilations"),
        "padding": layout.padding(padding),
    }


def _convolution(
    function: str,
    rank: int | None,
    input: TensorLike,
    filters: TensorLike,
    strides: int | Sequence[int] | None,
    padding: str | Sequence[Sequence[int]],
    data_format: str | None,
    rates: int | Sequence[int] | None,
) -> Tensor:
    x, weights = as_tensors(function, input, filters)
    layout = Layout(function, _rank(function, x) if rank is None else rank, data_format)
    if weights.ndim != layout.rank + 2:
        raise InvalidArgumentError(f"{function}: filters: expected {layout.rank + 2} axes, got shape {weights.shape}")
    x = layout.forth(x)
    groups = _groups(function, x.shape[-1], weights.shape)
    attrs = _windows(layout, strides, padding, rates)
    return layout.back(apply(ConvolutionOp, x, weights, groups=groups, **attrs))


def _rank(function: str, x: Tensor) -> int:
    if not 3 <= x.ndim <= 5:
        raise InvalidArgumentError(f"{function}: input: expected from 3 to 5 axes, got shape {x.shape}")
    return x.ndim - 2


def _groups(function: str, channels: int | None, filters: tuple[int | None, ...]) -> int:
    """How many groups filters with fewer channels than the input mean."""
    own = filters[-2]
    if own in (None, 0) or channels in (None, own):
        return 1
    assert channels is not None and own is not None
    if channels % own:
        text = f"expected a number of input channels that divides {channels}, got filters of shape {filters}"
        raise InvalidArgumentError(f"{function}: filters: {text}")
    return channels // own


@public("nn")
def convolution(
    input: TensorLike,
    filters: TensorLike,
    strides: int | Sequence[int] | None = None,
    padding: str | Sequence[Sequence[int]] = "VALID",
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over one, two or three axes, as `input` has them.

    Args:
        input: `[n, sizes, c]`.
        filters: `[window, c, f]`; with fewer channels, the input's are divided among groups.
        strides, dilations: a number, or one for each axis that windows move over; 1 if not given.
        padding: `"SAME"`, `"VALID"`, or a pair of amounts for each axis of `input`.
        data_format: such as `"NHWC"` (also if not given), or `"NCHW"` for channels that come first.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.convolution([[[1.0], [2.0], [3.0]]], [[[1.0]], [[1.0]]]).numpy().tolist()
        [[[3.0], [5.0]]]
    """
    return _convolution("convolution", None, input, filters, strides, padding, data_format, dilations)


@public("nn")
def conv1d(
    input: TensorLike,
    filters: TensorLike,
    stride: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NWC",
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over one axis: `input` is `[n, width, c]`, `filters` are `[width, c, f]`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.conv1d([[[1.0], [2.0], [3.0]]], [[[1.0]], [[1.0]]], 2, "VALID").numpy().tolist()
        [[[3.0]]]
    """
    return _convolution("conv1d", 1, input, filters, stride, padding, data_format, dilations)


@public("nn")
def conv2d(
    input: TensorLike,
    filters: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NHWC",
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over two axes: sums of products of filters with what windows of their size look at.

    Args:
        input: `[n, height, width, c]`.
        filters: `[height, width, c, f]`; with fewer channels, the input's are divided among groups.
        strides: a number, two (height and width), or one for each axis of `input`.
        padding: `"SAME"`: as many results as every `stride`-th element; `"VALID"`: only windows inside; or a pair of
            amounts for each axis of `input`.
        data_format: `"NHWC"`, or `"NCHW"` for channels that come first.
        dilations: the distance of the elements that a window looks at, in the forms of `strides`; 1 if not given.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> x, w = sw.ones([1, 3, 3, 1]), sw.ones([2, 2, 1, 1])
        >>> sw.nn.conv2d(x, w, strides=1, padding="SAME").numpy()[0, :, :, 0].tolist()
        [[4.0, 4.0, 2.0], [4.0, 4.0, 2.0], [2.0, 2.0, 1.0]]
    """
    return _convolution("conv2d", 2, input, filters, strides, padding, data_format, dilations)


@public("nn")
def conv3d(
    input: TensorLike,
    filters: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str = "NDHWC",
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution over three axes: `input` is `[n, depth, height, width, c]`, and `filters` accordingly.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.conv3d(sw.ones([1, 2, 2, 2, 1]), sw.ones([2, 2, 2, 1, 1]), 1, "VALID").numpy().reshape(-1).tolist()
        [8.0]
    """
    return _convolution("conv3d", 3, input, filters, strides, padding, data_format, dilations)


@public("nn")
def depthwise_conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The convolution of each channel by itself: `filter` is `[height, width, c, results per channel]`.

    Example:
        >>> import stepwell as sw
        >>> x, w = sw.constant([[[[1.0, 10.0], [2.0, 20.0]]]]), sw.ones([1, 2, 2, 1])
        >>> sw.nn.depthwise_conv2d(x, w, strides=1, padding="VALID").numpy().tolist()
        [[[[3.0, 30.0]]]]
    """
    x, weights = as_tensors("depthwise_conv2d", input, filter)
    layout = Layout("depthwise_conv2d", 2, data_format)
    x = layout.forth(x)
    if weights.ndim != 4:
        raise InvalidArgumentError(f"depthwise_conv2d: filter: expected 4 axes, got shape {weights.shape}")
    groups, channels, results = weights.shape[2], x.shape[-1], weights.shape[3]
    if groups is None or results is None or (channels is not None and groups != channels):
        text = f"expected a known number for each of {channels} channels, got shape {weights.shape}"
        raise InvalidArgumentError(f"depthwise_conv2d: filter: {text}")
    flat = reshape(weights, [size_along(weights, 0), size_along(weights, 1), 1, groups * results])
    return layout.back(apply(ConvolutionOp, x, flat, groups=groups, **_windows(layout, strides, padding, dilations)))


@public("nn")
def separable_conv2d(
    input: TensorLike,
    depthwise_filter: TensorLike,
    pointwise_filter: TensorLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]],
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """`depthwise_conv2d`, and a convolution of its results with windows of one element.

    Example:
        >>> import stepwell as sw
        >>> x, one = sw.ones([1, 2, 2, 1]), sw.ones([1, 1, 1, 1])
        >>> sw.nn.separable_conv2d(x, one, one, strides=1, padding="VALID").shape
        TensorShape([1, 2, 2, 1])
    """
    channels = depthwise_conv2d(input, depthwise_filter, strides, padding, data_format, dilations)
    return _convolution("separable_conv2d", 2, channels, pointwise_filter, 1, "VALID", data_format, None)


@public("nn")
def conv_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = "SAME",
    data_format: str | None = None,
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over one, two or three axes: `input` spread by `filters`.

    Args:
        input: `[n, places, f]`.
        filters: `[window, c, f]`: those of the convolution from `[n, sizes, c]` to `[n, places, f]`.
        output_shape: the shape of the result.
        strides, padding, data_format, dilations: those of the convolution.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.conv_transpose([[[1.0], [2.0]]], [[[1.0]], [[10.0]]], [1, 4, 1], 2).numpy().tolist()
        [[[1.0], [10.0], [2.0], [20.0]]]
    """
    return _transposed("conv_transpose", None, input, filters, output_shape, strides, padding, data_format, dilations)


@public("nn")
def conv2d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = "SAME",
    data_format: str = "NHWC",
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over two axes: `filters` are `[height, width, c, f]`, `input` has `f` channels.

    Example:
        >>> import stepwell as sw
        >>> x, w = sw.ones([1, 1, 1, 1]), sw.ones([2, 2, 1, 1])
        >>> sw.nn.conv2d_transpose(x, w, [1, 2, 2, 1], strides=2).numpy().reshape(-1).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    return _transposed("conv2d_transpose", 2, input, filters, output_shape, strides, padding, data_format, dilations)


@public("nn")
def conv1d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = "SAME",
    data_format: str = "NWC",
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over one axis: `filters` are `[width, c, f]`, `input` has `f` channels.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.conv1d_transpose(sw.ones([1, 2, 1]), sw.ones([2, 1, 1]), [1, 4, 1], 2)[0, :, 0].numpy().tolist()
        [1.0, 1.0, 1.0, 1.0]
    """
    return _transposed("conv1d_transpose", 1, input, filters, output_shape, strides, padding, data_format, dilations)


@public("nn")
def conv3d_transpose(
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int],
    padding: str | Sequence[Sequence[int]] = "SAME",
    data_format: str = "NDHWC",
    dilations: int | Sequence[int] | None = None,
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution over three axes: `filters` are `[depth, height, width, c, f]`.

    Example:
        >>> import stepwell as sw
        >>> x, w = sw.ones([1, 1, 1, 1, 1]), sw.ones([2, 2, 2, 1, 1])
        >>> sw.nn.conv3d_transpose(x, w, [1, 2, 2, 2, 1], strides=2).shape.as_list()
        [1, 2, 2, 2, 1]
    """
    return _transposed("conv3d_transpose", 3, input, filters, output_shape, strides, padding, data_format, dilations)


@public("nn")
def atrous_conv2d(value: TensorLike, filters: TensorLike, rate: int, padding: str, name: str | None = None) -> Tensor:
    """The convolution over two axes with filters between whose elements `rate - 1` are left out.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.atrous_conv2d(sw.ones([1, 3, 3, 1]), sw.ones([2, 2, 1, 1]), 2, "VALID").numpy().reshape(-1).tolist()
        [4.0]
    """
    return conv2d(value, filters, 1, padding, dilations=rate)


def _transposed(
    function: str,
    rank: int | None,
    input: TensorLike,
    filters: TensorLike,
    output_shape: ShapeLike,
    strides: int | Sequence[int] | None,
    padding: str | Sequence[Sequence[int]],
    data_format: str | None,
    rates: int | Sequence[int] | None,
) -> Tensor:
    y, weights = as_tensors(function, input, filters)
    layout = Layout(function, _rank(function, y) if rank is None else rank, data_format)
    sizes: list[Size] = sizes_of(function, output_shape, "output_shape")
    if len(sizes) != layout.rank + 2:
        raise InvalidArgumentError(f"{function}: output_shape: expected {layout.rank + 2} sizes, got {output_shape!r}")
    y, attrs = layout.forth(y), _windows(layout, strides, padding, rates)
    static, dynamic = split_sizes(layout.middle(sizes))
    examples, channels = layout.outer(sizes)
    result = apply(ConvolutionBackpropInputOp, y, weights, *dynamic, totals=static, groups=1, **attrs)
    for axis, wanted in ((0, examples), (-1, channels)):
        known = result.shape[axis]
        if isinstance(wanted, int) and wanted != known and known is not None:
            text = f"expected {known} examples" if axis == 0 else f"expected {known} channels"
            raise InvalidArgumentError(f"{function}: output_shape: {text}, got {wanted}")
    return layout.back(result)


def _named(attrs: Attrs, *names: str) -> dict[str, object]:
    return {name: attrs[name] for name in ("strides", "dilations", "padding", *names)}


def convolution_of(x: TensorLike, filters: TensorLike, attrs: Attrs) -> Tensor:
    """The convolution of `x` with `filters` by windows as the attributes of another op describe them."""
    return apply(ConvolutionOp, x, filters, **_named(attrs, "groups"))


def convolution_backprop_input(y: TensorLike, filters: TensorLike, like: Tensor, attrs: Attrs) -> Tensor:
    """The transpose of the convolution of a tensor such as `like`: `y` spread by `filters`."""
    static, dynamic = split_sizes([size_along(like, axis) for axis in range(1, like.ndim - 1)])
    return apply(ConvolutionBackpropInputOp, y, filters, *dynamic, totals=static, **_named(attrs, "groups"))


def convolution_backprop_filter(x: TensorLike, y: TensorLike, like: Tensor, attrs: Attrs) -> Tensor:
    """The transpose of the convolution of `x` with filters such as `like`, which gives `y`."""
    static, dynamic = split_sizes([size_along(like, axis) for axis in range(like.ndim - 2)])
    return apply(ConvolutionBackpropFilterOp, x, y, *dynamic, window=static, **_named(attrs, "groups"))


def extract_patches_of(x: TensorLike, value: TensorLike, attrs: Attrs) -> Tensor:
    """What windows look at in `x`, with `value` in the padding."""
    return apply(ExtractPatchesOp, as_tensor(x), value, **_named(attrs, "window"))


def add_patches(patches: TensorLike, like: Tensor, attrs: Attrs) -> Tensor:
    """What windows hold, added up where they look, in the shape of `like`."""
    static, dynamic = split_sizes([size_along(like, axis) for axis in range(1, like.ndim - 1)])
    return apply(AddPatchesOp, patches, *dynamic, totals=static, **_named(attrs, "window"))
