"""Functions of strings in rows: joined elementwise, runs of them, characters put together, rows as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError
from .....dialects.dtypes import INT64, STRING
from ...values.dispatch import as_tensor
from ...values.tensor import Tensor
from ..arguments import list_of, size_along, size_from
from ..logic import equal, greater, logical_and
from ..math import add, maximum, minimum, subtract
from ..select import cast
from ..shape import expand_dims, fill
from ..strings import codes
from ..strings import elements as dense
from ..strings.parts import as_string, unsorted_segment_join
from ..strings.parts import format as format_tensors
from . import splits as rows_
from .elementwise import aligned
from .indexing import boolean_mask
from .joining import concat, rank_of
from .rows import pick_parts
from .tensor import RaggedTensor


def join(inputs: Sequence[Any], separator: Any = "", name: str | None = None) -> RaggedTensor:
    """Elementwise."""
    operands = [_strings(value) for value in inputs]
    ragged, flat = aligned("join", operands)
    return ragged._with_flat(dense.join(flat, separator))


def _strings(value: Any) -> Any:
    return value if isinstance(value, RaggedTensor) else as_tensor(value, STRING, "join: inputs")


def unicode_encode(
    input: Any, output_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD, name: str | None = None
) -> Any:
    """Strings of the characters in the innermost rows."""
    x: RaggedTensor = input
    values: Any = x.values
    if isinstance(values, RaggedTensor):
        return RaggedTensor._of(unicode_encode(values, output_encoding, errors, replacement_char), x.row_splits)
    if values.ndim > 1:
        return x._with_flat(codes.unicode_encode(values, output_encoding, errors, replacement_char))
    each = codes.unicode_encode(expand_dims(values, 1), output_encoding, errors, replacement_char)
    return _joined_rows(RaggedTensor._of(each, x.row_splits), "")


def _joined_rows(x: RaggedTensor, separator: Any) -> Tensor:
    """The strings of each row, joined."""
    return unsorted_segment_join(x.values, x.value_rowids(), rows_.scalar(x._count, INT64), separator)


def ngrams(
    data: Any,
    ngram_width: int | Sequence[int],
    separator: Any = " ",
    pad_values: Any = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> RaggedTensor:
    """Each run of some strings of the innermost rows, joined."""
    x: RaggedTensor = data
    options = separator, pad_values, padding_width, preserve_short_sequences
    values: Any = x.values
    if isinstance(values, RaggedTensor) or values.ndim > 1:
        inner = values if isinstance(values, RaggedTensor) else RaggedTensor.from_tensor(values)
        return RaggedTensor._of(ngrams(inner, ngram_width, *options), x.row_splits)
    widths = [ngram_width] if isinstance(ngram_width, int) else list_of("ngrams", ngram_width, "ngram_width")
    if not widths or min(widths) < 1:
        raise InvalidArgumentError(f"ngrams: ngram_width: expected numbers of 1 or more, got {ngram_width}")
    pads = (pad_values, pad_values) if isinstance(pad_values, str | bytes) else pad_values
    found = [_runs(_padded(x, width, pads, padding_width), width, separator) for width in widths]
    whole = concat(found, 1) if len(found) > 1 else found[0]
    if not preserve_short_sequences:
        return whole
    return concat([whole, _short(x, whole, widths, pads, padding_width, separator)], 1)


def _padded(x: RaggedTensor, width: int, pads: Any, most: int | None) -> RaggedTensor:
    """With padding before and behind each row."""
    if pads is None:
        return x
    count = width - 1 if most is None else min(width - 1, most)
    around = [RaggedTensor.from_tensor(fill([x._count, count], pad)) for pad in pads]
    dtype = x.row_splits.dtype
    return concat([around[0].with_row_splits_dtype(dtype), x, around[1].with_row_splits_dtype(dtype)], 1)


def _runs(x: RaggedTensor, width: int, separator: Any) -> RaggedTensor:
    """The runs of one width of each row."""
    dtype = x.row_splits.dtype
    counts = maximum(subtract(rows_.lengths_of(x.row_splits), cast(width - 1, dtype)), cast(0, dtype))
    starts = x.row_splits[:-1]
    columns = [pick_parts(x.values, add(starts, cast(place, dtype)), counts) for place in range(width)]
    return columns[0]._with_flat(dense.join([column.values for column in columns], separator))


def _short(
    x: RaggedTensor, runs: RaggedTensor, widths: Sequence[int], pads: Any, most: int | None, separator: Any
) -> RaggedTensor:
    """Rows with values, and without runs, as one run each, with as much padding as was asked for."""
    dtype = x.row_splits.dtype
    none = equal(rows_.lengths_of(runs.row_splits), cast(0, dtype))
    lacks = logical_and(none, greater(rows_.lengths_of(x.row_splits), cast(0, dtype)))
    whole = _joined_rows(_padded(x, (most or 0) + 1, pads if most else None, most), separator)
    rows = RaggedTensor._of(whole, rows_.of_equal_length(1, x._count, dtype))
    return boolean_mask(rows, RaggedTensor._of(lacks, rows.row_splits))


def format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None) -> Tensor:
    """A text in which placeholders are replaced by tensors and by the rows of RaggedTensors."""
    values = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    pieces = template.split(placeholder) if placeholder else [template]
    if len(pieces) != len(values) + 1:
        text = f"expected {len(pieces) - 1} tensors, as template says, got {len(values)}"
        raise InvalidArgumentError(f"format: inputs: {text}")
    parts = [as_tensor(pieces[0])]
    for value, piece in zip(values, pieces[1:]):
        ragged = isinstance(value, RaggedTensor)
        parts.append(rows_as_text(value, summarize) if ragged else format_tensors("{}", [value], summarize=summarize))
        parts.append(as_tensor(piece))
    return dense.join(parts)


def rows_as_text(x: Any, summarize: int = 3) -> Tensor:
    """The rows as one string: lists in lists, of which those that are long are shown in part."""
    flat: Tensor = x.flat_values
    if flat.dtype.is_string:
        text = dense.regex_replace(dense.regex_replace(flat, r"\\", r"\\\\"), "'", r"\\'")
        flat = dense.join(["'", text, "'"])
    else:
        flat = as_string(flat)
    rows = _rows_text(x._with_flat(flat), summarize)
    return _rows_text(RaggedTensor._of(rows, rows_.of_equal_length(size_along(rows, 0), 1, INT64)), summarize)[0]


def _rows_text(x: Any, ends: int) -> Tensor:
    """Each row of strings, or of rows again, as a string."""
    if isinstance(x, Tensor):
        x = RaggedTensor.from_tensor(x, ragged_rank=x.ndim - 1)
    if rank_of(x.values) > 1:
        x = RaggedTensor._of(_rows_text(x.values, ends), x.row_splits)
    return dense.join(["[", _joined_rows(_shortened(x, ends), ", "), "]"])


def _shortened(x: RaggedTensor, ends: int) -> RaggedTensor:
    """Rows of which what is not near their ends is replaced by dots."""
    if ends < 0:
        return x
    dtype = x.row_splits.dtype
    lengths = rows_.lengths_of(x.row_splits)
    long = greater(lengths, cast(2 * ends, dtype))
    first = pick_parts(x.values, x.row_splits[:-1], minimum(lengths, cast(ends, dtype)))
    count = minimum(maximum(subtract(lengths, cast(ends, dtype)), cast(0, dtype)), cast(ends, dtype))
    last = pick_parts(x.values, subtract(x.row_splits[1:], count), count)
    splits = rows_.from_lengths(cast(long, dtype))
    dots = RaggedTensor._of(fill([size_from(rows_.last(splits))], "..."), splits)
    return concat([first, dots, last], 1)
