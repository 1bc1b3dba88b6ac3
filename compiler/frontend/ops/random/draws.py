"""What becomes of the state of a generator: numbers of a distribution.

A state is an int64 tensor of shape `[3]`: a counter of 128 bits, its low half first, and a key.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    INT32,
    INT64,
    INTS,
    UINT32,
    UINT64,
    WIDE_FLOATS,
    DType,
    DTypeLike,
    dtype_named,
)
from .....dialects.hl.normal import RandomNormalOp
from .....dialects.hl.random import RandomOp, RandomUniformIntOp, RandomUniformOp
from .....dialects.hl.rules.philox import numpy_blocks
from .....dialects.types import DYNAMIC
from ...tracing.tracer import current_tracer
from ...values.dispatch import apply, as_tensor
from ...values.tensor import ShapeLike, Tensor, TensorLike
from ...values.variable import Variable
from ..arguments import Size, int64_of, product, sizes_of, split_sizes
from ..logic import bitcast, bitwise_and, bitwise_xor, equal, less
from ..math import add, floormod, multiply, subtract
from ..movement import concat
from ..select import cast, where
from ..shape import reshape
from ..slicing import slice

HALVES = {FLOAT16: 10, BFLOAT16: 7}
"""Floats of 16 bits, and how many bits of a word are a number in [0, 1)."""
UNSIGNED = {UINT32: INTS[0], UINT64: INTS[1]}
"""Unsigned integers, and those that have the same bits."""
_LEAST = -(2**63)
_WORD = 2**32
_SEED_KEY = np.array(0x02461E293EC8F720, np.int64)
"""The key under which seeds are scrambled, as `StatelessRandomGetKeyCounter` of TensorFlow does."""

BLOCKS_EACH = 256
"""How many blocks of random bits a call reserves for each number, however few it takes."""


@dataclass(frozen=True)
class Request:
    """The shape of a result: its sizes, and how many elements there are."""

    sizes: Sequence[Size]
    count: Size

    @classmethod
    def of(cls, function: str, shape: ShapeLike) -> Request:
        """What an argument `shape` asks for."""
        sizes = sizes_of(function, shape, "shape")
        for size in sizes:
            if isinstance(size, int) and size < 0:
                raise InvalidArgumentError(f"{function}: shape: expected sizes of 0 or more, got {size}")
        return cls(sizes, product(sizes))

    def draw(self, op: type[RandomOp], state: TensorLike, dtype: DType, *parameters: TensorLike) -> Tensor:
        """The numbers that an op makes of `state`; eagerly as one vector, for which code is compiled once."""
        if current_tracer() is None and isinstance(self.count, int):
            if self.count > INT64.max:
                raise InvalidArgumentError(f"a tensor of shape {list(self.sizes)} is too large")
            count = as_tensor(np.array(self.count, np.int64))
            found = apply(op, state, *parameters, count, shape=(DYNAMIC,), dtype=dtype)
            return found if len(self.sizes) == 1 else reshape(found, self.sizes)
        static, dynamic = split_sizes(self.sizes)
        return apply(op, state, *parameters, *dynamic, shape=static, dtype=dtype)


def dtype_among(function: str, dtype: DTypeLike, allowed: Sequence[DType]) -> DType:
    """`dtype`, one of those allowed."""
    found = dtype_named(dtype, f"{function}: dtype")
    if found not in allowed:
        names = ", ".join(known.name for known in allowed)
        raise InvalidArgumentError(f"{function}: dtype: expected one of {names}, got {found.name}")
    return found


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution from `low` up to, without, `high`; of integers without bounds those of any bits."""

    function: str
    low: TensorLike | None
    high: TensorLike | None
    dtype: DType

    @classmethod
    def of(
        cls, function: str, minval: TensorLike | None, maxval: TensorLike | None, dtype: DTypeLike, full: bool = True
    ) -> Uniform:
        """The one that arguments ask for; `full` says whether there may be no bounds."""
        unsigned = tuple(UNSIGNED) if full else ()
        found = dtype_among(function, dtype, (*HALVES, *WIDE_FLOATS, *INTS, *unsigned))
        if found.is_floating:
            return cls(function, 0 if minval is None else minval, 1 if maxval is None else maxval, found)
        if maxval is None and not full:
            raise InvalidArgumentError(f"{function}: maxval: expected a number for dtype {found.name}, got None")
        if (minval is None) != (maxval is None):
            expected = f"{function}: minval and maxval: expected both or neither for dtype {found.name}"
            raise InvalidArgumentError(f"{expected}, got {minval!r} and {maxval!r}")
        if minval is not None and found in UNSIGNED:
            raise InvalidArgumentError(f"{function}: dtype: expected a signed one with minval, got {found.name}")
        return cls(function, minval, maxval, found)

    def draw(self, state: TensorLike, request: Request) -> Tensor:
        """Numbers of a state."""
        if self.low is None or self.high is None:
            return _unbounded(request, state, self.dtype)
        if not self.dtype.is_floating:
            return request.draw(RandomUniformIntOp, state, self.dtype, *self._integers())
        unit = _unbounded(request, state, self.dtype)
        if isinstance(self.low, int | float) and isinstance(self.high, int | float) and not unit.is_symbolic:
            low, high = (self.dtype.as_numpy_dtype(bound) for bound in (self.low, self.high))
            return _scaled_in_place(unit, high - low, low)
        low, high = self._bound("minval", self.low), self._bound("maxval", self.high)
        return add(multiply(unit, subtract(high, low)), low)

    def _integers(self) -> list[Tensor]:
        bounds = [self._bound("minval", self.low), self._bound("maxval", self.high)]
        for name, bound in zip(("minval", "maxval"), bounds):
            if bound.shape != ():
                raise InvalidArgumentError(f"{self.function}: {name}: expected a scalar, got shape {bound.shape}")
        return bounds

    def _bound(self, name: str, value: TensorLike | None) -> Tensor:
        return as_tensor(value, self.dtype, f"{self.function}: {name}")


