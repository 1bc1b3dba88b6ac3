"""What sequences of class scores say, for models trained with `nn.ctc_loss`."""

from __future__ import annotations

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64
from .....dialects.public import public
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import check, flag_of, indices_tensor, int64_of, size_along, size_of
from ..index import gather_nd
from ..index import range as counting
from ..logic import greater_equal, less, less_equal, logical_and, not_equal
from ..masks import nonzero
from ..math import negative, subtract
from ..movement import concat, stack
from ..reduce import argmax, reduce_all, reduce_max, reduce_sum
from ..scan import cumsum
from ..select import cast, where
from ..shape import expand_dims, reshape, transpose, zeros_like
from ..sparse.tensor import SparseTensor


@public("nn")
def ctc_greedy_decoder(
    inputs: TensorLike, sequence_length: TensorLike, merge_repeated: bool = True, blank_index: int | None = None
) -> tuple[list[SparseTensor], Tensor]:
    """The class with the greatest score at each step, without blanks.

    Args:
        inputs: scores of shape `[steps, batch, classes]`.
        sequence_length: how many steps each sequence has.
        merge_repeated: whether a class that is the greatest in steps that follow each other counts once.
        blank_index: the class that means none; the last one if not given, and from the end if negative.

    Returns:
        A list of one SparseTensor of shape `[batch, longest]` with the classes of each sequence, as int64; and for each
        sequence minus the sum of its greatest scores, of shape `[batch, 1]`.

    Example:
        >>> import stepwell as sw
        >>> scores = sw.one_hot([[0], [0], [2], [1]], 3)
        >>> [found], _ = sw.nn.ctc_greedy_decoder(scores, [4])
        >>> sw.sparse.to_dense(found).numpy().tolist()
        [[0, 1]]
    """
    function = "ctc_greedy_decoder"
    x = as_tensor(inputs, name=f"{function}: inputs")
    if not x.dtype.is_floating:
        raise InvalidTypeError(f"{function}: inputs: expected floats, got dtype {x.dtype.name}")
    if x.ndim != 3:
        raise InvalidArgumentError(f"{function}: inputs: expected shape [steps, batch, classes], got {x.shape}")
    lengths = cast(indices_tensor(function, sequence_length, "sequence_length"), INT64)
    _check_lengths(function, x, lengths)
    blank = _blank(function, x, blank_index)
    best = argmax(x, 2)
    steps = expand_dims(counting(int64_of(size_along(x, 0))), 1)
    present = less(steps, expand_dims(lengths, 0))
    kept = logical_and(present, not_equal(best, blank))
    if flag_of(function, merge_repeated, "merge_repeated"):
        before = concat([subtract(zeros_like(best[:1]), np.int64(1)), best[:-1]], 0)
        kept = logical_and(kept, not_equal(best, before))
    scores = where(present, reduce_max(x, 2), zeros_like(x[:, :, 0]))
    return [_packed(best, kept)], expand_dims(negative(reduce_sum(scores, 0)), 1)


def _check_lengths(function: str, x: Tensor, lengths: Tensor) -> None:
    if lengths.ndim != 1 or (lengths.shape[0] != x.shape[1] and None not in (lengths.shape[0], x.shape[1])):
        text = f"expected a number for each of {x.shape[1]} sequences, got shape {lengths.shape}"
        raise InvalidArgumentError(f"{function}: sequence_length: {text}")
    steps = int64_of(size_along(x, 0))
    inside = logical_and(greater_equal(lengths, np.int64(0)), less_equal(lengths, steps))
    check(
        reduce_all(inside), f"{function}: sequence_length: expected numbers from 0 to {{0}}, got {{1}}", steps, lengths
    )


def _blank(function: str, x: Tensor, index: int | None) -> Tensor:
    """The class that means none."""
    count = int64_of(size_along(x, 2))
    given = int64_of(size_of(function, -1 if index is None else index, "blank_index"))
    found = where(less(given, np.int64(0)), given + count, given)
    inside = logical_and(greater_equal(found, np.int64(0)), less(found, count))
    check(inside, f"{function}: blank_index: expected one of {{0}} classes, got {{1}}", count, given)
    return found


def _packed(best: Tensor, kept: Tensor) -> SparseTensor:
    """For each sequence, a column, the classes that are kept, one after the other."""
    order = cumsum(cast(kept, INT64), 0)
    longest = reduce_max(concat([reshape(order, [-1]), as_tensor(np.zeros(1, np.int64))], 0))
    places = nonzero(transpose(kept))
    swapped = stack([places[:, 1], places[:, 0]], 1)
    columns = subtract(gather_nd(order, swapped), np.int64(1))
    sizes = stack([int64_of(size_along(best, 1)), longest])
    return SparseTensor(stack([places[:, 0], columns], 1), gather_nd(best, swapped), sizes)
