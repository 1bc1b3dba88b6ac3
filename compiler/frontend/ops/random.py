"""Random numbers: bits of a key and a counter, the same on every engine, shaped into distributions.

A `Generator` keeps its key and its counter in Variables, so that compiled functions draw from it too. The functions of
this module draw from one generator of the process, or with `seed` from one of that seed.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.hl.random import RandomBitsOp
from ....dialects.public import public
from ....dialects.types import DYNAMIC, FLOATS, INTS, DTypeLike, dtype_named
from ..tracing.tracer import tracing
from ..values.dispatch import apply, as_tensor
from ..values.tensor import ShapeLike, Tensor, TensorLike
from ..values.variable import Variable
from .logic import bitwise_and, bitwise_xor, right_shift
from .math import add, cos, floormod, log, multiply, sqrt, subtract
from .movement import unstack
from .select import cast

_INT32, _INT64 = INTS
_FLOAT32 = np.dtype(np.float32)
_MASK = 2**64 - 1
_OTHER_STREAM = np.array([0x2545F491, 0x6C078965], np.int32)
"""What the key is combined with for the second number that each normal one is made of."""


def _key(seed: int) -> np.ndarray:
    """The key of an integer seed: its 64 bits."""
    if not isinstance(seed, int | np.integer):
        raise TypeError(f"random: seed: expected an int, got {seed!r}")
    return np.array([int(seed) & _MASK], np.uint64).view(np.int32)


class _Shape:
    """The shape of a result: static sizes, tensors for the others, and how many elements it has."""

    def __init__(self, function: str, shape: ShapeLike):
        items = _items(function, shape)
        self.static: list[int] = []
        self.sizes: list[Tensor] = []
        self.count: int | Tensor = 1
        for item in items:
            if isinstance(item, Tensor) and item.is_symbolic:
                self.static.append(DYNAMIC)
                self.sizes.append(item)
                self.count = multiply(cast(item, _INT64), self.count)
                continue
            try:
                size = int(item.__index__())
            except (AttributeError, TypeError):
                raise TypeError(f"{function}: shape: expected integers, got {item!r}") from None
            if size < 0:
                raise InvalidArgumentError(f"{function}: shape: expected sizes of 0 or more, got {size}")
            self.static.append(size)
            self.count = self.count * size


def _items(function: str, shape: ShapeLike) -> Sequence[Any]:
    """The sizes one by one."""
    if isinstance(shape, Variable):
        shape = shape.read_value()
    if isinstance(shape, Tensor) and shape.ndim == 1:
        return unstack(shape) if shape.is_symbolic else shape.numpy().tolist()
    if isinstance(shape, Tensor) and shape.ndim > 1:
        raise TypeError(f"{function}: shape: expected a list of integers, got {shape!r}")
    if isinstance(shape, np.ndarray):
        return shape.tolist()
    return list(shape) if isinstance(shape, list | tuple) else [shape]


def _bits(key: TensorLike, offset: TensorLike, shape: _Shape, dtype: np.dtype) -> Tensor:
    return apply(RandomBitsOp, key, as_tensor(offset, _INT64), *shape.sizes, shape=tuple(shape.static), dtype=dtype)


def _fraction(key: TensorLike, offset: TensorLike, shape: _Shape, dtype: np.dtype) -> Tensor:
    """Uniform in [0, 1): 24 or 53 bits."""
    bits, places, kept = (_INT32, 8, 24) if dtype == _FLOAT32 else (_INT64, 11, 53)
    whole = bitwise_and(right_shift(_bits(key, offset, shape, bits), places), (1 << kept) - 1)
    return multiply(cast(whole, dtype), 2.0**-kept)


def _uniform(
    function: str,
    key: TensorLike,
    offset: TensorLike,
    shape: _Shape,
    minval: TensorLike,
    maxval: TensorLike | None,
    dtype: np.dtype,
) -> Tensor:
    if dtype in FLOATS:
        low, high = as_tensor(minval, name="minval"), as_tensor(1 if maxval is None else maxval, name="maxval")
        low, high = cast(low, dtype), cast(high, dtype)
        return add(multiply(_fraction(key, offset, shape, dtype), subtract(high, low)), low)
    if maxval is None:
        raise InvalidArgumentError(f"{function}: maxval: expected a number for dtype {dtype.name}, got None")
    low, high = cast(as_tensor(minval), _INT64), cast(as_tensor(maxval), _INT64)
    positive = bitwise_and(_bits(key, offset, shape, _INT64), 2**63 - 1)
    return cast(add(floormod(positive, subtract(high, low)), low), dtype)


def _normal(
    key: TensorLike, offset: TensorLike, shape: _Shape, mean: TensorLike, stddev: TensorLike, dtype: np.dtype
) -> Tensor:
    """Box and Muller: a distance and an angle."""
    first = _fraction(key, offset, shape, dtype)
    second = _fraction(bitwise_xor(key, _OTHER_STREAM), offset, shape, dtype)
    distance = sqrt(multiply(log(subtract(1.0, first)), -2.0))
    standard = multiply(distance, cos(multiply(second, 2 * math.pi)))
    return add(multiply(standard, cast(as_tensor(stddev), dtype)), cast(as_tensor(mean), dtype))


def _dtype(function: str, dtype: DTypeLike, allowed: Sequence[np.dtype]) -> np.dtype:
    found = dtype_named(dtype, f"{function}: dtype")
    if found not in allowed:
        raise TypeError(f"{function}: dtype: expected one of {', '.join(d.name for d in allowed)}, got {found.name}")
    return found


@public("random")
class Generator:
    """A source of random numbers: a key, and a counter that every draw moves on by as many as it draws.

    Args:
        key: two int32 words.
        counter: where to begin.

    Attributes:
        key: the Variable with the key.
        counter: the Variable with the counter.

    Example:
        >>> import stepwell as sw
        >>> a, b = sw.random.Generator.from_seed(1), sw.random.Generator.from_seed(1)
        >>> bool((a.uniform([3]) == b.uniform([3])).numpy().all())
        True
    """

    def __init__(self, key: TensorLike, counter: int = 0):
        with tracing(None):
            words = as_tensor(key, _INT32, "Generator: key")
            if words.shape != (2,):
                raise InvalidArgumentError(f"Generator: key: expected shape (2,), got {words.shape}")
            self.key = Variable(words, trainable=False, name="generator_key")
            self.counter = Variable(np.array(counter, _INT64), trainable=False, name="generator_counter")

    @classmethod
    def from_seed(cls, seed: int) -> Generator:
        """A generator of numbers that depend on `seed` alone."""
        return cls(_key(seed))

    @classmethod
    def from_non_deterministic_state(cls) -> Generator:
        """A generator with a key from the operating system."""
        return cls(np.frombuffer(os.urandom(8), np.int32))

    def reset_from_seed(self, seed: int) -> None:
        """Begin again, as a generator of `seed` does."""
        self.key.assign(_key(seed))
        self.counter.assign(np.array(0, _INT64))

    def _take(self, shape: _Shape) -> Tensor:
        """The counter, which is then moved on."""
        start = self.counter.read_value()
        self.counter.assign_add(as_tensor(shape.count, _INT64))
        return start

    def uniform(
        self, shape: ShapeLike, minval: TensorLike = 0, maxval: TensorLike | None = None, dtype: DTypeLike = _FLOAT32
    ) -> Tensor:
        """Numbers from `minval` up to, without, `maxval` (1 for floats), each as likely; rounding may give `maxval`."""
        found = _dtype("Generator.uniform", dtype, FLOATS + INTS)
        sizes = _Shape("Generator.uniform", shape)
        return _uniform("Generator.uniform", self.key, self._take(sizes), sizes, minval, maxval, found)

    def normal(
        self, shape: ShapeLike, mean: TensorLike = 0.0, stddev: TensorLike = 1.0, dtype: DTypeLike = _FLOAT32
    ) -> Tensor:
        """Numbers of a normal distribution."""
        found = _dtype("Generator.normal", dtype, FLOATS)
        sizes = _Shape("Generator.normal", shape)
        return _normal(self.key, self._take(sizes), sizes, mean, stddev, found)


class _Sources:
    """The generators of the process: one that `set_seed` seeds, and one for each `seed` that a call names."""

    def __init__(self) -> None:
        self._seed: int | None = None
        self._generators: dict[int | None, Generator] = {}

    def set_seed(self, seed: int) -> None:
        """Begin again with all of them."""
        _key(seed)
        self._seed = int(seed)
        with tracing(None):
            for own, generator in self._generators.items():
                generator.reset_from_seed(self._combined(own))

    def _combined(self, seed: int | None) -> int:
        """One seed of the process's and a call's."""
        return ((self._seed or 0) + (0 if seed is None else 0x9E3779B97F4A7C15 * (2 * seed + 1))) & _MASK

    def generator(self, seed: int | None) -> Generator:
        """The one for a call's `seed`."""
        if seed is not None:
            _key(seed)
        found = self._generators.get(seed)
        if found is None:
            if seed is None and self._seed is None:
                found = Generator.from_non_deterministic_state()
            else:
                _key(0 if seed is None else seed)
                found = Generator.from_seed(self._combined(seed))
            self._generators[seed] = found
        return found


