"""`keras.random`: numbers drawn from seeds; the same seeds give the numbers of TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keras.src.backend.config import floatx
from keras.src.random.seed_generator import SeedGenerator, draw_seed, make_default_seed

import stepwell as sw

from .ops.core import cast, convert_to_tensor
from .ops.core import shape as shape_of

__all__ = [
    "SeedGenerator",
    "beta",
    "binomial",
    "categorical",
    "draw_seed",
    "dropout",
    "gamma",
    "make_default_seed",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]


def _seed(seed: Any) -> sw.Tensor:
    """The two int32 numbers that TensorFlow's backend makes of a seed of Keras."""
    drawn = convert_to_tensor(draw_seed(seed))
    return drawn if drawn.dtype == sw.int32 else sw.cast(drawn % (sw.int32.max - 1), sw.int32)


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> sw.Tensor:
    """Numbers of a normal distribution."""
    return sw.random.stateless_normal(shape, _seed(seed), mean=mean, stddev=stddev, dtype=dtype or floatx())


def uniform(shape: Any, minval: Any = 0.0, maxval: Any = 1.0, dtype: Any = None, seed: Any = None) -> sw.Tensor:
    """Numbers from `minval` up to, without, `maxval`."""
    dtype = dtype or floatx()
    bounds: dict[str, Any] = {"minval": cast(minval, dtype), "maxval": cast(maxval, dtype)}
    return sw.random.stateless_uniform(shape, _seed(seed), dtype=dtype, **bounds)


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None, seed: Any = None) -> sw.Tensor:
    """Numbers of a normal distribution, drawn again where they are over two deviations from the mean."""
    dtype = dtype or floatx()
    return sw.random.stateless_truncated_normal(shape, _seed(seed), mean=mean, stddev=stddev, dtype=dtype)


def categorical(logits: Any, num_samples: Any, dtype: Any = "int64", seed: Any = None) -> sw.Tensor:
    """Indices of classes, drawn by the logarithms of their chances."""
    return sw.cast(sw.random.stateless_categorical(convert_to_tensor(logits), num_samples, _seed(seed)), dtype)


def randint(shape: Any, minval: Any, maxval: Any, dtype: Any = "int32", seed: Any = None) -> sw.Tensor:
    """Integers from `minval` up to, without, `maxval`."""
    drawn_as = dtype if sw.as_dtype(dtype) in (sw.int32, sw.int64) else sw.int64
    bounds: dict[str, Any] = {"minval": cast(minval, drawn_as), "maxval": cast(maxval, drawn_as)}
    return sw.cast(sw.random.stateless_uniform(shape, _seed(seed), dtype=drawn_as, **bounds), dtype)


def dropout(inputs: Any, rate: Any, noise_shape: Sequence[Any] | None = None, seed: Any = None) -> sw.Tensor:
    """`inputs` with a share `rate` of the elements zero, and the others multiplied by `1 / (1 - rate)`."""
    inputs = convert_to_tensor(inputs)
    if rate == 1.0:
        return sw.zeros_like(inputs)
    if rate == 0.0:
        return inputs
    sizes = shape_of(inputs)
    if noise_shape is not None:
        sizes = [sizes[i] if size is None else size for i, size in enumerate(noise_shape)]
    drawn = sw.random.stateless_uniform(sizes, _seed(seed), dtype=inputs.dtype)
    return sw.where(drawn >= rate, inputs * (1 / (1 - rate)), sw.zeros_like(inputs))


def shuffle(x: Any, axis: int = 0, seed: Any = None) -> sw.Tensor:
    """`x` in a random order along an axis."""
    x = convert_to_tensor(x)
    drawn = sw.random.stateless_uniform([shape_of(x)[axis]], _seed(seed))
    return sw.gather(x, sw.argsort(drawn, stable=True), axis=axis)


def gamma(shape: Any, alpha: Any, dtype: Any = None, seed: Any = None) -> sw.Tensor:
    """Numbers of a gamma distribution with scale 1."""
    dtype = dtype or floatx()
    return _gamma(shape, convert_to_tensor(alpha, _drawn_as(dtype)), dtype, _seed(seed))


def _gamma(shape: Any, alpha: sw.Tensor, dtype: Any, seed: sw.Tensor) -> sw.Tensor:
    return sw.cast(sw.random.stateless_gamma(shape, seed, alpha=alpha, dtype=alpha.dtype), dtype)


def _drawn_as(dtype: Any) -> str:
    """The dtype in which numbers are drawn: rejection in bfloat16 is refused, as in TensorFlow."""
    name = sw.as_dtype(dtype).name
    return "float32" if name == "bfloat16" else name


def binomial(shape: Any, counts: Any, probabilities: Any, dtype: Any = None, seed: Any = None) -> sw.Tensor:
    """How many of `counts` trials succeed."""
    dtype = dtype or floatx()
    drawn = sw.random.stateless_binomial(
        shape, _seed(seed), counts=counts, probs=probabilities, output_dtype=_drawn_as(dtype)
    )
    return sw.cast(drawn, dtype)


def beta(shape: Any, alpha: Any, beta: Any, dtype: Any = None, seed: Any = None) -> sw.Tensor:
    """Numbers of a beta distribution, as shares of numbers of two gamma distributions."""
    dtype = dtype or floatx()
    first = _seed(seed)
    alpha, beta = (sw.broadcast_to(convert_to_tensor(x, _drawn_as(dtype)), shape) for x in (alpha, beta))
    a, b = _gamma(shape, alpha, dtype, first), _gamma(shape, beta, dtype, first + 12)
    return a / (a + b)
