"""Losses of classes among so many that only some of the others are sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT32, INT64
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import flag_of, int64_of, size_along, size_of
from ..index import gather
from ..index import range as counting
from ..linear import matmul
from ..logic import equal, logical_and
from ..masks import nonzero
from ..math import add, divide, log, multiply, subtract
from ..movement import concat
from ..random.samplers import SampledCandidates, log_uniform_candidate_sampler
from ..reduce import reduce_any, reduce_sum
from ..segments import unsorted_segment_max
from ..select import cast, stop_gradient, where
from ..shape import expand_dims, fill, ones_like, reshape, zeros_like
from ..unique import unique
from .cross_entropy import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits

_LEAST = float(np.finfo(np.float32).min)
"""What is added to the logits of a class that is sampled by accident, though it is a true one."""


@public("types")
class AccidentalHits(NamedTuple):
    """The result of `nn.compute_accidental_hits`.

    Attributes:
        indices: rows of true classes.
        ids: for each of them the index of a sampled class that is one of these.
        weights: for each of them a number that makes a logit count no more.
    """

    indices: Tensor
    ids: Tensor
    weights: Tensor


@public("nn")
def compute_accidental_hits(
    true_classes: TensorLike,
    sampled_candidates: TensorLike,
    num_true: int,
    seed: int | None = None,
    name: str | None = None,
) -> AccidentalHits:
    """Where sampled classes are among the true ones; of a class that is sampled several times, the last time.

    Args:
        true_classes: an int64 matrix with a row of classes for each example.
        sampled_candidates: the classes that were sampled, an int64 vector.
        num_true: how many classes a row has.
        seed, name: not used.

    Example:
        >>> import stepwell as sw
        >>> hits = sw.nn.compute_accidental_hits([[1, 2], [3, 1]], [3, 1], 2)
        >>> hits.indices.numpy().tolist(), hits.ids.numpy().tolist()
        ([0, 1, 1], [1, 0, 1])
    """
    function = "compute_accidental_hits"
    true, found = (
        as_tensor(value, None if isinstance(value, Tensor) else INT64, f"{function}: {argument}")
        for value, argument in ((true_classes, "true_classes"), (sampled_candidates, "sampled_candidates"))
    )
    if true.dtype != INT64 or found.dtype != INT64:
        text = f"expected int64, got dtypes {true.dtype.name} and {found.dtype.name}"
        raise InvalidArgumentError(f"{function}: true_classes and sampled_candidates: {text}")
    if true.ndim != 2 or true.shape[1] not in (size_of(function, num_true, "num_true"), None):
        text = f"expected a matrix of num_true={num_true} columns, got shape {true.shape}"
        raise InvalidArgumentError(f"{function}: true_classes: {text}")
    if found.ndim != 1:
        raise InvalidArgumentError(f"{function}: sampled_candidates: expected a vector, got shape {found.shape}")
    places = nonzero(_hits(true, found))
    count = size_along(places, 0)
    return AccidentalHits(cast(places[:, 0], INT32), places[:, 2], fill([count], np.float32(_LEAST)))


def _hits(true: Tensor, found: Tensor) -> Tensor:
    """For each true class, and each sampled one, whether they are the same; of equal sampled ones the last counts."""
    different, group = unique(found, INT64)
    index = counting(int64_of(size_along(found, 0)))
    last = unsorted_segment_max(index, group, size_along(different, 0))
    same = equal(expand_dims(true, 2), expand_dims(expand_dims(found, 0), 0))
    return logical_and(same, equal(gather(last, group), index))


@dataclass(frozen=True)
class _Sampled:
    """What two losses compute from the same arguments: logits, and what they should be."""

    logits: Tensor
    labels: Tensor


def _sampled(
    function: str,
    parameters: tuple[TensorLike | Sequence[TensorLike], TensorLike, TensorLike, TensorLike],
    counts: tuple[int, int, int],
    sampled_values: Sequence[TensorLike] | None,
    accidental: bool,
    seed: int | None,
) -> _Sampled:
    """The logits of the true classes, then those of the sampled ones, less the logarithms of how likely both are."""
    num_sampled, num_classes, num_true = counts
    weights, biases, inputs = _floats(function, parameters[0], parameters[1], parameters[3])
    true = cast(as_tensor(parameters[2], name=f"{function}: labels"), INT64)
    if true.ndim != 2 or inputs.ndim != 2:
        text = f"expected matrices, got shapes {true.shape} and {inputs.shape}"
        raise InvalidArgumentError(f"{function}: labels and inputs: {text}")
    if sampled_values is None:
        sampled_values = log_uniform_candidate_sampler(true, num_true, num_sampled, True, num_classes, seed)
    found, true_count, found_count = (stop_gradient(as_tensor(value)) for value in sampled_values)
    found = cast(found, INT64)
    rows = gather(weights, concat([reshape(true, [-1]), found], 0))
    shifts = gather(biases, concat([reshape(true, [-1]), found], 0))
    number = size_of(function, num_sampled, "num_sampled")
    own = reshape(rows[:-number], [-1, num_true, size_along(rows, 1)])
    true_logits = reduce_sum(multiply(expand_dims(inputs, 1), own), 2)
    true_logits = add(true_logits, reshape(shifts[:-number], [-1, num_true]))
    found_logits = add(matmul(inputs, rows[-number:], transpose_b=True), shifts[-number:])
    if accidental:
        least = cast(where(reduce_any(_hits(true, found), 1), np.float32(_LEAST), np.float32(0)), found_logits.dtype)
        found_logits = add(found_logits, least)
    true_logits = subtract(true_logits, log(cast(true_count, inputs.dtype)))
    found_logits = subtract(found_logits, log(cast(found_count, inputs.dtype)))
    share = divide(ones_like(true_logits), np.array(num_true, inputs.dtype))
    return _Sampled(concat([true_logits, found_logits], 1), concat([share, zeros_like(found_logits)], 1))


def _floats(
    function: str, weights: TensorLike | Sequence[TensorLike], biases: TensorLike, inputs: TensorLike
) -> tuple[Tensor, Tensor, Tensor]:
    """Weights, of which parts follow each other, biases and inputs."""
    parts = [as_tensor(part) for part in weights] if isinstance(weights, list) else [as_tensor(weights)]  # pyright: ignore
    whole = parts[0] if len(parts) == 1 else concat(parts, 0)
    shifts = as_tensor(biases, name=f"{function}: biases")
    x = as_tensor(inputs, whole.dtype, f"{function}: inputs")
    if not whole.dtype.is_floating or whole.ndim != 2 or shifts.ndim != 1:
        text = f"expected a matrix and a vector of floats, got shapes {whole.shape} and {shifts.shape}"
        raise InvalidTypeError(f"{function}: weights and biases: {text} of dtype {whole.dtype.name}")
    return whole, shifts, x


@public("nn")
def sampled_softmax_loss(
    weights: TensorLike | Sequence[TensorLike],
    biases: TensorLike,
    labels: TensorLike,
    inputs: TensorLike,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: SampledCandidates | Sequence[TensorLike] | None = None,
    remove_accidental_hits: bool = True,
    seed: int | None = None,
    name: str = "sampled_softmax_loss",
) -> Tensor:
    """The cross entropy of true classes among these and some that are sampled, for each example.

    It is for training alone: it is less than the entropy among all classes (Jean and others, 2014).

    Args:
        weights: a row for each class; or a list of tensors whose rows follow each other.
        biases: a number for each class.
        labels: a row of true classes for each example.
        inputs: a row for each example, as long as those of `weights`.
        num_sampled: how many classes are sampled.
        num_classes: how many classes there are.
        num_true: how many true classes an example has.
        sampled_values: what a sampler returned; by default that of `random.log_uniform_candidate_sampler`.
        remove_accidental_hits: whether a sampled class that is a true one counts for nothing.
        seed: the sampler's seed.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> weights, biases, inputs = sw.zeros([3, 2]), sw.zeros([3]), sw.ones([1, 2])
        >>> sampled = sw.random.all_candidate_sampler([[1]], 1, 3, True)
        >>> loss = sw.nn.sampled_softmax_loss(weights, biases, [[1]], inputs, 3, 3, sampled_values=sampled)
        >>> round(float(loss[0]), 4)
        1.0986
    """
    accidental = flag_of("sampled_softmax_loss", remove_accidental_hits, "remove_accidental_hits")
    parameters, counts = (weights, biases, labels, inputs), (num_sampled, num_classes, num_true)
    found = _sampled("sampled_softmax_loss", parameters, counts, sampled_values, accidental, seed)
    return softmax_cross_entropy_with_logits(stop_gradient(found.labels), found.logits)


@public("nn")
def nce_loss(
    weights: TensorLike | Sequence[TensorLike],
    biases: TensorLike,
    labels: TensorLike,
    inputs: TensorLike,
    num_sampled: int,
    num_classes: int,
    num_true: int = 1,
    sampled_values: SampledCandidates | Sequence[TensorLike] | None = None,
    remove_accidental_hits: bool = False,
    name: str = "nce_loss",
) -> Tensor:
    """How well true classes differ from some that are sampled, for each example: noise-contrastive estimation.

    The source is Gutmann and Hyvärinen, 2010.

    Args:
        weights: a row for each class; or a list of tensors whose rows follow each other.
        biases: a number for each class.
        labels: a row of true classes for each example.
        inputs: a row for each example, as long as those of `weights`.
        num_sampled: how many classes are sampled.
        num_classes: how many classes there are.
        num_true: how many true classes an example has.
        sampled_values: what a sampler returned; by default that of `random.log_uniform_candidate_sampler`.
        remove_accidental_hits: whether a sampled class that is a true one counts for nothing.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> weights, biases, inputs = sw.zeros([3, 2]), sw.zeros([3]), sw.ones([1, 2])
        >>> sampled = sw.random.all_candidate_sampler([[1]], 1, 3, True)
        >>> loss = sw.nn.nce_loss(weights, biases, [[1]], inputs, 3, 3, sampled_values=sampled)
        >>> round(float(loss[0]), 4)
        2.7726
    """
    accidental = flag_of("nce_loss", remove_accidental_hits, "remove_accidental_hits")
    parameters, counts = (weights, biases, labels, inputs), (num_sampled, num_classes, num_true)
    found = _sampled("nce_loss", parameters, counts, sampled_values, accidental, None)
    return reduce_sum(sigmoid_cross_entropy_with_logits(found.labels, found.logits), 1)
