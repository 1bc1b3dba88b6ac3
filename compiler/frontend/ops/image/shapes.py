"""What functions of images share: images of three axes, and batches of them."""

from __future__ import annotations

from .....dialects.diagnostics import InvalidArgumentError
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..shape import expand_dims, squeeze


def image_of(function: str, image: TensorLike, argument: str = "image") -> Tensor:
    """`image` as a tensor of height, width and channels, or a batch of such.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.image.shapes import image_of
        >>> image_of("flip", sw.zeros([2, 3, 1])).ndim
        3
    """
    x = as_tensor(image, name=f"{function}: {argument}")
    if x.ndim not in (3, 4):
        raise InvalidArgumentError(f"{function}: {argument}: expected 3 or 4 axes, got shape {x.shape}")
    return x


def as_batch(x: Tensor) -> Tensor:
    """One image as a batch of one; a batch as it is.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.image.shapes import as_batch
        >>> as_batch(sw.zeros([2, 3, 1])).ndim
        4
    """
    return expand_dims(x, 0) if x.ndim == 3 else x


def like(x: Tensor, batch: Tensor) -> Tensor:
    """A batch, or its only image if `x` is one.

    Example:
        >>> import stepwell as sw
        >>> from stepwell.compiler.frontend.ops.image.shapes import like
        >>> like(sw.zeros([2, 3, 1]), sw.zeros([1, 4, 4, 1])).ndim
        3
    """
    return squeeze(batch, 0) if x.ndim == 3 else batch
