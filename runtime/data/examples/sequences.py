"""`parse_sequence_example`, `parse_single_sequence_example`: the tensors of serialized messages `SequenceExample`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....compiler.frontend.ops.sparse.tensor import SparseTensor
from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor, TensorLike
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import INT64, STRING, DType
from ....dialects.public import public
from .calls import host_call
from .columns import Column, empty, known_shape, listed, padded, padding_of, sparse_specs, without_row
from .features import FixedLenFeature, FixedLenSequenceFeature, SparseFeature, VarLenFeature
from .messages import SequenceExample
from .parse import any_column, arrays_of, names_of, packed, serialized_tensor
from .partitions import RaggedFeature
from .values import Row, feature_dtype, feature_values, message_of, rows_where


@dataclass(frozen=True)
class StepsColumn(Column):
    """A list with as many values in each step, which become a tensor padded to the longest list.

    Attributes:
        optional: whether an example without the list has no steps.
    """

    key: str
    dtype: DType
    shape: tuple[int, ...]
    optional: bool
    padding: Any

    def specs(self, count: int | None) -> list[TensorSpec]:
        return [TensorSpec([count, None, *self.shape], self.dtype), TensorSpec([count], INT64)]

    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """The values, and the number of steps of each example."""
        parts = [self._steps(row) for row in rows]
        return [padded(parts, self.shape, self.dtype, self.padding), np.array([*map(len, parts)], np.int64)]

    def _steps(self, row: Row) -> np.ndarray:
        """The values of one example."""
        steps = _steps(row, self.key, self.dtype)
        if steps is None:
            if not self.optional:
                text = "is required but could not be found; allow_missing=True makes it one without steps"
                raise InvalidArgumentError(f"{row.where}: Feature list '{self.key}' {text}")
            steps = []
        size = int(np.prod(self.shape, dtype=int))
        for index, step in enumerate(steps):
            if len(step) != size:
                text = f"expected {size} values, as shape {list(self.shape)} has, got {len(step)}"
                raise InvalidArgumentError(f"{row.where}: Feature list: {self.key}, Index: {index}: {text}")
        return np.concatenate([empty(self.dtype), *steps]).reshape((len(steps), *self.shape))


@dataclass(frozen=True)
class RaggedStepsColumn(Column):
    """A list with any number of values in each step, as a SparseTensor with a row for each step of each example."""

    key: str
    dtype: DType

    def specs(self, count: int | None) -> list[TensorSpec]:
        return sparse_specs(3, self.dtype)

    def arrays(self, rows: Sequence[Row]) -> list[np.ndarray]:
        """Indices, values and the shape."""
        lists = [listed(_steps(row, self.key, self.dtype) or [], self.dtype) for row in rows]
        indices = [np.insert(part[0], 0, number, axis=1) for number, part in enumerate(lists)]
        sizes = np.max(np.stack([np.zeros(2, np.int64), *(part[2] for part in lists)]), axis=0)
        return [
            np.concatenate([np.empty((0, 3), np.int64), *indices]),
            np.concatenate([empty(self.dtype), *(part[1] for part in lists)]),
            np.array([len(rows), *sizes], np.int64),
        ]

    def pack(self, tensors: Sequence[Tensor]) -> Any:
        return SparseTensor(*tensors)

    def single_specs(self) -> list[TensorSpec]:
        return sparse_specs(2, self.dtype)

    def single(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        return without_row(arrays)


def _steps(row: Row, key: str, dtype: DType) -> list[np.ndarray] | None:
    """The values of each step of a list; None if it is missing."""
    found = row.features.get(key)
    if found is None:
        return None
    where = f"{row.where}: Feature list: {key}, Index: "
    values = [feature_values(f"{where}{index}", step, dtype) for index, step in enumerate(found.feature)]
    return [empty(dtype) if step is None else step for step in values]


@public("io")
def parse_sequence_example(
    serialized: TensorLike,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Tensor]]:
    """The tensors of serialized messages `SequenceExample`.

    Args:
        serialized: a vector of strings, one for each example.
        context_features: a `FixedLenFeature`, `VarLenFeature` or `SparseFeature` for each name of a feature of a whole
            sequence.
        sequence_features: a `FixedLenSequenceFeature` or `VarLenFeature` for each name of a list, which has a feature
            for each step.
        example_names: names of the examples, for errors.
        name: not used.

    Returns three dicts: the features of whole sequences, those of the steps, padded to the longest sequence, and for
    each list of `FixedLenSequenceFeature` the number of steps of each example. Raises InvalidArgumentError for features
    that are missing, or are not as described.

    Example:
        >>> import stepwell as sw
        >>> def sequence(*words):
        ...     steps = [sw.train.Feature(bytes_list=sw.train.BytesList(value=[word])) for word in words]
        ...     lists = sw.train.FeatureLists(feature_list={"words": sw.train.FeatureList(feature=steps)})
        ...     return sw.train.SequenceExample(feature_lists=lists).SerializeToString()
        >>> features = {"words": sw.io.FixedLenSequenceFeature([], sw.string)}
        >>> _, found, lengths = sw.io.parse_sequence_example(
        ...     [sequence(b"a", b"b"), sequence(b"c")], sequence_features=features
        ... )
        >>> found["words"].numpy().tolist(), lengths["words"].numpy().tolist()
        ([[b'a', b'b'], [b'c', b'']], [2, 1])
    """
    function = "parse_sequence_example"
    text = serialized_tensor(function, serialized)
    if text.shape.rank != 1:
        raise InvalidArgumentError(f"{function}: serialized: expected a vector, got shape {text.shape}")
    return _parsed(function, text, context_features, sequence_features, example_names)


@public("io")
def parse_single_sequence_example(
    serialized: TensorLike,
    context_features: Mapping[str, Any] | None = None,
    sequence_features: Mapping[str, Any] | None = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors of one serialized message `SequenceExample`; see `parse_sequence_example`.

    Args:
        serialized: one string.
        context_features: what each feature of the whole sequence is parsed to, by name.
        sequence_features: what each list is parsed to, by name.
        example_name: a name of the example, for errors.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> steps = [sw.train.Feature(int64_list=sw.train.Int64List(value=[n, n + 1])) for n in range(3)]
        >>> lists = sw.train.FeatureLists(feature_list={"n": sw.train.FeatureList(feature=steps)})
        >>> message = sw.train.SequenceExample(feature_lists=lists).SerializeToString()
        >>> features = {"n": sw.io.FixedLenSequenceFeature([2], sw.int64)}
        >>> sw.io.parse_single_sequence_example(message, sequence_features=features)[1]["n"].numpy().tolist()
        [[0, 1], [1, 2], [2, 3]]
    """
    function = "parse_single_sequence_example"
    text = as_tensor(serialized, STRING, f"{function}: serialized")
    if text.shape.rank != 0:
        raise InvalidArgumentError(f"{function}: serialized: expected a scalar, got shape {text.shape}")
    context, lists, _ = _parsed(function, text, context_features, sequence_features, example_name)
    return context, lists