@dataclass(frozen=True)
class Normal:
    """A normal distribution, by the op that draws of the one with mean 0 and standard deviation 1."""

    function: str
    mean: TensorLike
    stddev: TensorLike
    dtype: DType
    op: type[RandomOp] = RandomNormalOp

    @classmethod
    def of(
        cls,
        function: str,
        mean: TensorLike,
        stddev: TensorLike,
        dtype: DTypeLike,
        op: type[RandomOp] = RandomNormalOp,
    ) -> Normal:
        """The one that arguments ask for."""
        found = dtype_named(dtype, f"{function}: dtype")
        if found not in (*HALVES, *WIDE_FLOATS):
            names = ", ".join(known.name for known in (*HALVES, *WIDE_FLOATS))
            raise InvalidTypeError(f"{function}: dtype: expected one of {names}, got {found.name}")
        return cls(function, mean, stddev, found, op)

    def draw(self, state: TensorLike, request: Request) -> Tensor:
        """Numbers of a state."""
        narrow = self.dtype in HALVES
        standard = request.draw(self.op, state, FLOAT32 if narrow else self.dtype)
        standard = _converted(standard, self.dtype) if narrow else standard
        if isinstance(self.mean, int | float) and isinstance(self.stddev, int | float) and not standard.is_symbolic:
            convert = self.dtype.as_numpy_dtype
            return _scaled_in_place(standard, convert(self.stddev), convert(self.mean))
        deviation = as_tensor(self.stddev, self.dtype, f"{self.function}: stddev")
        return add(multiply(standard, deviation), as_tensor(self.mean, self.dtype, f"{self.function}: mean"))


def _unbounded(request: Request, state: TensorLike, dtype: DType) -> Tensor:
    """Floats in [0, 1), or integers of any bits."""
    if dtype in UNSIGNED:
        bits = request.draw(RandomUniformOp, state, UNSIGNED[dtype])
        return bitcast(bits, dtype) if bits.is_symbolic else Tensor(bits._array.view(dtype.as_numpy_dtype))
    if dtype in HALVES:
        bits = bitwise_and(request.draw(RandomUniformOp, state, INTS[0]), 2 ** HALVES[dtype] - 1)
        return _converted(multiply(cast(bits, FLOAT32), 2.0 ** -HALVES[dtype]), dtype)
    return request.draw(RandomUniformOp, state, dtype)


