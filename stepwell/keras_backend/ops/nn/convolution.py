"""Convolutions and their transposes."""

from __future__ import annotations

from typing import Any

from keras.src.backend.common.backend_utils import (
    check_conv_input_channels,
    check_conv_transpose_input_channels,
    compute_conv_transpose_output_shape,
)
from keras.src.backend.config import standardize_data_format

import stepwell as sw

from ..core import convert_to_tensor
from ..core import shape as shape_of
from .pooling import layout


def conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> sw.Tensor:
    """The convolution over one, two or three axes; in groups if the kernel has fewer channels."""
    inputs, kernel = convert_to_tensor(inputs), convert_to_tensor(kernel)
    where = layout("conv", len(inputs.shape), standardize_data_format(data_format))
    result = sw.nn.convolution(inputs, kernel, strides, padding.upper(), where, dilation_rate)
    if 0 in result.shape and 0 not in inputs.shape:
        raise ValueError(
            f"The convolution operation resulted in an empty output. Output shape: {result.shape}. This can happen if "
            "the input is too small for the given kernel size, strides, dilation rate, and padding mode. Please check "
            "the input shape and convolution parameters."
        )
    return result


def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> sw.Tensor:
    """The convolution of each channel by itself."""
    inputs, kernel = convert_to_tensor(inputs), convert_to_tensor(kernel)
    data_format = standardize_data_format(data_format)
    if len(inputs.shape) > 4:
        raise ValueError(f"`inputs` rank must be 3 (1D conv) or 4 (2D conv). Received: {len(inputs.shape)}.")
    check_conv_input_channels(inputs, kernel, data_format)
    channels, results = kernel.shape[-2:]
    grouped = sw.reshape(kernel, [*kernel.shape[:-2], 1, channels * results])
    return conv(inputs, grouped, strides, padding, data_format, 1 if dilation_rate is None else dilation_rate)


def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> sw.Tensor:
    """`depthwise_conv`, and a convolution of its results with windows of one element."""
    channels = depthwise_conv(inputs, depthwise_kernel, strides, padding, data_format, dilation_rate)
    return conv(channels, pointwise_kernel, 1, "valid", data_format)


def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    output_padding: Any = None,
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> sw.Tensor:
    """The transpose of a convolution: `inputs` spread by a kernel."""
    inputs, kernel = convert_to_tensor(inputs), convert_to_tensor(kernel)
    data_format = standardize_data_format(data_format)
    check_conv_transpose_input_channels(inputs, kernel, data_format)
    sizes = compute_conv_transpose_output_shape(
        list(shape_of(inputs)),
        kernel.shape[:-2],
        kernel.shape[-2],
        strides,
        padding,
        output_padding,
        data_format,
        dilation_rate,
    )
    where = layout("conv_transpose", len(inputs.shape), data_format)
    return sw.nn.conv_transpose(inputs, kernel, sizes, strides, padding.upper(), where, dilation_rate)
