"""Public functions that look up rows, and that move blocks of images into channels and back."""

from __future__ import annotations

from collections.abc import Sequence

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, check, indices_tensor, int64_of, size_along, times
from ..clipping import clip_by_norm
from ..index import gather
from ..logic import equal
from ..math import floordiv, floormod
from ..movement import concat
from ..shape import reshape, transpose


@public("nn")
def embedding_lookup(
    params: TensorLike | Sequence[TensorLike], ids: TensorLike, max_norm: float | None = None, name: str | None = None
) -> Tensor:
    """The rows of `params` that `ids` name.

    Args:
        params: a tensor; or a list of them, whose rows follow each other.
        ids: integers of any shape. One out of range is an error.
        max_norm: the greatest length of a row; longer ones are divided.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.embedding_lookup(sw.constant([[1, 2], [3, 4]]), [1, 0, 1]).numpy().tolist()
        [[3, 4], [1, 2], [3, 4]]
    """
    places = indices_tensor("embedding_lookup", ids, "ids")
    parts = [as_tensor(part) for part in params] if isinstance(params, list | tuple) else [as_tensor(params)]
    if not parts:
        raise InvalidArgumentError("embedding_lookup: params: expected at least one tensor, got none")
    rows = gather(parts[0] if len(parts) == 1 else concat(parts, 0), places)
    if max_norm is None:
        return rows
    return clip_by_norm(rows, max_norm, list(range(places.ndim, rows.ndim)))


def _image(function: str, input: TensorLike, block_size: int, data_format: str) -> tuple[Tensor, int, bool]:
    x, size, channels_first = as_tensor(input, name=f"{function}: input"), int(block_size), data_format == "NCHW"
    if x.ndim != 4:
        raise InvalidArgumentError(f"{function}: input: expected 4 axes, got shape {x.shape}")
    if size < 2:
        raise InvalidArgumentError(f"{function}: block_size: expected 2 or more, got {size}")
    if data_format not in ("NHWC", "NCHW"):
        raise InvalidArgumentError(f"{function}: data_format: expected NHWC or NCHW, got {data_format!r}")
    return (transpose(x, [0, 2, 3, 1]) if channels_first else x), size, channels_first


def _divided(function: str, what: str, size: Size, by: int) -> Size:
    if isinstance(size, int):
        if size % by:
            raise InvalidArgumentError(f"{function}: input: expected a {what} that {by} divides, got {size}")
        return size // by
    total, divisor = int64_of(size), int64_of(by)
    rest = equal(floormod(total, divisor), int64_of(0))
    check(rest, f"{function}: input: expected a {what} that {by} divides, got {{0}}", total)
    return floordiv(total, divisor)


@public("nn")
def depth_to_space(input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Images whose channels are moved into blocks of rows and columns.

    Args:
        input: a batch of images; the square of `block_size` divides the number of channels.
        block_size: how many rows and columns a block has.
        data_format: `"NHWC"`, or `"NCHW"`, where channels are the second axis.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.depth_to_space([[[[1, 2, 3, 4]]]], 2)[0, :, :, 0].numpy().tolist()
        [[1, 2], [3, 4]]
    """
    x, block, first = _image("depth_to_space", input, block_size, data_format)
    batch, rows, columns, channels = (size_along(x, axis) for axis in range(4))
    depth = _divided("depth_to_space", "depth", channels, block * block)
    parts = transpose(reshape(x, [batch, rows, columns, block, block, depth]), [0, 1, 3, 2, 4, 5])
    found = reshape(parts, [batch, times(rows, block), times(columns, block), depth])
    return transpose(found, [0, 3, 1, 2]) if first else found


@public("nn")
def space_to_depth(input: TensorLike, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Tensor:
    """Images whose blocks of rows and columns are moved into channels: the inverse of `depth_to_space`.

    Example:
        >>> import stepwell as sw
        >>> sw.nn.space_to_depth([[[[1], [2]], [[3], [4]]]], 2).numpy().tolist()
        [[[[1, 2, 3, 4]]]]
    """
    x, block, first = _image("space_to_depth", input, block_size, data_format)
    batch, rows, columns, depth = (size_along(x, axis) for axis in range(4))
    high, wide = _divided("space_to_depth", "height", rows, block), _divided("space_to_depth", "width", columns, block)
    parts = transpose(reshape(x, [batch, high, block, wide, block, depth]), [0, 1, 3, 2, 4, 5])
    found = reshape(parts, [batch, high, wide, times(depth, block * block)])
    return transpose(found, [0, 3, 1, 2]) if first else found
