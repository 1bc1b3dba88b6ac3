"""Orders and classes that a state chooses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INTS, WIDE_FLOATS, DType, DTypeLike
from .....dialects.hl.permutation import RandomPermutationOp
from .....dialects.hl.random import RandomUniformOp
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, int64_of, minus, plus, size_along, size_of, times
from ..index import gather
from ..logic import is_finite
from ..math import exp, floordiv, maximum, multiply, subtract
from ..reduce import reduce_max
from ..scan import cumsum
from ..search import searchsorted
from ..select import cast, where
from .draws import BLOCKS_EACH, Request, dtype_among

_FLOAT64, (_INT32, _INT64) = WIDE_FLOATS[1], INTS


def shuffles(value: Tensor) -> Size | None:
    """How many blocks an order of the first axis takes: a word for each swap; None where there is nothing to order."""
    if not value.ndim or value.shape[0] in (0, 1) or 0 in value.shape:
        return None
    return _quarter(maximum_size(minus(size_along(value, 0), 1), 0))


def maximum_size(a: Size, b: int) -> Size:
    """The greater of two sizes."""
    return max(a, b) if isinstance(a, int) else maximum(a, int64_of(b))


def _quarter(count: Size) -> Size:
    """A fourth, rounded up."""
    more = plus(count, 3)
    return more // 4 if isinstance(more, int) else floordiv(more, int64_of(4))


def shuffled(value: Tensor, state: Tensor) -> Tensor:
    """`value` in the order of a state."""
    size = size_along(value, 0)
    dtype = _INT32 if isinstance(size, int) and size < 2**31 else _INT64
    order = Request([size], size).draw(RandomPermutationOp, state, dtype)
    return gather(value, order)


@dataclass(frozen=True)
class Categorical:
    """Classes with the weights of which rows of `logits` are the logarithms."""

    logits: Tensor
    samples: Size
    dtype: DType

    @classmethod
    def of(cls, function: str, logits: TensorLike, num_samples: object, dtype: DTypeLike | None) -> Categorical:
        """The one that arguments ask for."""
        given = as_tensor(logits, name=f"{function}: logits")
        if given.dtype not in WIDE_FLOATS:
            raise InvalidArgumentError(f"{function}: logits: expected floats, got dtype {given.dtype.name}")
        if given.ndim != 2:
            raise InvalidArgumentError(f"{function}: logits: expected a matrix, got shape {given.shape}")
        if given.shape[1] == 0:
            raise InvalidArgumentError(f"{function}: logits: expected at least one class, got shape {given.shape}")
        samples = size_of(function, num_samples, "num_samples")
        if isinstance(samples, int) and samples < 0:
            raise InvalidArgumentError(f"{function}: num_samples: expected 0 or more, got {samples}")
        return cls(given, samples, dtype_among(function, _INT64 if dtype is None else dtype, INTS))

    @property
    def blocks(self) -> Size:
        """How many blocks a call reserves: for two words, rounded up to fours, of each number."""
        numbers = times(size_along(self.logits, 0), times(_quarter(self.samples), 8))
        return times(numbers, BLOCKS_EACH)

    def draw(self, state: Tensor) -> Tensor:
        """How many of the sums of weights, from the first class on, a part of the last is not less than."""
        batch = size_along(self.logits, 0)
        finite = is_finite(self.logits)
        least = np.array(self.logits.dtype.finfo.min, self.logits.dtype)
        largest = reduce_max(where(finite, self.logits, least), 1, keepdims=True)
        shifted = subtract(cast(self.logits, _FLOAT64), cast(largest, _FLOAT64))
        sums = cumsum(where(finite, exp(shifted), np.float64(0)), 1)
        total = reduce_max(sums, 1, keepdims=True)
        request = Request([batch, self.samples], times(batch, self.samples))
        wanted = multiply(request.draw(RandomUniformOp, state, _FLOAT64), total)
        return searchsorted(sums, wanted, "right", self.dtype)
