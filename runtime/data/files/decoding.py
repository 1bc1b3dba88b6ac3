"""`decode_csv`: the fields of records in text, as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ....compiler.frontend.tracing.signature import TensorSpec
from ....compiler.frontend.values.dispatch import as_tensor
from ....compiler.frontend.values.tensor import Tensor, TensorLike
from ....dialects.diagnostics import InvalidArgumentError
from ....dialects.dtypes import STRING, DType
from ....dialects.public import public
from ....dialects.strings import of_list
from ..examples.calls import host_call
from .fields import Field, Format, field_of, format_of, increasing


@public("io")
def decode_csv(
    records: TensorLike,
    record_defaults: Sequence[Any],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
    name: str | None = None,
) -> list[Tensor]:
    r"""The fields of records as tensors, one for each column, of the shape of `records`.

    Args:
        records: strings of any shape; each is one record, in the format of RFC 4180.
        record_defaults: for each column a tensor with the value of a field that is empty, whose dtype is that of the
            column: float32, float64, int32, int64 or string. One without elements says that the field is required.
        field_delim: one character, which divides fields.
        use_quote_delim: whether fields may be in quotes.
        na_value: the text of fields that have no value, besides an empty one.
        select_cols: the indices of the columns that are taken, in order; all if None.
        name: not used.

    Raises InvalidArgumentError, with the index of the record and of the field, for another number of fields, a value
    that is none of the dtype, a required field that is empty, and quotes that are not as in RFC 4180.

    Example:
        >>> import stepwell as sw
        >>> numbers, names = sw.io.decode_csv(["1,one", "2,"], record_defaults=[[0], ["none"]])
        >>> numbers.numpy().tolist(), names.numpy().tolist()
        ([1, 2], [b'one', b'none'])
    """
    what = "decode_csv"
    text = as_tensor(records, STRING, f"{what}: records")
    if not len(record_defaults):
        raise InvalidArgumentError(f"{what}: record_defaults: expected one for each column, got none")
    columns = range(len(record_defaults)) if select_cols is None else increasing(f"{what}: select_cols", select_cols)
    if len(columns) != len(record_defaults):
        counts = f"expected {len(columns)}, as there are select_cols, got {len(record_defaults)}"
        raise InvalidArgumentError(f"{what}: record_defaults: {counts}")
    fields = [field_of(what, index, value, False) for index, value in zip(columns, record_defaults, strict=True)]
    rules = format_of(what, field_delim, use_quote_delim, na_value)

    def run(given: np.ndarray) -> list[np.ndarray]:
        rows = [
            row_of(f"{what}: record {index}", rules, fields, item, select_cols is not None)
            for index, item in enumerate(given.reshape(-1).tolist())
        ]
        parts = [[row[place] for row in rows] for place in range(len(fields))]
        return [column(part, each.dtype, given.shape) for part, each in zip(parts, fields, strict=True)]

    return host_call(what, run, [text], [TensorSpec(text.shape, each.dtype) for each in fields])


def row_of(where: str, rules: Format, fields: Sequence[Field], record: bytes, selected: bool) -> list[Any]:
    """The values of a record's fields; others are left out if they are `selected`, and an error if not."""
    texts = rules.split(where, record)
    count = fields[-1].index + 1
    if len(texts) < count or (len(texts) > count and not selected):
        raise InvalidArgumentError(f"{where}: Expect {count} fields but have {len(texts)}")
    return [each.value(where, texts[each.index], rules.missing) for each in fields]


def column(values: list[Any], dtype: DType, shape: Sequence[int]) -> np.ndarray:
    """Values of one dtype as an array."""
    return of_list(values, shape) if dtype is STRING else np.array(values, dtype.dtype).reshape(shape)
