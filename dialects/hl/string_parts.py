"""Strings taken apart and put together: parts between separators, joins along axes, numbers as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import dropwhile
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..dtypes import FLOAT32, FLOAT64, INT32, INT64, INTS, NUMBERS, STRING, UINT32, UINT64, DType, dtype_of
from ..emitter import Emitter
from ..printing import summary
from ..strings import as_bytes, from_printable, of_list
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import DTypeError, InferenceError, Types
from .rules.elementwise import shape_text
from .rules.facets import Attrs, Sample, Sampler
from .rules.linalg_builder import dims, to_index, type_of
from .rules.strings import (
    SAMPLES,
    StringCountsOp,
    StringFlatOp,
    StringMapOp,
    StringOp,
    StringPiecesOp,
    check_total,
    mapped,
    sample_strings,
    static_sizes,
)

SPACES, SEPARATOR, EACH_BYTE = "spaces", "separator", "bytes"
"""What parts are between: spaces; a separator; nothing, each byte is a part."""


class _PartsOp(StringPiecesOp):
    """The base of ops on the parts of strings."""

    by = prop_def(Attribute)
    separator = prop_def(Attribute)
    limit = prop_def(Attribute)

    @classmethod
    def pieces(cls, item: bytes, attrs: Attrs) -> list[bytes]:
        """The parts: Python's `split`."""
        if attrs["by"] == EACH_BYTE:
            return [item[index : index + 1] for index in range(len(item))]
        if attrs["by"] == SEPARATOR:
            return item.split(from_printable(attrs["separator"]), attrs["limit"])
        if not attrs["limit"]:
            return [item]
        found = item.split(None, attrs["limit"])
        return [*found, b""] if len(found) == attrs["limit"] else found

    @classmethod
    def check_attrs(cls, attrs: Attrs) -> None:
        """What parts are between is known."""
        if attrs["by"] not in (SPACES, SEPARATOR, EACH_BYTE):
            raise InferenceError("C2", f"expected {SPACES!r}, {SEPARATOR!r} or {EACH_BYTE!r}, got {attrs['by']!r}")
        if (attrs["by"] == SEPARATOR) != bool(attrs["separator"]):
            raise InferenceError("C2", f"parts between {attrs['by']} have no separator {attrs['separator']!r}")

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """All ways."""
        by = s.choice((SPACES, SEPARATOR, EACH_BYTE))
        return {"by": by, "separator": s.choice((",", "o W")) if by == SEPARATOR else "", "limit": s.choice((-1, 1))}


@irdl_op_definition
class StringPartCountsOp(_PartsOp, StringCountsOp):
    """How many parts each string has, as int64.

    Parts are what is between spaces, of which several are as one; between occurrences of `separator`, where parts may
    be empty; or each byte. After `limit` of them, unless it is negative, the rest of the string is one part, which may
    be empty.

    C1: `x` is of dtype string.
    C2: `by` is `spaces`, `separator` or `bytes`, and `separator` is not empty for the second one only.

    Definition: TensorFlow `strings.split` and `strings.bytes_split`.
    """

    name = "hl.string_part_counts"


@irdl_op_definition
class StringPartsOp(_PartsOp, StringFlatOp):
    """The parts of all strings, one after the other; `total` says how many there are.

    C1: `x` is of dtype string.
    C2: `by` is `spaces`, `separator` or `bytes`, and `separator` is not empty for the second one only.
    C3: `total` is an int64 scalar, the sum of what `hl.string_part_counts` returns.

    Definition: TensorFlow `strings.split` and `strings.bytes_split`, the flat values.
    """

    name = "hl.string_parts"


