"""Random numbers that depend on the seed of the process and on a call's own."""

from __future__ import annotations

import numpy as np

from .....dialects.public import public
from .....dialects.types import DTypeLike
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import times
from .draws import BLOCKS_EACH, Normal, Request, Uniform
from .seeds import call_state

_FLOAT32 = np.dtype(np.float32)


@public("random")
def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = _FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers from `minval` up to, without, `maxval` (1 for floats), each as likely; rounding may give `maxval`.

    Example:
        >>> import stepwell as sw
        >>> sw.random.set_seed(1)
        >>> sw.random.uniform([3], maxval=10, dtype=sw.int32).numpy().tolist()
        [2, 9, 7]
    """
    request = Request.of("random.uniform", shape)
    distribution = Uniform.of("random.uniform", minval, maxval, dtype, full=False)
    op = "uniform_int" if distribution.dtype.kind == "i" else "uniform"
    state = call_state(op, distribution.dtype, seed, times(request.count, BLOCKS_EACH))
    return distribution.draw(state, request)


@public("random")
def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = _FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of a normal distribution.

    Example:
        >>> import stepwell as sw
        >>> sw.random.normal([2, 3]).shape
        TensorShape([2, 3])
    """
    request, distribution = Request.of("random.normal", shape), Normal.of("random.normal", mean, stddev, dtype)
    state = call_state("normal", distribution.dtype, seed, times(request.count, BLOCKS_EACH))
    return distribution.draw(state, request)
