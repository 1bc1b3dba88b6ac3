"""Public functions that take strings apart, join them along axes, and convert numbers to strings and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import FLOAT32, INT64, DTypeLike, dtype_named
from .....dialects.hl import string_parts as ops
from .....dialects.public import public
from .....dialects.strings import as_bytes, printable
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Axis, Tensor, TensorLike, is_tensor
from ..arguments import axis_of, flag_of, shown
from ..movement import concat, pad
from ..ragged.pieces import Pieces, pieces
from ..reduce import reduce_sum
from ..select import cast
from .elements import join, strings_of, text_of


@public("strings")
def split(input: TensorLike, sep: object = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of each string between separators.

    Args:
        input: strings, a tensor or a RaggedTensor.
        sep: the separator; without it, spaces, of which several are as one. Known when a function is traced.
        maxsplit: at how many separators a string is split; -1 for all.
        name: not used.

    Returns:
        A vector for one string; a RaggedTensor with one axis more for several.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.split("a b  c").numpy().tolist()
        [b'a', b'b', b'c']
        >>> sw.strings.split(["a b  c", "d"])
        <tf.RaggedTensor [[b'a', b'b', b'c'], [b'd']]>
        >>> sw.strings.split("dir/cats/1.png", "/")[-2].numpy()
        b'cats'
    """
    separator = "" if sep is None else text_of("split", sep, "sep")
    return _parts("split", input, ops.SEPARATOR if separator else ops.SPACES, separator, int(maxsplit))


@public("strings")
def bytes_split(input: TensorLike, name: str | None = None) -> Any:
    """The bytes of each string, each a string: a vector for one string, a RaggedTensor for several.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.bytes_split("abc").numpy().tolist()
        [b'a', b'b', b'c']
    """
    return _parts("bytes_split", input, ops.EACH_BYTE, "", -1)


def _parts(function: str, input: TensorLike, by: str, separator: str, limit: int) -> Any:
    attrs = {"by": by, "separator": separator, "limit": limit}

    def of_vector(x: Tensor) -> Pieces:
        counts = apply(ops.StringPartCountsOp, x, **attrs)
        return counts, [apply(ops.StringPartsOp, x, reduce_sum(counts), **attrs)]

    return pieces(function, input, of_vector)[0]


@public("strings")
def reduce_join(
    inputs: TensorLike, axis: Axis = None, keepdims: bool = False, separator: object = "", name: str | None = None
) -> Tensor:
    """Strings along axes, joined.

    Args:
        inputs: strings.
        axis: the axes, of which the first is the one along which strings follow each other; all, in row-major order, if
            None.
        keepdims: whether the axes stay, with size 1.
        separator: what is between the strings; known when a function is traced.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.reduce_join([["a", "b"], ["c", "d"]], axis=1, separator="-").numpy().tolist()
        [b'a-b', b'c-d']
    """
    x = strings_of("reduce_join", inputs, "inputs")
    if axis is None:
        axes = tuple(reversed(range(x.ndim)))
    else:
        given: Any = axis if isinstance(axis, list | tuple) else [axis]
        axes = tuple(axis_of("reduce_join", each, x.ndim) for each in given)
    text = text_of("reduce_join", separator, "separator")
    keep = flag_of("reduce_join", keepdims, "keepdims")
    return apply(ops.StringReduceJoinOp, x, axes=axes, keepdims=keep, separator=text)


@public("strings")
def unsorted_segment_join(
    inputs: TensorLike,
    segment_ids: TensorLike,
    num_segments: TensorLike,
    separator: str = "",
    name: str | None = None,
) -> Tensor:
    """Strings joined by segments, those of one segment in their order.

    Args:
        inputs: strings.
        segment_ids: for the first axes of `inputs`, the numbers of segments, as int32 or int64.
        num_segments: how many segments there are; one without strings is the empty string.
        separator: what is put between strings.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.unsorted_segment_join(["a", "b", "c"], [1, 0, 1], 2, ":").numpy().tolist()
        [b'b', b'a:c']
    """
    x = strings_of("unsorted_segment_join", inputs, "inputs")
    ids = as_tensor(segment_ids, name="unsorted_segment_join: segment_ids")
    count = cast(as_tensor(num_segments, name="unsorted_segment_join: num_segments"), INT64)
    text = text_of("unsorted_segment_join", separator, "separator")
    return apply(ops.StringSegmentJoinOp, x, ids, count, separator=text)