_sources = _Sources()


@public("random")
def set_seed(seed: int) -> None:
    """Let the functions of this module give the same numbers from here on as after any other call with `seed`.

    Example:
        >>> import stepwell as sw
        >>> sw.random.set_seed(7)
        >>> first = sw.random.uniform([2]).numpy()
        >>> sw.random.set_seed(7)
        >>> bool((sw.random.uniform([2]).numpy() == first).all())
        True
    """
    _sources.set_seed(seed)


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
        >>> sw.random.uniform([2, 3], maxval=10, dtype=sw.int32).shape
        TensorShape([2, 3])
    """
    return _sources.generator(seed).uniform(shape, minval, maxval, dtype)


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
    return _sources.generator(seed).normal(shape, mean, stddev, dtype)


def _stateless_key(function: str, seed: TensorLike) -> Tensor:
    key = cast(as_tensor(seed, name=f"{function}: seed"), _INT32)
    if key.shape not in ((2,), (None,)):
        raise InvalidArgumentError(f"{function}: seed: expected two integers, got shape {key.shape}")
    return key


@public("random")
def stateless_uniform(
    shape: ShapeLike,
    seed: TensorLike,
    minval: TensorLike = 0,
    maxval: TensorLike | None = None,
    dtype: DTypeLike = _FLOAT32,
    name: str | None = None,
) -> Tensor:
    """Like `uniform`, but always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_uniform([2], seed=[1, 2]).numpy().tolist() == (
        ...     sw.random.stateless_uniform([2], seed=[1, 2]).numpy().tolist())
        True
    """
    found = _dtype("stateless_uniform", dtype, FLOATS + INTS)
    key, sizes = _stateless_key("stateless_uniform", seed), _Shape("stateless_uniform", shape)
    return _uniform("stateless_uniform", key, 0, sizes, minval, maxval, found)


@public("random")
def stateless_normal(
    shape: ShapeLike,
    seed: TensorLike,
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: DTypeLike = _FLOAT32,
    name: str | None = None,
) -> Tensor:
    """Like `normal`, but always the same for the same `seed`, two integers.

    Example:
        >>> import stepwell as sw
        >>> sw.random.stateless_normal([2], seed=[1, 2]).shape
        TensorShape([2])
    """
    found = _dtype("stateless_normal", dtype, FLOATS)
    key, sizes = _stateless_key("stateless_normal", seed), _Shape("stateless_normal", shape)
    return _normal(key, 0, sizes, mean, stddev, found)
