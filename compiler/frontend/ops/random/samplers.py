"""Public functions that sample some of many classes, for losses that would be expensive over all of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import FLOAT32, INT64
from .....dialects.errors import NotFoundError
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import check, flag_of, list_of, size_of
from ..index import range as counting
from ..logic import greater_equal, less, logical_and
from ..reduce import reduce_all, reduce_max, reduce_min
from ..select import cast
from ..shape import ones_like
from .candidates import (
    LARGEST_RANGE,
    Classes,
    CountedClasses,
    LogUniformClasses,
    UniformClasses,
    WeightedClasses,
    expected,
    sampled,
)
from .seeds import call_state, seen_before

_BLOCKS_EACH = 512
"""How many blocks of random bits a call reserves for each class, however few it takes."""


@public("types")
class SampledCandidates(NamedTuple):
    """The result of a function that samples classes.

    Attributes:
        sampled_candidates: the classes, an int64 vector.
        true_expected_count: how often each of the true classes is expected among them, float32.
        sampled_expected_count: how often each of them is, float32.
    """

    sampled_candidates: Tensor
    true_expected_count: Tensor
    sampled_expected_count: Tensor


class _Call(NamedTuple):
    """The arguments that these functions have in common."""

    function: str
    true: Tensor
    num_sampled: int
    unique: bool
    range_max: int
    seed: object

    @classmethod
    def of(
        cls,
        function: str,
        true_classes: TensorLike,
        num_true: int,
        num_sampled: int,
        unique: bool,
        range_max: int | None,
        seed: object,
    ) -> _Call:
        """Arguments that are checked; without `range_max` there are `num_sampled` classes."""
        where = f"random.{function}"
        true = as_tensor(true_classes, None if isinstance(true_classes, Tensor) else INT64, f"{where}: true_classes")
        if true.dtype != INT64:
            raise InvalidArgumentError(f"{where}: true_classes: expected int64, got dtype {true.dtype.name}")
        columns, number = (_least_1(where, *pair) for pair in ((num_true, "num_true"), (num_sampled, "num_sampled")))
        most = number if range_max is None else _least_1(where, range_max, "range_max")
        if true.ndim != 2 or true.shape[1] not in (columns, None):
            text = f"expected a matrix of num_true={columns} columns, got shape {true.shape}"
            raise InvalidArgumentError(f"{where}: true_classes: {text}")
        if most > LARGEST_RANGE:
            raise InvalidArgumentError(f"{where}: range_max: expected at most {LARGEST_RANGE}, got {most}")
        once = flag_of(where, unique, "unique")
        if once and number > most:
            text = f"num_sampled: expected at most range_max={most} different classes, got {number}"
            raise InvalidArgumentError(f"{where}: {text}")
        _check_range(where, true, most)
        return cls(function, true, number, once, most, seed)

    @property
    def parameters(self) -> tuple[object, ...]:
        """What eager calls must have in common to go on from one another."""
        return self.true.shape[1], self.num_sampled, self.unique, self.range_max

    def sample(self, classes: Classes, parameters: Sequence[object] = ()) -> SampledCandidates:
        """Some of `classes`."""
        blocks = _BLOCKS_EACH * self.num_sampled
        state = call_state(self.function, (*self.parameters, *parameters), self.seed, blocks)
        found, tries = sampled(classes, state, self.num_sampled, self.unique)
        counts = (expected(classes.probabilities(x), self.num_sampled, tries) for x in (self.true, found))
        return SampledCandidates(found, *counts)


def _least_1(function: str, value: object, argument: str) -> int:
    size = size_of(function, value, argument)
    if isinstance(size, Tensor) or size < 1:
        raise InvalidArgumentError(f"{function}: {argument}: expected a number of 1 or more that is known, got {size}")
    return size


def _check_range(function: str, true: Tensor, most: int) -> None:
    if true.shape[0] == 0:
        return
    inside = reduce_all(logical_and(greater_equal(true, np.int64(0)), less(true, np.int64(most))))
    text = f"{function}: true_classes: expected classes from 0 to {most - 1}, got some from {{0}} to {{1}}"
    check(inside, text, reduce_min(true), reduce_max(true))


@public("random")
def uniform_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes, each as likely as any other.

    Args:
        true_classes: an int64 matrix with a row of classes for each example.
        num_true: how many classes a row has.
        num_sampled: how many classes are sampled.
        unique: whether each of them is another one.
        range_max: how many classes there are.
        seed: a number for the same classes each time that the program runs.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> found = sw.random.uniform_candidate_sampler([[1]], 1, 3, True, 3, seed=1)
        >>> sorted(found.sampled_candidates.numpy().tolist())
        [0, 1, 2]
    """
    function = "uniform_candidate_sampler"
    call = _Call.of(function, true_classes, num_true, num_sampled, unique, range_max, seed)
    return call.sample(UniformClasses(call.range_max))


