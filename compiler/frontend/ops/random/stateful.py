"""Random numbers that depend on the seed of the process and on a call's own."""

from __future__ import annotations

from .....dialects.dtypes import FLOAT32, DTypeLike
from .....dialects.hl.truncated_normal import RandomTruncatedNormalOp
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..arguments import times
from .choices import Categorical, shuffled, shuffles
from .draws import BLOCKS_EACH, Normal, Request, Uniform
from .seeds import call_state


@public("random")
def uniform(
    shape: ShapeLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = FLOAT32,
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
    op = "uniform_int" if distribution.dtype.is_integer else "uniform"
    state = call_state(op, [distribution.dtype], seed, times(request.count, BLOCKS_EACH))
    return distribution.draw(state, request)


@public("random")
def normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = FLOAT32,
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
    state = call_state("normal", [distribution.dtype], seed, times(request.count, BLOCKS_EACH))
    return distribution.draw(state, request)


@public("random")
def truncated_normal(
    shape: ShapeLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = FLOAT32,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Numbers of a normal distribution that differ from `mean` by less than two standard deviations.

    Example:
        >>> import stepwell as sw
        >>> bool((sw.abs(sw.random.truncated_normal([100])) < 2).numpy().all())
        True
    """
    function = "random.truncated_normal"
    request = Request.of(function, shape)
    distribution = Normal.of(function, mean, stddev, dtype, RandomTruncatedNormalOp)
    state = call_state("truncated_normal", [distribution.dtype], seed, times(request.count, BLOCKS_EACH))
    return distribution.draw(state, request)


@public("random")
def shuffle(value: TensorLike, seed: int | None = None, name: str | None = None) -> Tensor:
    """`value` with what is along its first axis in another order, each order as likely as any other.

    Example:
        >>> import stepwell as sw
        >>> sorted(sw.random.shuffle([3, 1, 2]).numpy().tolist())
        [1, 2, 3]
    """
    given = as_tensor(value, name="random.shuffle: value")
    blocks = shuffles(given)
    return given if blocks is None else shuffled(given, call_state("shuffle", [given.dtype], seed, blocks))


@public("random")
def categorical(
    logits: TensorLike,
    num_samples: int | Tensor,
    dtype: DTypeLike | None = None,
    seed: int | None = None,
    name: str | None = None,
) -> Tensor:
    """For each row of `logits`, logarithms of weights, `num_samples` classes, each as likely as its weight says.

    Example:
        >>> import stepwell as sw
        >>> sw.random.categorical([[0.0, -100.0], [-100.0, 0.0]], 3).numpy().tolist()
        [[0, 0, 0], [1, 1, 1]]
    """
    distribution = Categorical.of("random.categorical", logits, num_samples, dtype)
    dtypes = distribution.logits.dtype, distribution.dtype
    return distribution.draw(call_state("categorical", dtypes, seed, distribution.blocks))
