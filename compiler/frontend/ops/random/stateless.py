"""Random numbers that depend on their arguments alone."""

from __future__ import annotations

from .....dialects.dtypes import FLOAT32, DTypeLike
from .....dialects.hl.truncated_normal import RandomTruncatedNormalOp
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ..movement import concat
from ..shape import reshape
from .algorithm import Algorithm, algorithm_of
from .choices import Categorical, shuffled, shuffles
from .draws import Normal, Request, Uniform, stateless_state


@public("random")
def stateless_uniform(
    shape: ShapeLike,
    seed: TensorLike,
    minval: TensorLike | None = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = FLOAT32,
    name: str | None = None,
    alg: Algorithm | str | int = "auto_select",
) -> Tensor:
    """Like `uniform`, but always the same for the same `seed`, two integers.

    With None for `minval` and `maxval` integers have any bits.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_uniform([2], seed=[1, 2], maxval=100, dtype=sw.int32).numpy().tolist()
        [40, 49]
    """
    function = "random.stateless_uniform"
    algorithm_of(function, alg)
    request, distribution = Request.of(function, shape), Uniform.of(function, minval, maxval, dtype)
    return distribution.draw(stateless_state(function, seed), request)


@public("random")
def stateless_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = FLOAT32,
    name: str | None = None,
    alg: Algorithm | str | int = "auto_select",
) -> Tensor:
    """Like `normal`, but always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_normal([2], seed=[1, 2]).shape
        TensorShape([2])
    """
    function = "random.stateless_normal"
    algorithm_of(function, alg)
    request, distribution = Request.of(function, shape), Normal.of(function, mean, stddev, dtype)
    return distribution.draw(stateless_state(function, seed), request)


@public("random")
def stateless_truncated_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = FLOAT32,
    name: str | None = None,
    alg: Algorithm | str | int = "auto_select",
) -> Tensor:
    """Like `truncated_normal`, but always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_truncated_normal([2], seed=[1, 2]).shape
        TensorShape([2])
    """
    function = "random.stateless_truncated_normal"
    algorithm_of(function, alg)
    request = Request.of(function, shape)
    distribution = Normal.of(function, mean, stddev, dtype, RandomTruncatedNormalOp)
    return distribution.draw(stateless_state(function, seed), request)


@public("random.experimental")
def stateless_shuffle(
    value: TensorLike, seed: TensorLike, alg: Algorithm | str | int = "auto_select", name: str | None = None
) -> Tensor:
    """Like `shuffle`, but always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> sw.random.experimental.stateless_shuffle(sw.range(5), seed=[1, 2]).numpy().tolist()
        [0, 2, 1, 4, 3]
    """
    algorithm_of("random.experimental.stateless_shuffle", alg)
    given = as_tensor(value, name="random.experimental.stateless_shuffle: value")
    state = stateless_state("random.experimental.stateless_shuffle", seed)
    return given if shuffles(given) is None else shuffled(given, state)


@public("random")
def stateless_categorical(
    logits: TensorLike,
    num_samples: int | Tensor,
    seed: TensorLike,
    dtype: DTypeLike | None = None,
    name: str | None = None,
) -> Tensor:
    """Like `categorical`, but always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_categorical([[0.0, 1.0, 2.0]], 5, seed=[1, 2]).numpy().tolist()
        [[2, 2, 1, 2, 2]]
    """
    distribution = Categorical.of("random.stateless_categorical", logits, num_samples, dtype)
    return distribution.draw(stateless_state("random.stateless_categorical", seed))


@public(aliases=("random.split", "random.experimental.stateless_split"))
def stateless_split(seed: TensorLike, num: int = 2, alg: Algorithm | str | int = "auto_select") -> Tensor:
    """`num` new seeds, the rows of a matrix, each for numbers of their own.

    Example:
        >>> import stepwell as sw
        >>> sw.random.split([1, 2], 2).numpy().tolist()
        [[1105988140, 1738052849], [-335576002, 370444179]]
    """
    given = as_tensor(seed, name="random.split: seed")
    return stateless_uniform([num, 2], given, None, None, given.dtype, alg=alg)


@public(aliases=("random.fold_in", "random.experimental.stateless_fold_in"))
def stateless_fold_in(seed: TensorLike, data: TensorLike, alg: Algorithm | str | int = "auto_select") -> Tensor:
    """A new seed of `seed` and an integer.

    Example:
        >>> import stepwell as sw
        >>> sw.random.fold_in([1, 2], 3).numpy().tolist()
        [1105988140, 3]
    """
    number = as_tensor(data, name="random.fold_in: data")
    first = stateless_uniform([], seed, None, None, number.dtype, alg=alg)
    return concat([reshape(first, [1]), reshape(number, [1])], 0)
