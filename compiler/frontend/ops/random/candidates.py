"""Classes that are sampled for a loss: how they follow from random bits, and how often each is expected.

The bits are used as TensorFlow does, so that classes are the same for the same seeds. A rejected word is rare but it
shifts what follows: which words become which numbers is computed for all words at once, and again for twice as many
where they were too few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .....dialects.dtypes import FLOAT32, FLOAT64, INT64
from .....dialects.hl.random import RandomUniformOp
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor
from ..arguments import Size, int64_of, size_along, times
from ..control_flow import while_loop
from ..index import gather
from ..index import range as counting
from ..logic import bitwise_and, equal, greater_equal, less, logical_and, logical_not, right_shift
from ..masks import boolean_mask, nonzero
from ..math import add, divide, exp, expm1, floormod, log, log1p, multiply, negative, subtract
from ..movement import concat
from ..reduce import argmax
from ..scan import cumsum
from ..search import searchsorted
from ..select import cast, where
from ..shape import ones_like, squeeze
from ..slicing import slice
from ..unique import unique as different
from .draws import Request, least_word, words_of

LARGEST_RANGE = 2**62
"""How many classes there may be."""


class Classes(Protocol):
    """A distribution of the classes 0, 1 … `count - 1`."""

    @property
    def count(self) -> int:
        """How many classes there are."""
        ...

    @property
    def rejects(self) -> bool:
        """Whether some random numbers make no class."""
        ...

    def drawn(self, state: Tensor, numbers: Size) -> Tensor:
        """The classes that so many random numbers of a state make: as many, or fewer where some are rejected."""
        ...

    def probabilities(self, classes: Tensor) -> Tensor:
        """How likely classes are, as float32."""
        ...


@dataclass(frozen=True)
class UniformClasses:
    """Classes each as likely as any other."""

    count: int

    @property
    def rejects(self) -> bool:
        """See `Classes.rejects`."""
        return self.count & (self.count - 1) != 0

    def drawn(self, state: Tensor, numbers: Size) -> Tensor:
        """See `Classes.drawn`."""
        words = Request([numbers], numbers).draw(RandomUniformOp, state, INT64)
        if not self.rejects:
            return bitwise_and(words, np.int64(self.count - 1))
        low = logical_and(greater_equal(words, np.int64(0)), less(words, np.int64((2**64 - 1) % self.count + 1)))
        halves = bitwise_and(right_shift(words, np.int64(1)), np.int64(2**63 - 1))
        twice = multiply(floormod(halves, np.int64(self.count)), np.int64(2))
        classes = floormod(add(twice, bitwise_and(words, np.int64(1))), np.int64(self.count))
        return boolean_mask(classes, logical_not(low))

    def probabilities(self, classes: Tensor) -> Tensor:
        """See `Classes.probabilities`."""
        return multiply(cast(ones_like(classes), FLOAT32), np.float32(1 / self.count))


@dataclass(frozen=True)
class LogUniformClasses:
    """Classes each as likely as the difference of the logarithms of its successor and of that one's."""

    count: int
    rejects: bool = False

    def drawn(self, state: Tensor, numbers: Size) -> Tensor:
        """See `Classes.drawn`."""
        parts = Request([numbers], numbers).draw(RandomUniformOp, state, FLOAT64)
        classes = subtract(cast(exp(multiply(parts, np.log1p(self.count))), INT64), np.int64(1))
        return floormod(classes, np.int64(self.count))

    def probabilities(self, classes: Tensor) -> Tensor:
        """See `Classes.probabilities`."""
        x = cast(classes, FLOAT64)
        share = divide(log(divide(add(x, np.float64(2)), add(x, np.float64(1)))), np.log1p(self.count))
        return cast(share, FLOAT32)


@dataclass(frozen=True)
class CountedClasses:
    """Classes as likely as how often they were seen.

    Attributes:
        count: how many classes there are.
        weights: how often each was, an int64 vector.
    """

    count: int
    weights: Tensor
    rejects: bool = True

    def drawn(self, state: Tensor, numbers: Size) -> Tensor:
        """See `Classes.drawn`."""
        sums = cumsum(self.weights)
        total = squeeze(slice(sums, [self.count - 1], [1]), 0)
        words, low = _words(state, numbers, total)
        places = floormod(boolean_mask(words, logical_not(low)), total)
        return searchsorted(sums, places, "right", INT64)

    def probabilities(self, classes: Tensor) -> Tensor:
        """See `Classes.probabilities`."""
        sums = cumsum(self.weights)
        total = cast(slice(sums, [self.count - 1], [1]), FLOAT32)
        return divide(cast(gather(self.weights, classes), FLOAT32), total)