@irdl_op_definition
class StringReduceJoinOp(StringOp):
    """Strings along axes, joined with `separator` between them; along the first of `axes` they follow each other.

    With `keepdims` the axes have size 1, otherwise they are gone.

    C1: `x` is of dtype string.
    C2: `axes` are different axes of `x`.

    Definition: TensorFlow `strings.reduce_join`.
    """

    name = "hl.string_reduce_join"

    x = operand_def(TensorType[Attribute])
    axes = prop_def(Attribute)
    keepdims = prop_def(Attribute)
    separator = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The other sizes."""
        cls.check_strings(types)
        shape, axes = shape_of(types[0]), attrs["axes"]
        if len(set(axes)) < len(axes) or any(not 0 <= axis < len(shape) for axis in axes):
            raise InferenceError("C2", f"axes {list(axes)} are not different axes of shape {shape_text(shape)}")
        return [tensor_type(_kept(shape, 1, attrs), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Python's join of rows."""
        (x,), axes = operands, attrs["axes"]
        kept = [axis for axis in range(x.ndim) if axis not in axes]
        count = int(np.prod([x.shape[axis] for axis in kept], dtype=int))
        rows = x.transpose([*kept, *reversed(axes)]).reshape(count, -1 if count else 0)
        separator = from_printable(attrs["separator"])
        return (of_list([separator.join(row) for row in rows.tolist()], _kept(x.shape, 1, attrs)),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The other sizes."""
        attrs: dict[str, Any] = op.attrs()  # pyright: ignore[reportAttributeAccessIssue]
        return [_kept(dims(e, op.operands[0]), e.index(1), attrs)]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any axes, in any order."""
        shape = s.shape(max_side=3)
        axes = [axis for axis in range(len(shape)) if s.boolean()]
        axes = axes[::-1] if s.boolean() else axes
        attrs = {"axes": tuple(axes), "keepdims": s.boolean(), "separator": s.choice(("", ", "))}
        return Sample((sample_strings(s, shape),), attrs)


def _is_empty(text: bytes) -> bool:
    return not text


@irdl_op_definition
class StringSegmentJoinOp(StringOp):
    """Strings joined by segments: those of one segment in their order, with `separator` between them.

    There is no separator behind empty strings that a segment begins with, as in TensorFlow.

    C1: `x` is of dtype string.
    C2: `ids` is of int32 or int64, and its shape starts that of `x`.
    C3: `count` is an int64 scalar, how many segments there are: 0 or more, checked at run time.
    C4: `ids` are numbers of segments; checked at run time.

    Definition: TensorFlow `strings.unsorted_segment_join`.
    """

    name = "hl.string_segment_join"
    SIZED_BY_VALUES: ClassVar[bool] = True

    x = operand_def(TensorType[Attribute])
    ids = operand_def(TensorType[Attribute])
    count = operand_def(TensorType[Attribute])
    separator = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The segments, and the other sizes of `x`."""
        cls.check_strings(types[:1])
        check_total(types[2])
        shape, lead, dtype = shape_of(types[0]), shape_of(types[1]), dtype_of(types[1])
        if dtype not in (INT32, INT64):
            raise DTypeError("C2", f"expected ids of int32 or int64, got {dtype.name}")
        fits = all(a == b or DYNAMIC in (a, b) for a, b in zip(lead, shape))
        if len(lead) > len(shape) or not fits:
            text = f"expected ids of a shape that starts {shape_text(shape)}, got shape {shape_text(lead)}"
            raise InferenceError("C2", text)
        return [tensor_type((DYNAMIC, *shape[len(lead) :]), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Lists of the strings of each segment."""
        x, ids, count = operands[0], operands[1], int(operands[2])
        cls.infer([tensor_type(array.shape, dtype_of(array)) for array in operands], attrs)
        if count < 0:
            raise InferenceError("C3", f"expected 0 segments or more, got {count}")
        wrong = ids[(ids < 0) | (ids >= count)]
        if wrong.size:
            raise InferenceError("C4", f"expected ids from 0 to less than {count}, got {wrong[0]}")
        rest = x.shape[ids.ndim :]
        rows = x.reshape(ids.size, -1 if ids.size else int(np.prod(rest, dtype=int)))
        parts: list[list[list[bytes]]] = [[[] for _ in range(rows.shape[1])] for _ in range(count)]
        for place, row in zip(ids.reshape(-1).tolist(), rows.tolist(), strict=True):
            for found, item in zip(parts[place], row, strict=True):
                found.append(item)
        separator = from_printable(attrs["separator"])
        texts = [separator.join(dropwhile(_is_empty, items)) for segment in parts for items in segment]
        return (of_list(texts, (count, *rest)),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The same."""
        lead = len(shape_of(type_of(op.operands[1])))
        return [[to_index(e, op.operands[2]), *dims(e, op.operands[0])[lead:]]]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Some segments are empty."""
        shape = s.shape(max_side=3)
        lead = shape[: s.integer(0, len(shape))]
        ids = np.array([s.integer(0, 2) for _ in range(int(np.prod(lead, dtype=int)))], s.choice((INT32, INT64)))
        operands = sample_strings(s, shape), ids.reshape(lead), np.array(3, np.int64)
        return Sample(operands, {"separator": s.choice(("", ", "))})


def _kept(sizes: Sequence[Any], one: object, attrs: Attrs) -> list[Any]:
    """The sizes of axes that are not reduced; ones for the others if they are kept."""
    axes = attrs["axes"]
    found = [one if axis in axes else size for axis, size in enumerate(sizes)]
    return found if attrs["keepdims"] else [size for axis, size in enumerate(found) if axis not in axes]


@irdl_op_definition
class AsStringOp(StringOp):
    """Each element as text, as C's `printf` writes it: integers by `%d`, floats by `%f`, `%e` or `%g`.

    Booleans are `true` and `false`; strings stay. `fill` is a flag of `printf`; a `width` or `precision` of -1 is none.

    C1: `x` is of a dtype with text: any.
    C2: `precision`, `scientific` and `shortest` are for floats; of the last two at most one.
    C3: `fill` is empty, or one of `" +-0#"`.

    Definition: TensorFlow `strings.as_string`.
    """

    name = "hl.as_string"

    x = operand_def(TensorType[Attribute])
    precision = prop_def(Attribute)
    scientific = prop_def(Attribute)
    shortest = prop_def(Attribute)
    width = prop_def(Attribute)
    fill = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def function(cls, dtype: DType, attrs: Attrs) -> Callable[[Any], bytes]:
        """The function of one element."""
        if attrs["scientific"] and attrs["shortest"]:
            raise InferenceError("C2", "expected scientific or shortest, got both")
        for name, given in (
            ("precision", attrs["precision"] >= 0),
            ("scientific", attrs["scientific"]),
            ("shortest", attrs["shortest"]),
        ):
            if given and not dtype.is_floating:
                raise InferenceError("C2", f"{name}: expected floats, got dtype {dtype.name}")
        if len(attrs["fill"]) > 1 or attrs["fill"] not in " +-0#":
            raise InferenceError("C3", f"fill: expected one of ' ', '+', '-', '0' and '#', got {attrs['fill']!r}")
        if dtype.is_bool:
            return lambda item: b"true" if item else b"false"
        width = str(attrs["width"]) if attrs["width"] >= 0 else ""
        if dtype.is_string:
            text = f"%{attrs['fill']}{width}s".encode()
            return lambda item: text % item
        if not dtype.is_floating:
            text = f"%{attrs['fill']}{width}d"
            return lambda item: (text % item).encode()
        form = "e" if attrs["scientific"] else "g" if attrs["shortest"] else "f"
        precision = f".{attrs['precision']}" if attrs["precision"] >= 0 else ""
        text, plain = (f"%{fill}{width}{precision}{form}" for fill in (attrs["fill"], attrs["fill"].replace("0", "")))
        return lambda item: ((text if np.isfinite(item) else plain) % item).encode()

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `x`."""
        cls.function(dtype_of(types[0]), attrs)
        return [tensor_type(shape_of(types[0]), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Python's `%`."""
        return (mapped(cls.function(dtype_of(operands[0]), attrs), operands[0]),)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Numbers, with all that they can be written with."""
        dtype = s.choice(NUMBERS)
        floats = dtype.is_floating
        attrs = {
            "precision": s.choice((-1, 0, 3)) if floats else -1,
            "scientific": floats and s.boolean(),
            "shortest": False,
            "width": s.choice((-1, 9)),
            "fill": s.choice(("", "0", "-", " ")),
        }
        return Sample((s.array(s.shape(max_side=3), dtype),), attrs)


@irdl_op_definition
class StringToNumberOp(StringMapOp):
    """The number that each string is, as C's `strtod` and `strtoll` read it; spaces around it are skipped.

    C1: `x` is of dtype string.
    C2: `dtype` is float32, float64, int32, int64, uint32 or uint64.
    C3: each string is a number of that dtype; checked at run time.

    Definition: TensorFlow `strings.to_number`.
    """

    name = "hl.string_to_number"

    dtype = prop_def(Attribute)

    @classmethod
    def result_dtype(cls, attrs: Attrs) -> DType:
        """What the attribute says."""
        return attrs["dtype"]

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's conversions of what C accepts."""
        dtype: DType = attrs["dtype"]
        if dtype not in (FLOAT32, FLOAT64, INT32, INT64, UINT32, UINT64):
            raise DTypeError("C2", f"expected dtype float32, float64 or an integer of 32 or 64 bits, got {dtype.name}")
        return lambda item: _number(item, dtype)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Numbers of both kinds."""
        dtype = s.choice((*INTS, FLOAT32, FLOAT64))
        among = [b"12", b" -7 ", b"+0"] + [b"1.5", b"-3e2", b"0x1p3", b"inf"] * dtype.is_floating
        return Sample((sample_strings(s, s.shape(max_side=3), among),), {"dtype": dtype})


_FLOAT = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE)
_HEXADECIMAL = re.compile(rb"[+-]?0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?\d+)?", re.IGNORECASE)


def _number(item: bytes, dtype: DType) -> Any:
    text = item.strip()
    if dtype.is_floating:
        if _FLOAT.fullmatch(text):
            return dtype.as_numpy_dtype(float(text))
        if _HEXADECIMAL.fullmatch(text):
            return dtype.as_numpy_dtype(float.fromhex(text.decode()))
    elif re.fullmatch(rb"\+?\d+" if dtype.is_unsigned else rb"[+-]?\d+", text) and dtype.min <= int(text) <= dtype.max:
        return int(text)
    raise InferenceError("C3", f"expected a number of dtype {dtype.name}, got {item!r}")


@irdl_op_definition
class StringFormatOp(StringOp):
    """`template`, in which each `placeholder` is replaced by a tensor as `debug.print` has it.

    C1: `template` has as many placeholders as there are operands.

    Definition: TensorFlow `strings.format`.
    """

    name = "hl.string_format"

    values = var_operand_def(TensorType[Attribute])
    template = prop_def(Attribute)
    placeholder = prop_def(Attribute)
    summarize = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """One string."""
        count = attrs["template"].count(attrs["placeholder"])
        if count != len(types):
            raise InferenceError("C1", f"expected {count} tensors for the placeholders, got {len(types)}")
        return [tensor_type((), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """What is printed of each operand."""
        first, *rest = from_printable(attrs["template"]).split(from_printable(attrs["placeholder"]))
        shown = [as_bytes(summary(value, attrs["summarize"])) for value in operands]
        pieces = [piece for pair in zip(shown, rest, strict=True) for piece in pair]
        return (of_list([b"".join([first, *pieces])], ()),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """None."""
        return static_sizes(e, op)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Integers, and strings that are text."""
        operands = [s.array(s.shape(min_side=1), INT32) for _ in range(s.integer(0, 2))]
        operands += [sample_strings(s, s.shape(min_side=1), SAMPLES[:3])] * s.boolean()
        template = "; ".join(["{}"] * len(operands))
        return Sample(tuple(operands), {"template": template, "placeholder": "{}", "summarize": s.choice((-1, 2))})