def _converted(numbers: Tensor, dtype: DType) -> Tensor:
    return cast(numbers, dtype) if numbers.is_symbolic else Tensor(numbers._array.astype(dtype.as_numpy_dtype))


def _scaled_in_place(numbers: Tensor, factor: np.generic, term: np.generic) -> Tensor:
    """`numbers`, whose memory nobody else has, times `factor` plus `term`."""
    array = numbers._array
    if factor != 1 or term != 0:
        np.add(np.multiply(array, factor, out=array), term, out=array)
    return numbers


def stateless_state(function: str, seed: TensorLike) -> Tensor:
    """The state of a seed, which is two integers: key and upper counter are the seed's scrambled bits."""
    given = as_tensor(seed, name=f"{function}: seed")
    if given.dtype not in INTS:
        raise InvalidArgumentError(f"{function}: seed: expected integers, got dtype {given.dtype.name}")
    if given.shape not in ((2,), (None,)):
        raise InvalidArgumentError(f"{function}: seed: expected two integers, got shape {given.shape}")
    if not given.is_symbolic:
        words = numpy_blocks(np.append(given._array.astype(INT64), _SEED_KEY), 1).view(INT64)
        return Tensor(np.array([0, words[0, 1], words[0, 0]]))
    start = concat([cast(given, INT64), as_tensor(_SEED_KEY[None])], 0)
    mixed = apply(RandomUniformOp, start, shape=(2,), dtype=INT64)
    return concat([as_tensor(np.zeros(1, INT64)), slice(mixed, [1], [1]), slice(mixed, [0], [1])], 0)


def unpredictable() -> np.ndarray:
    """A state from the operating system."""
    return np.frombuffer(os.urandom(24), np.int64)


def taken(state: Variable, blocks: Size) -> Tensor:
    """The value of `state`, whose counter moves on by `blocks`, with nobody writing in between."""
    if current_tracer() is None:
        return Tensor(state._exchange(_advance(int(blocks))))  # pyright: ignore[reportArgumentType]
    value = state.read_value()
    state.assign(_advanced(value, blocks))
    return value


def _advance(blocks: int) -> Callable[[np.ndarray], np.ndarray]:
    """The value a number of blocks after another."""

    def advance(old: np.ndarray) -> np.ndarray:
        low, high, key = old.tolist()
        low = (low & (2**64 - 1)) + (blocks & (2**64 - 1))
        return np.array([low & (2**64 - 1), (high + (low >> 64)) & (2**64 - 1), key & (2**64 - 1)], np.uint64).view(
            np.int64
        )

    return advance


def _advanced(value: Tensor, blocks: Size) -> Tensor:
    """The same in a trace: a sum is less than its terms, as unsigned numbers, where it has a carry."""
    if isinstance(blocks, int):
        step = as_tensor(np.array([blocks, 0, 0], np.int64))
    else:
        step = concat([reshape(int64_of(blocks), [1]), as_tensor(np.zeros(2, np.int64))], 0)
    total = add(value, step)
    carry = cast(less(bitwise_xor(total, _LEAST), bitwise_xor(step, _LEAST)), INT64)
    return add(total, concat([as_tensor(np.zeros(1, np.int64)), slice(carry, [0], [2])], 0))


def words_of(request: Request, state: Tensor) -> Tensor:
    """Random words of 32 bits, as int64."""
    return bitwise_and(cast(request.draw(RandomUniformOp, state, INT32), INT64), np.int64(_WORD - 1))


def least_word(total: Tensor) -> Tensor:
    """The least word whose remainder is a number below `total`: with those before it some would be more likely."""
    even = equal(bitwise_and(total, subtract(total, np.int64(1))), np.int64(0))
    return where(even, np.int64(0), add(floormod(np.int64(_WORD - 1), total), np.int64(1)))