@dataclass(frozen=True, eq=False)
class WeightedClasses:
    """Classes as likely as their weights, by the alias method (Walker, 1977; Vose, 1991).

    Attributes:
        weights: float32 numbers.
        shares: for each class, the part of its column that is its own.
        others: for each class, the one that has the rest of the column.
    """

    weights: np.ndarray
    shares: np.ndarray
    others: np.ndarray
    rejects: bool = True

    @classmethod
    def of(cls, weights: np.ndarray) -> WeightedClasses:
        """The columns for weights, which pair classes as TensorFlow does."""
        size = len(weights)
        heights = ((weights * np.float32(size)).astype(np.float64) / weights.sum(dtype=np.float64)).tolist()
        others = list(range(size))
        low = [index for index in range(size) if heights[index] < 1]
        high = [index for index in range(size) if heights[index] >= 1]
        while high and low:
            short, tall = low.pop(), high.pop()
            others[short] = tall
            heights[tall] -= 1 - heights[short]
            (low if heights[tall] < 1 else high).append(tall)
        for index in (*low, *high):
            heights[index] = 1.0
        return cls(weights, np.array(heights, np.float32), np.array(others, np.int64))

    @property
    def count(self) -> int:
        """How many classes there are."""
        return len(self.weights)

    def drawn(self, state: Tensor, numbers: Size) -> Tensor:
        """See `Classes.drawn`: a word for the height, and one for the column, which is drawn again if it is low."""
        words, low = _words(state, numbers, as_tensor(np.array(self.count, np.int64)))
        heights = Request([numbers], numbers).draw(RandomUniformOp, state, FLOAT32)
        is_column = _columns(low)
        columns = squeeze(nonzero(logical_and(is_column, logical_not(low))), 1)
        places = squeeze(nonzero(logical_not(is_column)), 1)
        height = gather(heights, gather(places, subtract(searchsorted(places, columns, "left", INT64), np.int64(1))))
        classes = floormod(gather(words, columns), np.int64(self.count))
        return where(
            less(height, gather(as_tensor(self.shares), classes)), classes, gather(as_tensor(self.others), classes)
        )

    def probabilities(self, classes: Tensor) -> Tensor:
        """See `Classes.probabilities`."""
        shares = self.weights.astype(np.float64) / self.weights.sum(dtype=np.float64)
        return gather(as_tensor(shares.astype(np.float32)), classes)


def _columns(low: Tensor) -> Tensor:
    """Which words are drawn for columns, given which are low: one after a low word is, then every other one.

    The first word of all is a height. A low word for a height is not rejected, but the next is a column all the same.
    """
    index = counting(int64_of(size_along(low, 0)))
    rejected = concat([as_tensor(np.array([-2])), squeeze(nonzero(low), 1)], 0)
    last = gather(rejected, subtract(searchsorted(rejected, index, "left", INT64), np.int64(1)))
    return equal(bitwise_and(subtract(index, last), np.int64(1)), np.int64(1))


def _words(state: Tensor, numbers: Size, total: Tensor) -> tuple[Tensor, Tensor]:
    """Words as int64, and which of them are so low that others below `total` would be less likely with them."""
    words = words_of(Request([numbers], numbers), state)
    return words, less(words, least_word(total))


def sampled(classes: Classes, state: Tensor, number: int, unique: bool) -> tuple[Tensor, Tensor]:
    """`number` classes, and how many were tried for them; with `unique` each class is taken once."""

    def tried(numbers: Size) -> tuple[Tensor, Tensor]:
        found = classes.drawn(state, numbers)
        return different(found, INT64) if unique else (found, counting(int64_of(size_along(found, 0))))

    def too_few(numbers: Size) -> Tensor:
        return less(int64_of(size_along(tried(numbers)[0], 0)), int64_of(number))

    def twice(numbers: Size) -> Size:
        return times(numbers, 2)

    needed = while_loop(too_few, twice, 2 * number) if unique or classes.rejects else number
    found, places = tried(needed)
    last = argmax(equal(places, np.int64(number - 1)))
    return slice(found, [0], [number]), add(last, np.int64(1))


def expected(probabilities: Tensor, number: int, tries: Tensor) -> Tensor:
    """How often classes are expected among `number` ones, for which so many were tried."""
    several = negative(expm1(multiply(cast(tries, FLOAT32), log1p(negative(probabilities)))))
    once = multiply(probabilities, np.float32(number))
    return where(equal(tries, np.int64(number)), once, several)