def _parsed(
    function: str, text: Tensor, context_features: Any, sequence_features: Any, names: Any
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Tensor]]:
    if not context_features and not sequence_features:
        raise InvalidArgumentError(f"{function}: expected context_features or sequence_features, got neither")
    single = text.shape.rank == 0
    context = [_context_column(function, key, feature) for key, feature in (context_features or {}).items()]
    lists = [_list_column(function, key, feature) for key, feature in (sequence_features or {}).items()]

    def run(messages: np.ndarray, *given: np.ndarray) -> list[np.ndarray]:
        items = messages.reshape(-1).tolist()
        where = rows_where(function, len(items), single, *given)
        parsed = [message_of(each, SequenceExample, item) for each, item in zip(where, items, strict=True)]
        whole = [Row(each, one.context.feature) for each, one in zip(where, parsed, strict=True)]
        steps = [Row(each, one.feature_lists.feature_list) for each, one in zip(where, parsed, strict=True)]
        pairs = [*((column, whole) for column in context), *((column, steps) for column in lists)]
        return [array for column, rows in pairs for array in arrays_of(column, rows, single)]

    specs = [spec for c in [*context, *lists] for spec in (c.single_specs() if single else c.specs(text.shape[0]))]
    tensors = host_call(function, run, [text, *names_of(function, names)], specs)
    begin = sum(column.count(single) for column in context)
    rest = tensors[begin:]
    return packed(context, tensors[:begin], single), packed(lists, rest, single), _lengths(lists, rest, single)


def _lengths(columns: Sequence[Column], tensors: Sequence[Tensor], single: bool) -> dict[str, Tensor]:
    """The second array of each column of steps."""
    found, begin = {}, 0
    for column in columns:
        if isinstance(column, StepsColumn):
            found[column.key] = tensors[begin + 1]
        begin += column.count(single)
    return found


def _context_column(function: str, key: str, feature: Any) -> Column:
    if not isinstance(feature, FixedLenFeature | VarLenFeature | SparseFeature | RaggedFeature):
        text = f"expected a FixedLenFeature, VarLenFeature, SparseFeature or RaggedFeature, got {feature!r}"
        raise InvalidArgumentError(f"{function}: context_features: {key!r}: {text}")
    return any_column(function, key, feature)


def _list_column(function: str, key: str, feature: Any) -> Column:
    where = f"{function}: sequence_features: {key!r}"
    match feature:
        case FixedLenSequenceFeature():
            dtype = feature_dtype(where, feature.dtype)
            padding = padding_of(where, feature.default_value, dtype)
            return StepsColumn(key, dtype, known_shape(where, feature.shape), bool(feature.allow_missing), padding)
        case VarLenFeature():
            return RaggedStepsColumn(key, feature_dtype(where, feature.dtype))
    raise InvalidArgumentError(f"{where}: expected a FixedLenSequenceFeature or VarLenFeature, got {feature!r}")
