"""How RaggedTensors are made of values and of what says in which row each value is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import INT64
from ...values.composite import Composite
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor, TensorLike
from ..arguments import Size, check, list_of, plus, shown, size_along, size_from, times
from ..logic import equal, less_equal
from ..math import floordiv, maximum
from ..movement import concat
from . import splits as rows_

if TYPE_CHECKING:
    from .tensor import RaggedTensor


class Factories(Composite):
    """The class methods of `RaggedTensor` that make one of values and row partitions."""

    __slots__ = ()

    if TYPE_CHECKING:
        row_splits: Tensor

        @classmethod
        def _of(cls, values: Tensor | RaggedTensor, splits: Tensor, uniform: Size | None = None) -> RaggedTensor: ...

    @classmethod
    def from_row_splits(
        cls, values: Any, row_splits: TensorLike, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """The rows `values[row_splits[i]:row_splits[i + 1]]`.

        Args:
            values: a tensor or RaggedTensor, the values of all rows.
            row_splits: where rows end, with 0 before; int32 or int64.
            name: not used.
            validate: whether it is checked, when it runs, that these are splits of the values.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_row_splits([3, 1, 4, 1, 5], [0, 4, 4, 5])
            <tf.RaggedTensor [[3, 1, 4, 1], [], [5]]>
        """
        found = rows_.partition("from_row_splits", row_splits, "row_splits")
        if found.shape[0] == 0:
            raise InvalidArgumentError(
                "RaggedTensor.from_row_splits: row_splits: expected at least one element, got none"
            )
        whole, found = values_with("from_row_splits", values, found)
        if validate:
            rows_.check_splits("from_row_splits", found, size_of_values(whole))
        return cls._of(whole, found)

    @classmethod
    def from_row_lengths(
        cls, values: Any, row_lengths: TensorLike, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of given lengths, which follow each other in `values`.

        Args:
            values: a tensor or RaggedTensor, the values of all rows.
            row_lengths: how many values each row has; int32 or int64.
            name: not used.
            validate: whether it is checked, when it runs, that the lengths are those of the values.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_row_lengths([3, 1, 4, 1, 5], [4, 0, 1])
            <tf.RaggedTensor [[3, 1, 4, 1], [], [5]]>
        """
        lengths = rows_.partition("from_row_lengths", row_lengths, "row_lengths")
        whole, lengths = values_with("from_row_lengths", values, lengths)
        found = rows_.from_lengths(lengths)
        if validate:
            rows_.check_not_negative("from_row_lengths", lengths, "row_lengths")
            _check_end("from_row_lengths", "row_lengths", rows_.last(found), whole)
        return cls._of(whole, found)

    @classmethod
    def from_value_rowids(
        cls,
        values: Any,
        value_rowids: TensorLike,
        nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> RaggedTensor:
        """Rows of values, of which each is given the number of its row.

        Args:
            values: a tensor or RaggedTensor, the values of all rows.
            value_rowids: the number of the row of each value, in ascending order; int32 or int64.
            nrows: how many rows there are; by default as many as the last number says.
            name: not used.
            validate: whether it is checked, when it runs, that the numbers fit.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_value_rowids([3, 1, 4, 1, 5], [0, 0, 0, 0, 2], nrows=4)
            <tf.RaggedTensor [[3, 1, 4, 1], [], [5], []]>
        """
        where = "from_value_rowids"
        ids = rows_.partition(where, value_rowids, "value_rowids")
        whole, ids = values_with(where, values, ids)
        own = size_of_values(whole)
        count: Size = _one_more(ids) if nrows is None else rows_.known(nrows, where, "nrows")
        if validate:
            _check_same(where, "value_rowids", ids, own)
            rows_.check_not_negative(where, ids, "value_rowids")
            text = f"RaggedTensor.{where}: value_rowids: expected integers in ascending order, got {{0}}"
            check(rows_.ascending(ids), text, ids)
            end, limit = rows_.greatest(ids, -1), rows_.scalar(count, ids)
            text = f"RaggedTensor.{where}: nrows: expected more than {{0}}, the last of value_rowids, got {{1}}"
            check(less_equal(end, limit - rows_.scalar(1, ids)), text, end, limit)
        return cls._of(whole, rows_.from_row_ids(ids, count))

    @classmethod
    def from_row_starts(
        cls, values: Any, row_starts: TensorLike, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows that begin at given positions, each up to where the next one begins.

        Args:
            values: a tensor or RaggedTensor, the values of all rows.
            row_starts: where rows begin: 0 first, in ascending order; int32 or int64.
            name: not used.
            validate: whether it is checked, when it runs, that these are positions of the values.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_row_starts([3, 1, 4, 1, 5], [0, 4, 4])
            <tf.RaggedTensor [[3, 1, 4, 1], [], [5]]>
        """
        starts = rows_.partition("from_row_starts", row_starts, "row_starts")
        whole, starts = values_with("from_row_starts", values, starts)
        found = concat([starts, rows_.scalar(size_of_values(whole), starts)[None]], 0)
        if validate:
            rows_.check_splits("from_row_starts", found, size_of_values(whole), "row_starts")
        return cls._of(whole, found)

    @classmethod
    def from_row_limits(
        cls, values: Any, row_limits: TensorLike, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows that end at given positions, each from where the one before ends.

        Args:
            values: a tensor or RaggedTensor, the values of all rows.
            row_limits: where rows end, in ascending order; int32 or int64.
            name: not used.
            validate: whether it is checked, when it runs, that these are positions of the values.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_row_limits([3, 1, 4, 1, 5], [4, 4, 5])
            <tf.RaggedTensor [[3, 1, 4, 1], [], [5]]>
        """
        limits = rows_.partition("from_row_limits", row_limits, "row_limits")
        whole, limits = values_with("from_row_limits", values, limits)
        found = concat([rows_.scalar(0, limits)[None], limits], 0)
        if validate:
            rows_.check_not_negative("from_row_limits", limits, "row_limits")
            rows_.check_splits("from_row_limits", found, size_of_values(whole), "row_limits")
        return cls._of(whole, found)

    @classmethod
    def from_uniform_row_length(
        cls,
        values: Any,
        uniform_row_length: Any,
        nrows: Any = None,
        validate: bool = True,
        name: str | None = None,
    ) -> RaggedTensor:
        """Rows of one length, which the shape tells.

        Args:
            values: a tensor or RaggedTensor, the values of all rows.
            uniform_row_length: how many values each row has.
            nrows: how many rows there are; needed only if rows have no values.
            validate: whether it is checked, when it runs, that the length is that of the values.
            name: not used.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_uniform_row_length(sw.ragged.constant([[1, 2], [3], [], [4]]), 2).to_list()
            [[[1, 2], [3]], [[], [4]]]
        """
        where = "from_uniform_row_length"
        whole: Any = values_of(where, values)
        dtype = INT64 if isinstance(whole, Tensor) else whole.row_splits.dtype
        length, own = rows_.known(uniform_row_length, where, "uniform_row_length"), size_of_values(whole)
        count = _count_of_equal(length, own) if nrows is None else rows_.known(nrows, where, "nrows")
        if validate:
            found, total = rows_.scalar(times(length, count), INT64), rows_.scalar(own, INT64)
            text = f"RaggedTensor.{where}: values: expected {{0}} for all rows of uniform_row_length, got {{1}}"
            check(equal(found, total), text, found, total)
        return cls._of(whole, rows_.of_equal_length(length, count, dtype), length)

    @classmethod
    def from_nested_row_splits(
        cls, flat_values: Any, nested_row_splits: Sequence[Any], name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of rows …: the splits of the outer ones come first.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_nested_row_splits([1, 2, 3], [[0, 2], [0, 1, 3]])
            <tf.RaggedTensor [[[1], [2, 3]]]>
        """
        return cls._nested("from_nested_row_splits", cls.from_row_splits, flat_values, nested_row_splits, validate)

    @classmethod
    def from_nested_row_lengths(
        cls, flat_values: Any, nested_row_lengths: Sequence[Any], name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Rows of rows …: the lengths of the outer ones come first.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_nested_row_lengths([1, 2, 3], [[2], [1, 2]])
            <tf.RaggedTensor [[[1], [2, 3]]]>
        """
        return cls._nested("from_nested_row_lengths", cls.from_row_lengths, flat_values, nested_row_lengths, validate)

    @classmethod
    def from_nested_value_rowids(
        cls,
        flat_values: Any,
        nested_value_rowids: Sequence[Any],
        nested_nrows: Sequence[Any] | None = None,
        name: str | None = None,
        validate: bool = True,
    ) -> RaggedTensor:
        """Rows of rows …: the numbers of the outer ones come first.

        Example:
            >>> import stepwell as sw
            >>> sw.RaggedTensor.from_nested_value_rowids([1, 2, 3], [[0, 0], [0, 1, 1]])
            <tf.RaggedTensor [[[1], [2, 3]]]>
        """
        ids = _levels("from_nested_value_rowids", nested_value_rowids, "nested_value_rowids")
        counts = [None] * len(ids) if nested_nrows is None else list(nested_nrows)
        if len(counts) != len(ids):
            text = f"expected {len(ids)} as in nested_value_rowids, got {len(counts)}"
            raise InvalidArgumentError(f"RaggedTensor.from_nested_value_rowids: nested_nrows: {text}")
        found = flat_values
        for each, count in zip(reversed(ids), reversed(counts)):
            found = cls.from_value_rowids(found, each, count, validate=validate)
        return found

    @classmethod
    def _nested(cls, function: str, make: Any, values: Any, partitions: Any, validate: bool) -> RaggedTensor:
        argument = function.removeprefix("from_")
        for each in reversed(_levels(function, partitions, argument)):
            values = make(values, each, validate=validate)
        return values


def _levels(function: str, value: Any, argument: str) -> list[Any]:
    """The partitions of nested rows, one or more; a tensor is no list of them."""
    if isinstance(value, Tensor | np.ndarray):
        raise InvalidTypeError(f"RaggedTensor.{function}: {argument}: expected a list of tensors, got {shown(value)}")
    return list_of(f"RaggedTensor.{function}", value, argument)


def values_of(function: str, values: Any) -> Any:
    """A RaggedTensor, or a tensor of at least one axis."""
    if isinstance(values, Factories):
        return values
    found = as_tensor(values, name=f"RaggedTensor.{function}: values")
    if not found.ndim:
        raise InvalidArgumentError(f"RaggedTensor.{function}: values: expected at least one axis, got a scalar")
    return found


def values_with(function: str, values: Any, partition: Tensor) -> tuple[Any, Tensor]:
    """Values, and a partition of the dtype that splits within them have, unless a tensor of another one was given."""
    found = values_of(function, values)
    if isinstance(found, Factories) and found.row_splits.dtype != partition.dtype:
        own = found.row_splits.dtype.name
        text = f"expected splits of one dtype, got {partition.dtype.name} and, within values, {own}"
        raise InvalidTypeError(f"RaggedTensor.{function}: {text}; use with_row_splits_dtype")
    return found, partition


def size_of_values(values: Any) -> Size:
    """How many values there are along the first axis."""
    return rows_.count_of_rows(values.row_splits) if isinstance(values, Factories) else size_along(values, 0)


def _one_more(ids: Tensor) -> Size:
    end = rows_.greatest(ids, -1)
    return plus(size_from(end), 1)


def _count_of_equal(length: Size, own: Size) -> Size:
    """How many rows of one length there are; none of no values."""
    if isinstance(length, int) and isinstance(own, int):
        return own // length if length else 0
    divisor = rows_.scalar(length, INT64)
    return floordiv(rows_.scalar(own, INT64), maximum(divisor, np.int64(1)))


def _check_end(function: str, argument: str, end: Tensor, values: Any) -> None:
    total = rows_.scalar(size_of_values(values), end)
    text = f"RaggedTensor.{function}: {argument}: expected a sum of {{1}}, the number of values, got {{0}}"
    check(equal(end, total), text, end, total)


def _check_same(function: str, argument: str, vector: Tensor, own: Size) -> None:
    count = size_along(vector, 0)
    text = f"RaggedTensor.{function}: {argument}: expected {{1}} elements, one for each value, got {{0}}"
    check(
        equal(rows_.scalar(count, INT64), rows_.scalar(own, INT64)),
        text,
        rows_.scalar(count, INT64),
        rows_.scalar(own, INT64),
    )
