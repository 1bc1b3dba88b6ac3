"""`image`: pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...compiler.frontend.ops.image.colors import convert_image_dtype
from ...compiler.frontend.ops.image.files import encode_png
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.dtypes import INT32, UINT8
from ...dialects.public import public
from ...dialects.strings import of_list
from .limits import limit_of
from .ranks import check_rank
from .writing import PluginMetadata, summary_scope, write_encoded

_WHAT = "summary.image"
_AXES = "[images, height, width, channels]"


@public("summary")
def image(name: str, data: Any, step: Any = None, max_outputs: Any = 3, description: str | None = None) -> Tensor:
    """Write images to the default writer, if there is one. Needs Pillow.

    Args:
        name: its tag, after the name scopes around.
        data: a tensor `[images, height, width, channels]`, or a list of images, with 1 channel for gray, 3 for colours,
            and one more for opacity. Floats lie between 0 and 1, integers between 0 and the greatest one of the dtype;
            what is out of range is clipped.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        max_outputs: how many images are written at most: the first ones.
        description: a text about it, in Markdown.

    Returns whether it was written, as a tensor. Raises ValueError where there is a writer, and no step, or data of
    another rank.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default(step=0):
        ...     sw.summary.image("noise", sw.random.uniform([2, 8, 8, 3])).numpy()
        np.True_
    """

    def inputs() -> list[Tensor]:
        check_rank(_WHAT, data, 4, _AXES)
        images = as_tensor(data, name=f"{_WHAT}: data")
        if not (images.dtype.is_floating or images.dtype.is_integer):
            raise InvalidTypeError(f"{_WHAT}: data: expected floats or integers, got {images.dtype.name}")
        return [images, as_tensor(max_outputs, INT32, f"{_WHAT}: max_outputs")]

    with summary_scope(name, "image_summary") as (tag, _):
        return write_encoded(_WHAT, tag, inputs, _files, step, PluginMetadata("images", description=description))


def _files(tensors: Sequence[Tensor]) -> np.ndarray:
    """The width, the height, and the contents of a file for each image."""
    images, limit = tensors[0]._array, limit_of(_WHAT, tensors[1])
    check_rank(_WHAT, images, 4, _AXES)
    _, height, width, channels = images.shape
    chosen = images[:limit]
    if len(chosen) and (0 in (height, width) or not 1 <= channels <= 4):
        raise InvalidArgumentError(f"{_WHAT}: data: expected images of 1 to 4 channels, got shape {images.shape}")
    if tensors[0].dtype.is_floating:
        chosen = np.where(np.isnan(chosen), np.zeros_like(chosen), chosen)
    pixels = convert_image_dtype(Tensor(np.ascontiguousarray(chosen)), UINT8, saturate=True)._array
    files: list[Any] = [encode_png(Tensor(np.ascontiguousarray(each))).numpy() for each in pixels]
    return of_list([str(width).encode(), str(height).encode(), *files], [2 + len(files)])