@public("strings", top=True)
def as_string(
    input: TensorLike,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Tensor:
    """Each element as text.

    Args:
        input: numbers, booleans or strings.
        precision: how many digits floats have after the point; 6 if it is -1.
        scientific: whether floats have exponents.
        shortest: whether floats have exponents where that is shorter.
        width: how many characters a number has at least.
        fill: `"0"` to fill up with zeros, `"-"` to fill up at the end, `" "`, `"+"`: flags of C's `printf`.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.as_string([1.5, 2.0], precision=2).numpy().tolist()
        [b'1.50', b'2.00']
    """
    attrs = {"precision": int(precision), "scientific": bool(scientific), "shortest": bool(shortest)}
    x = as_tensor(input, name="as_string: input")
    return apply(ops.AsStringOp, x, width=int(width), fill=text_of("as_string", fill, "fill"), **attrs)


@public("strings")
def to_number(input: TensorLike, out_type: DTypeLike = FLOAT32, name: str | None = None) -> Tensor:
    """The number that each string is. InvalidArgumentError for a string that is none.

    Args:
        input: strings.
        out_type: float32, float64, int32, int64, uint32 or uint64.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.to_number(["1.5", " -2 "]).numpy().tolist()
        [1.5, -2.0]
    """
    dtype = dtype_named(out_type, "to_number: out_type")
    return apply(ops.StringToNumberOp, strings_of("to_number", input), dtype=dtype)


@public("strings")
def format(
    template: str,
    inputs: TensorLike | Sequence[TensorLike],
    placeholder: str = "{}",
    summarize: int = 3,
    name: str | None = None,
) -> Tensor:
    """A text in which placeholders are replaced by tensors, as `sw.print` has them.

    Args:
        template: the text; known when a function is traced, as is the placeholder.
        inputs: a tensor, or a list of as many as there are placeholders.
        placeholder: what is replaced.
        summarize: how many elements at each end of an axis are shown; -1 for all.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.format("x = {}, y = {}", [sw.constant([1, 2]), sw.constant("a")]).numpy()
        b'x = [1 2], y = "a"'
    """
    values: Any = [inputs] if is_tensor(inputs) or isinstance(inputs, str | bytes) else inputs
    if not isinstance(values, list | tuple):
        raise InvalidTypeError(f"format: inputs: expected a tensor, or a list of tensors, got {shown(inputs)}")
    tensors = [as_tensor(value, name="format: inputs") for value in values]
    texts = {what: printable(as_bytes(v)) for what, v in (("template", template), ("placeholder", placeholder))}
    if not placeholder or template.count(placeholder) != len(tensors):
        expected = template.count(placeholder) if placeholder else 0
        raise InvalidArgumentError(f"format: inputs: expected {expected} tensors, as template says, got {len(tensors)}")
    return apply(ops.StringFormatOp, *tensors, summarize=int(summarize), **texts)


@public("strings")
def ngrams(
    data: TensorLike,
    ngram_width: int | Sequence[int],
    separator: object = " ",
    pad_values: str | tuple[str, str] | None = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Tensor:
    """Each run of some strings along the last axis, joined.

    Args:
        data: strings, of which the number along the last axis is known.
        ngram_width: how many strings are joined, or several such numbers, whose results follow each other.
        separator: what is between the strings; known when a function is traced.
        pad_values: strings that are added before and after, or one for both.
        padding_width: how many of them at most; one less than `ngram_width` if None.
        preserve_short_sequences: whether all strings are joined where there are fewer than asked for.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.ngrams(["a", "b", "c"], 2).numpy().tolist()
        [b'a b', b'b c']
    """
    x = strings_of("ngrams", data, "data")
    if not x.ndim or x.shape[-1] is None:
        raise InvalidArgumentError(f"ngrams: data: expected a last axis of known size, got shape {x.shape}")
    widths = [ngram_width] if isinstance(ngram_width, int) else list(ngram_width)
    if not widths or min(widths) < 1:
        raise InvalidArgumentError(f"ngrams: ngram_width: expected numbers of 1 or more, got {ngram_width}")
    pads = (pad_values, pad_values) if isinstance(pad_values, str | bytes) else pad_values
    found = [_runs(x, width, separator, pads, padding_width, preserve_short_sequences) for width in widths]
    return concat(found, -1) if len(found) > 1 else found[0]


def _runs(
    x: Tensor, width: int, separator: object, pads: tuple[Any, Any] | None, most: int | None, keeps_short: bool
) -> Tensor:
    """The runs of one width."""
    size = x.shape[-1]
    if pads is not None:
        count = width - 1 if most is None else min(width - 1, most)
        around = [[0, 0]] * (x.ndim - 1)
        x = pad(x, [*around, [count, 0]], constant_values=pads[0])
        x = pad(x, [*around, [0, count]], constant_values=pads[1])
    total = x.shape[-1]
    assert size is not None and total is not None
    if total < width and keeps_short and size:
        return reduce_join(x, axis=-1, keepdims=True, separator=separator)
    count = max(total - width + 1, 0)
    return join([x[..., begin : begin + count] for begin in range(width)], separator)
