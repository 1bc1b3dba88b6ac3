"""Windows of images: their elements, their slopes, and how alike they are in two images."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32
from .....dialects.hl.patches import ExtractPatchesOp
from .....dialects.public import public
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, product, size_along, times
from ..math import add, divide, exp, multiply, pow, relu, subtract
from ..movement import concat, pad, stack
from ..nn.convolution import depthwise_conv2d
from ..nn.pooling import avg_pool2d
from ..nn.window_arguments import Layout
from ..reduce import reduce_mean, reduce_prod, reduce_sum
from ..select import cast
from ..shape import broadcast_to, expand_dims, reshape
from .colors import convert_image_dtype
from .shapes import image_of


@public("image")
def extract_patches(
    images: TensorLike, sizes: object, strides: object, rates: object, padding: str, name: str | None = None
) -> Tensor:
    """The elements of windows over a batch of images, those of each window along the last axis.

    Args:
        images: the images.
        sizes: 1, the height and the width of a window, and 1.
        strides: 1, the distances of windows, and 1.
        rates: 1, the distances of a window's elements, and 1.
        padding: `"VALID"`, or `"SAME"` for windows that reach over the edges, where they see zeros.
        name: accepted as in TensorFlow; unused.

    Example:
        >>> import stepwell as sw
        >>> x = sw.reshape(sw.range(6), [1, 2, 3, 1])
        >>> sw.image.extract_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")[0].numpy().tolist()
        [[[0, 1, 3, 4], [1, 2, 4, 5]]]
    """
    del name
    layout = Layout("extract_patches", 2, "NHWC")
    x = layout.forth(as_tensor(images, name="extract_patches: images"), "images")
    found = apply(
        ExtractPatchesOp,
        x,
        as_tensor(np.zeros((), x.dtype)),
        window=layout.numbers(sizes, "sizes"),
        strides=layout.numbers(strides, "strides"),
        dilations=layout.numbers(rates, "rates"),
        padding=layout.padding(padding),
    )
    last: Size = 1
    for axis in (3, 4, 5):
        last = times(last, size_along(found, axis))
    return reshape(found, [*(size_along(found, axis) for axis in range(3)), last])


@public("image")
def sobel_edges(image: TensorLike) -> Tensor:
    """The slopes of images down and to the right, by Sobel's filters, along a new last axis.

    Args:
        image: a batch of images, of floats.

    Example:
        >>> import stepwell as sw
        >>> sw.image.sobel_edges(sw.reshape([0.0, 1.0, 2.0] * 3, [1, 3, 3, 1]))[0, 1, 1, 0].numpy().tolist()
        [0.0, 8.0]
    """
    x = image_of("sobel_edges", image)
    if x.ndim != 4:
        raise InvalidArgumentError(f"sobel_edges: image: expected a batch of images, got shape {x.shape}")
    down = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]])
    kernels = as_tensor(np.stack([down, down.T], -1)[:, :, None, :].astype(x.dtype))
    channels = size_along(x, 3)
    padded = pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    found = depthwise_conv2d(padded, broadcast_to(kernels, [3, 3, channels, 2]), [1, 1, 1, 1], "VALID")
    return reshape(found, [*(size_along(x, axis) for axis in range(4)), 2])


@public("image")
def ssim(
    img1: TensorLike,
    img2: TensorLike,
    max_val: TensorLike,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    return_index_map: bool = False,
) -> Tensor:
    """How alike pairs of images are, from -1 to 1: their structural similarity (Wang and others, 2004).

    Args:
        img1, img2: images, or batches of them.
        max_val: how far values can be apart: 1.0, or 255.
        filter_size, filter_sigma: the side and the standard deviation of the windows that are compared.
        k1, k2: numbers that keep divisors from 0.
        return_index_map: whether the similarity is returned for each place, and not the mean.

    Example:
        >>> import stepwell as sw
        >>> image = sw.ones([12, 12, 3])
        >>> float(sw.image.ssim(image, image, 1.0))
        1.0
    """
    x, y, most = _pair("ssim", img1, img2, max_val)
    value, _ = _similarity("ssim", x, y, most, (filter_size, filter_sigma, k1, k2), return_index_map)
    return reduce_mean(value, [-1])


@public("image")
def ssim_multiscale(
    img1: TensorLike,
    img2: TensorLike,
    max_val: TensorLike,
    power_factors: object = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333),
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """How alike pairs of images are, at several scales (Wang, Simoncelli and Bovik, 2003).

    Args:
        img1, img2: images, or batches of them.
        max_val: how far values can be apart: 1.0, or 255.
        power_factors: a weight for each scale; each one has half the height and width of the one before.
        filter_size, filter_sigma, k1, k2: as of `ssim`.

    Example:
        >>> import stepwell as sw
        >>> image = sw.ones([32, 32, 1])
        >>> float(sw.image.ssim_multiscale(image, image, 1.0, power_factors=(0.5, 0.5)))
        1.0
    """
    x, y, most = _pair("ssim_multiscale", img1, img2, max_val)
    parts: list[Tensor] = []
    value = x
    factors = [float(factor) for factor in np.asarray(power_factors).reshape(-1)]
    leading = [size_along(x, axis) for axis in range(x.ndim - 3)]
    for scale in range(len(factors)):
        if scale:
            x, y = (_halved(each) for each in (x, y))
        value, contrast = _similarity("ssim_multiscale", x, y, most, (filter_size, filter_sigma, k1, k2), False)
        parts.append(relu(contrast))
    parts[-1] = relu(value)
    powers = as_tensor(np.array(factors, np.float32))
    shape = [*leading, size_along(value, value.ndim - 1)]
    product = reduce_prod(pow(stack([reshape(part, shape) for part in parts], -1), powers), [-1])
    return reduce_mean(product, [-1])


def _halved(x: Tensor) -> Tensor:
    """Means of two by two elements; an odd last row or column is repeated."""
    leading = [size_along(x, axis) for axis in range(x.ndim - 3)]
    sizes = [size_along(x, axis) for axis in range(x.ndim - 3, x.ndim)]
    flat = reshape(x, [product(leading), *sizes])
    for axis in (1, 2):
        size = flat.shape[axis]
        if size is None:
            raise InvalidArgumentError("ssim_multiscale: the height and width of the images have to be known")
        if size % 2:
            last = flat[:, -1:] if axis == 1 else flat[:, :, -1:]
            flat = concat([flat, last], axis)
    half = avg_pool2d(flat, 2, 2, "VALID")
    return reshape(half, [*leading, *(size_along(half, axis) for axis in (1, 2, 3))])


def _pair(function: str, img1: TensorLike, img2: TensorLike, max_val: TensorLike) -> tuple[Tensor, Tensor, Tensor]:
    """Two images and the range of their values, as float32."""
    x, y = as_tensor(img1, name=f"{function}: img1"), as_tensor(img2, name=f"{function}: img2")
    if x.ndim < 3 or x.ndim != y.ndim or any(a != b and None not in (a, b) for a, b in zip(x.shape, y.shape)):
        text = f"expected images of one shape, got {x.shape} and {y.shape}"
        raise InvalidArgumentError(f"{function}: {text}")
    most = cast(max_val, x.dtype)
    x, y, most = (convert_image_dtype(each, FLOAT32) for each in (x, y, most))
    return x, y, most


def _similarity(
    function: str, x: Tensor, y: Tensor, most: Tensor, how: tuple[int, float, float, float], by_place: bool
) -> tuple[Tensor, Tensor]:
    """The similarity of each channel, and the part of it that is of contrast."""
    size, sigma, k1, k2 = how
    for axis in (x.ndim - 3, x.ndim - 2):
        known = x.shape[axis]
        if known is not None and known < size:
            raise InvalidArgumentError(f"{function}: expected images of {size} or more elements a side, got {x.shape}")
    weights = _gaussian(int(size), float(sigma))
    c1, c2 = (pow(multiply(np.float32(k), most), np.float32(2)) for k in (k1, k2))
    mean_x, mean_y = _blurred(x, weights), _blurred(y, weights)
    both = multiply(multiply(mean_x, mean_y), np.float32(2))
    squares = add(multiply(mean_x, mean_x), multiply(mean_y, mean_y))
    luminance = divide(add(both, c1), add(squares, c1))
    products = multiply(_blurred(multiply(x, y), weights), np.float32(2))
    powers = _blurred(add(multiply(x, x), multiply(y, y)), weights)
    contrast = divide(add(subtract(products, both), c2), add(subtract(powers, squares), c2))
    if by_place:
        return multiply(luminance, contrast), contrast
    axes = [-3, -2]
    return reduce_mean(multiply(luminance, contrast), axes), reduce_mean(contrast, axes)


def _gaussian(size: int, sigma: float) -> Tensor:
    """A window of weights whose sum is 1, as TensorFlow computes it."""
    places = np.arange(size, dtype=np.float32) - np.float32((size - 1) / 2)
    line = as_tensor(np.square(places) * np.float32(-0.5) / np.float32(np.square(np.float32(sigma))))
    powers = exp(add(expand_dims(line, 0), expand_dims(line, 1)))
    return divide(powers, reduce_sum(powers))


def _blurred(x: Tensor, weights: Tensor) -> Tensor:
    """Means in windows, by weights, of each channel."""
    leading = [size_along(x, axis) for axis in range(x.ndim - 3)]
    sizes = [size_along(x, axis) for axis in range(x.ndim - 3, x.ndim)]
    side = weights.shape[0]
    kernel = broadcast_to(reshape(weights, [side, side, 1, 1]), [side, side, sizes[2], 1])
    found = depthwise_conv2d(reshape(x, [product(leading), *sizes]), kernel, [1, 1, 1, 1], "VALID")
    return reshape(found, [*leading, *(size_along(found, axis) for axis in (1, 2, 3))])
