"""`parse_example`, `parse_single_example`: the tensors of serialized messages `Example`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor, TensorLike
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import STRING
from ....dialects.public import public
from .calls import host_call
from .columns import Column, column_of
from .messages import Example
from .partitions import RaggedFeature, rows_column
from .values import Row, message_of, rows_where


@public("io")
def parse_example(
    serialized: TensorLike, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """The tensors of the features of serialized messages `Example`.

    Args:
        serialized: a vector of strings, one for each example, or one string, as for `parse_single_example`.
        features: for each name of a feature a `FixedLenFeature`, `FixedLenSequenceFeature`, `VarLenFeature`,
            `SparseFeature` or `RaggedFeature`; other features of the messages are left out.
        example_names: names of the examples, for errors.
        name: not used.

    Returns a dict of tensors, SparseTensors and RaggedTensors, whose first axis is that of the examples. Raises
    InvalidArgumentError, with the index of the example and the name of the feature, for a feature that is missing, or
    has values of another dtype or another number of values.

    Example:
        >>> import stepwell as sw
        >>> def example(*values):
        ...     numbers = sw.train.Feature(float_list=sw.train.FloatList(value=values))
        ...     return sw.train.Example(features=sw.train.Features(feature={"x": numbers})).SerializeToString()
        >>> features = {"x": sw.io.FixedLenFeature([2], sw.float32)}
        >>> sw.io.parse_example([example(1, 2), example(3, 4)], features)["x"].numpy().tolist()
        [[1.0, 2.0], [3.0, 4.0]]
    """
    return _parsed("parse_example", serialized, features, example_names)


@public("io")
def parse_single_example(
    serialized: TensorLike, features: Mapping[str, Any], example_names: Any = None, name: str | None = None
) -> dict[str, Any]:
    """The tensors of the features of one serialized message `Example`; see `parse_example`.

    Args:
        serialized: one string.
        features: what each feature is parsed to, by name.
        example_names: a name of the example, for errors.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> label = sw.train.Feature(int64_list=sw.train.Int64List(value=[7]))
        >>> example = sw.train.Example(features=sw.train.Features(feature={"label": label}))
        >>> features = {"label": sw.io.FixedLenFeature([], sw.int64)}
        >>> int(sw.io.parse_single_example(example.SerializeToString(), features)["label"])
        7
    """
    text = as_tensor(serialized, STRING, "parse_single_example: serialized")
    if text.shape.rank != 0:
        raise InvalidArgumentError(f"parse_single_example: serialized: expected a scalar, got shape {text.shape}")
    return _parsed("parse_single_example", text, features, example_names)


def _parsed(function: str, serialized: TensorLike, features: Any, names: Any) -> dict[str, Any]:
    if not isinstance(features, Mapping) or not features:
        raise InvalidArgumentError(f"{function}: features: expected a dict with a feature or more, got {features!r}")
    text = serialized_tensor(function, serialized)
    columns = [any_column(function, key, feature) for key, feature in features.items()]
    single = text.shape.rank == 0
    specs = [c.single_specs() if single else c.specs(text.shape[0]) for c in columns]

    def run(messages: np.ndarray, *given: np.ndarray) -> list[np.ndarray]:
        items = messages.reshape(-1).tolist()
        where = rows_where(function, len(items), single, *given)
        pairs = zip(where, items, strict=True)
        rows = [Row(each, message_of(each, Example, item).features.feature) for each, item in pairs]
        return [array for column in columns for array in arrays_of(column, rows, single)]

    inputs = [text, *names_of(function, names)]
    return packed(columns, host_call(function, run, inputs, [spec for each in specs for spec in each]), single)


def any_column(function: str, key: str, feature: Any) -> Column:
    """The column that a feature's description says."""
    if isinstance(feature, RaggedFeature):
        return rows_column(f"{function}: features: {key!r}", key, feature)
    return column_of(function, key, feature)


def arrays_of(column: Column, rows: Sequence[Row], single: bool) -> list[np.ndarray]:
    """The arrays of a column, for some examples or one by itself."""
    return column.of_one(rows[0]) if single else column.arrays(rows)


def packed(columns: Sequence[Column], tensors: Sequence[Tensor], single: bool) -> dict[str, Any]:
    """Columns by name, of tensors one after the other; `single`: of an example by itself."""
    found, rest = {}, list(tensors)
    for column in columns:
        count = column.count(single)
        found[column.key] = column.pack(rest[:count])
        rest = rest[count:]
    return found


def serialized_tensor(function: str, serialized: TensorLike) -> Tensor:
    """One string or a vector of them. Raises InvalidArgumentError for others."""
    text = as_tensor(serialized, STRING, f"{function}: serialized")
    if text.shape.rank not in (0, 1):
        raise InvalidArgumentError(f"{function}: serialized: expected a scalar or a vector, got shape {text.shape}")
    return text


def names_of(function: str, names: Any) -> list[Tensor]:
    """The names of examples, if there are any."""
    return [] if names is None else [as_tensor(names, STRING, f"{function}: example_names")]