@public("random")
def log_uniform_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes, of which class `k` has the probability `log((k + 2) / (k + 1)) / log(range_max + 1)`.

    This is about Zipf's distribution: for words in the order of how frequent they are.

    Args:
        true_classes: an int64 matrix with a row of classes for each example.
        num_true: how many classes a row has.
        num_sampled: how many classes are sampled.
        unique: whether each of them is another one.
        range_max: how many classes there are.
        seed: a number for the same classes each time that the program runs.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> found = sw.random.log_uniform_candidate_sampler([[0, 1]], 2, 8, False, 3)
        >>> [round(float(count), 2) for count in found.true_expected_count[0]]
        [4.0, 2.34]
    """
    function = "log_uniform_candidate_sampler"
    call = _Call.of(function, true_classes, num_true, num_sampled, unique, range_max, seed)
    return call.sample(LogUniformClasses(call.range_max))


@public("random", "nn")
def learned_unigram_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes, each as likely as how often it was a true class in calls before, counted from 1.

    In a function each call counts for itself. Eager calls count together where their arguments but `true_classes` are
    the same, until the next `random.set_seed`; after one, calls without `seed` begin anew.

    Args:
        true_classes: an int64 matrix with a row of classes for each example.
        num_true: how many classes a row has.
        num_sampled: how many classes are sampled.
        unique: whether each of them is another one.
        range_max: how many classes there are.
        seed: a number for the same classes each time that the program runs.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.random.set_seed(1)
        >>> for _ in range(2):
        ...     found = sw.random.learned_unigram_candidate_sampler([[1, 1]], 2, 4, False, 2, seed=1)
        ...     print(found.true_expected_count.numpy().tolist())
        [[2.0, 2.0]]
        [[3.0, 3.0]]
    """
    function = "learned_unigram_candidate_sampler"
    call = _Call.of(function, true_classes, num_true, num_sampled, unique, range_max, seed)
    before = seen_before((function, *call.parameters), seed, call.range_max, call.true)
    return call.sample(CountedClasses(call.range_max, before))


