"""Operations that TensorFlow offers only as raw ones."""

from __future__ import annotations

from ....dialects.dtypes import DTypeLike
from ....dialects.public import public
from ..values.tensor import ShapeLike, Tensor
from .shape import zeros


@public("raw_ops")
def Empty(*, shape: ShapeLike, dtype: DTypeLike, init: bool = False, name: str | None = None) -> Tensor:
    """A tensor whose elements are not to be read: zeros, whatever `init` is.

    Example:
        >>> import stepwell as sw
        >>> sw.raw_ops.Empty(shape=[2, 3], dtype=sw.float32).shape
        TensorShape([2, 3])
    """
    del init, name
    return zeros(shape, dtype)
