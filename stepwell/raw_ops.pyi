# Written by `python -m stepwell.tools.public_api --write`.

from stepwell import Tensor
from stepwell.types import DTypeLike, ShapeLike, TensorLike

def Empty(*, shape: ShapeLike, dtype: DTypeLike, init: bool = False, name: str | None = None) -> Tensor:
    """A tensor whose elements are not to be read: zeros, whatever `init` is."""

def ImageProjectiveTransformV3(
    *,
    images: TensorLike,
    transforms: TensorLike,
    output_shape: ShapeLike,
    fill_value: TensorLike,
    interpolation: str,
    fill_mode: str = 'CONSTANT',
    name: str | None = None,
) -> Tensor:
    """Images of which each pixel is read where a projective transform of its column and row points to."""