@public("random", "nn")
def fixed_unigram_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    range_max: int,
    vocab_file: str = "",
    distortion: float = 1.0,
    num_reserved_ids: int = 0,
    num_shards: int = 1,
    shard: int = 0,
    unigrams: Sequence[float] = (),
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """Some classes with given weights.

    Args:
        true_classes: an int64 matrix with a row of classes for each example.
        num_true: how many classes a row has.
        num_sampled: how many classes are sampled.
        unique: whether each of them is another one.
        range_max: how many classes there are.
        vocab_file: a file with a class on each line, whose weight is behind the last comma.
        distortion: the power that weights are raised to.
        num_reserved_ids: how many classes without weight come before those that are given.
        num_shards, shard: with these, the classes are those of which the index divided by `num_shards` leaves `shard`.
        unigrams: the weights, where there is no file.
        seed: a number for the same classes each time that the program runs.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> found = sw.random.fixed_unigram_candidate_sampler([[0, 1]], 2, 4, False, 2, unigrams=[1.0, 3.0])
        >>> found.true_expected_count.numpy().tolist()
        [[1.0, 3.0]]
    """
    function = "fixed_unigram_candidate_sampler"
    call = _Call.of(function, true_classes, num_true, num_sampled, unique, range_max, seed)
    given = tuple(float(weight) for weight in list_of(f"random.{function}", unigrams, "unigrams"))
    if bool(vocab_file) == bool(given):
        text = f"expected one of them, got {vocab_file!r} and {len(given)} unigrams"
        raise InvalidArgumentError(f"random.{function}: vocab_file and unigrams: {text}")
    if vocab_file:
        given = _weights_of_file(f"random.{function}", vocab_file, _time_of_file(vocab_file))
    shards = float(distortion), int(num_reserved_ids), int(num_shards), int(shard)
    weights = _of_shard(given, *shards)
    _check_weights(call, weights)
    classes = _weighted(given, *shards)
    return call.sample(classes, (vocab_file, *shards, given))


def _time_of_file(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError as error:
        raise NotFoundError(f"random.fixed_unigram_candidate_sampler: vocab_file: {error}") from None


@lru_cache(maxsize=4)
def _weights_of_file(function: str, path: str, _: int) -> tuple[float, ...]:
    """What is behind the last commas of a file's lines."""
    weights = []
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    weights.append(float(line.rpartition(",")[2]))
                except ValueError:
                    text = f"expected a number behind the last comma of line {number}, got {line.rstrip()!r}"
                    raise InvalidArgumentError(f"{function}: vocab_file: {text}") from None
    return tuple(weights)


@lru_cache(maxsize=4)
def _weighted(given: tuple[float, ...], power: float, reserved: int, shards: int, shard: int) -> WeightedClasses:
    """The classes of a shard."""
    return WeightedClasses.of(_of_shard(given, power, reserved, shards, shard))


@lru_cache(maxsize=4)
def _of_shard(given: tuple[float, ...], power: float, reserved: int, shards: int, shard: int) -> np.ndarray:
    """The weights of a shard."""
    before = [0.0 for index in range(reserved) if index % shards == shard]
    with np.errstate(all="ignore"):
        raised = np.power(np.array(given, np.float32), np.float32(power))
    places = np.arange(len(before), len(before) + len(given)) % shards == shard
    return np.concatenate([np.array(before, np.float32), raised[places]])


def _check_weights(call: _Call, weights: np.ndarray) -> None:
    function = f"random.{call.function}"
    if len(weights) != call.range_max:
        raise InvalidArgumentError(f"{function}: range_max: expected {len(weights)}, the number of weights")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise InvalidArgumentError(f"{function}: unigrams: expected weights of 0 or more, not all 0, got {weights}")
    possible = np.count_nonzero(weights)
    if call.unique and possible < call.num_sampled:
        text = f"expected at most {possible}, the number of classes with a weight, got {call.num_sampled}"
        raise InvalidArgumentError(f"{function}: num_sampled: {text}")


@public("random", "nn")
def all_candidate_sampler(
    true_classes: TensorLike,
    num_true: int,
    num_sampled: int,
    unique: bool,
    seed: int | None = None,
    name: str | None = None,
) -> SampledCandidates:
    """All classes, for tests of losses of some.

    Args:
        true_classes: an int64 matrix with a row of classes for each example.
        num_true: how many classes a row has.
        num_sampled: how many classes there are.
        unique, seed, name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.random.all_candidate_sampler([[1]], 1, 3, True).sampled_candidates.numpy().tolist()
        [0, 1, 2]
    """
    call = _Call.of("all_candidate_sampler", true_classes, num_true, num_sampled, unique, None, seed)
    found = counting(np.int64(call.num_sampled))
    return SampledCandidates(found, *(cast(ones_like(x), FLOAT32) for x in (call.true, found)))
