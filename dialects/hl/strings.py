"""Strings, element by element: cases, lengths, parts, patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, result_def, var_operand_def

from ..dtypes import BOOL, INT32, INTS, STRING, DType, dtype_of
from ..emitter import Emitter
from ..strings import as_text, from_printable, of_list, printable
from ..types import DYNAMIC, shape_of, tensor_type
from .rules.base import InferenceError, Types
from .rules.elementwise import broadcast_shapes, shape_text
from .rules.facets import Attrs, Sample, Sampler
from .rules.linalg_builder import broadcast_sizes, type_of
from .rules.patterns import compiled, full_match, replaced
from .rules.strings import SAMPLES, StringMapOp, StringOp, sample_strings, static_sizes

BYTES, CHARACTERS = "BYTE", "UTF8_CHAR"
"""Units of lengths."""


@irdl_op_definition
class StringConstantOp(StringOp):
    r"""Strings that are known: `values` in row-major order, as text; `\xff` represents a byte that is not ASCII.

    C1: `values` has as many strings as `shape` has elements.

    Definition: TensorFlow `constant`.
    """

    name = "hl.string_constant"

    values = prop_def(Attribute)
    shape = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape."""
        if len(attrs["values"]) != np.prod(attrs["shape"], dtype=int):
            shape = shape_text(attrs["shape"])
            raise InferenceError("C1", f"expected as many strings as shape {shape} has, got {len(attrs['values'])}")
        return [tensor_type(attrs["shape"], STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """The strings."""
        return (of_list([from_printable(text) for text in attrs["values"]], attrs["shape"]),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """Known sizes."""
        return static_sizes(e, op)

    @classmethod
    def attributes_of(cls, array: np.ndarray) -> Attrs:
        """The attributes that represent an array of strings."""
        return {"values": tuple(map(printable, array.reshape(-1).tolist())), "shape": tuple(array.shape)}

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Any strings."""
        return Sample((), cls.attributes_of(sample_strings(s, s.shape(max_side=3))))


@irdl_op_definition
class StringEqualOp(StringOp):
    """Whether two strings have the same bytes, elementwise.

    C1: `x` and `y` are of dtype string, and their shapes broadcast as NumPy's do.

    Definition: TensorFlow `equal` of strings.
    """

    name = "hl.string_equal"

    x = operand_def(TensorType[Attribute])
    y = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The broadcast shape."""
        cls.check_strings(types)
        return [tensor_type(broadcast_shapes([shape_of(type_) for type_ in types]), BOOL)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """NumPy's equal, on objects."""
        return (np.asarray(np.equal(*operands), bool),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The broadcast sizes."""
        return [broadcast_sizes(e, op.operands, type_of(op.results[0]))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Shapes that broadcast; many strings are equal."""
        return Sample(tuple(sample_strings(s, shape, SAMPLES[:3]) for shape in s.broadcastable(2)), {})


class _CaseOp(StringMapOp):
    """The base of ops that change the case of letters: of ASCII's, or of all in UTF-8."""

    CHANGE: ClassVar[Callable[[Any], Any]]
    """What is done to bytes, or to text."""

    encoding = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's method."""
        if attrs["encoding"].lower() not in ("", "utf-8"):
            raise InferenceError("C2", f"expected encoding '' or 'utf-8', got {attrs['encoding']!r}")
        if not attrs["encoding"]:
            return cls.CHANGE
        return lambda item: cls.CHANGE(item.decode("utf-8", "replace")).encode()

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """Both encodings."""
        return {"encoding": s.choice(("", "utf-8"))}


@irdl_op_definition
class StringLowerOp(_CaseOp):
    """Strings with letters in lower case; what is not UTF-8, with that encoding, becomes U+FFFD.

    C1: `x` is of dtype string.
    C2: `encoding` is empty, for ASCII, or `utf-8`.

    Definition: TensorFlow `strings.lower`.
    """

    name = "hl.string_lower"
    CHANGE: ClassVar[Callable[[Any], Any]] = methodcaller("lower")


@irdl_op_definition
class StringUpperOp(_CaseOp):
    """Strings with letters in upper case; what is not UTF-8, with that encoding, becomes U+FFFD.

    C1: `x` is of dtype string.
    C2: `encoding` is empty, for ASCII, or `utf-8`.

    Definition: TensorFlow `strings.upper`.
    """

    name = "hl.string_upper"
    CHANGE: ClassVar[Callable[[Any], Any]] = methodcaller("upper")


@irdl_op_definition
class StringStripOp(StringMapOp):
    """Strings without spaces, tabs and line ends at both ends.

    C1: `x` is of dtype string.

    Definition: TensorFlow `strings.strip`.
    """

    name = "hl.string_strip"

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's `strip` of bytes."""
        return bytes.strip


@irdl_op_definition
class StringLengthOp(StringMapOp):
    """The length of each string, in bytes or in characters of UTF-8, as int32.

    C1: `x` is of dtype string.
    C2: `unit` is `BYTE` or `UTF8_CHAR`.

    Definition: TensorFlow `strings.length`.
    """

    name = "hl.string_length"
    RESULT: ClassVar[DType] = INT32

    unit = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """The number of bytes, or of those that begin a character."""
        return len if _in_bytes(attrs) else lambda item: len(_starts(item)) - 1

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """Both units."""
        return {"unit": s.choice((BYTES, CHARACTERS))}


def _in_bytes(attrs: Attrs) -> bool:
    """Whether the unit is bytes, after a check."""
    if attrs["unit"] not in (BYTES, CHARACTERS):
        raise InferenceError("C2", f"expected unit {BYTES!r} or {CHARACTERS!r}, got {attrs['unit']!r}")
    return attrs["unit"] == BYTES


def _starts(item: bytes) -> list[int]:
    """Where characters begin, and the end."""
    return [*(index for index, byte in enumerate(item) if byte & 0xC0 != 0x80), len(item)]


@irdl_op_definition
class StringSubstrOp(StringOp):
    """Parts of strings: `length` bytes, or characters, from `position`, which counts from the end if it is negative.

    A part ends at the end of the string. A negative length is one to that end, if the unit is bytes; of characters it
    is 0 from the begin, and an error from the end.

    C1: `x` is of dtype string.
    C2: `unit` is `BYTE` or `UTF8_CHAR`.
    C3: `position` and `length` are of one dtype, int32 or int64, and of one shape, which broadcasts with that of `x`.
    C4: a position is at most the length of the string, and at least that with a minus; checked at run time.

    Definition: TensorFlow `strings.substr`.
    """

    name = "hl.string_substr"

    x = operand_def(TensorType[Attribute])
    position = operand_def(TensorType[Attribute])
    length = operand_def(TensorType[Attribute])
    unit = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The broadcast shape."""
        cls.check_strings(types[:1])
        _in_bytes(attrs)
        dtypes = [dtype_of(type_) for type_ in types[1:]]
        if dtypes[0] not in INTS or dtypes[0] != dtypes[1]:
            raise InferenceError(
                "C3",
                f"expected positions and lengths of int32 or int64, got {' and '.join(dtype.name for dtype in dtypes)}",
            )
        position, length = (shape_of(type_) for type_ in types[1:])
        if len(position) != len(length) or any(a != b and DYNAMIC not in (a, b) for a, b in zip(position, length)):
            text = f"expected positions and lengths of one shape, got {shape_text(position)} and {shape_text(length)}"
            raise InferenceError("C3", text)
        return [tensor_type(broadcast_shapes([shape_of(type_) for type_ in types]), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Slices of bytes."""
        cls.infer([tensor_type(array.shape, dtype_of(array)) for array in operands], attrs)
        x, position, length = np.broadcast_arrays(*operands)
        flat = zip(x.reshape(-1).tolist(), position.reshape(-1).tolist(), length.reshape(-1).tolist())
        part = _bytes_part if _in_bytes(attrs) else _characters_part
        return (of_list([part(index, *item) for index, item in enumerate(flat)], x.shape),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The broadcast sizes."""
        return [broadcast_sizes(e, op.operands, type_of(op.results[0]))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Positions that all strings have."""
        shapes = s.broadcastable(2)
        x = sample_strings(s, shapes[0], [item for item in SAMPLES if len(item.decode("utf-8", "ignore")) > 2])
        dtype, unit = s.choice(INTS), s.choice((BYTES, CHARACTERS))
        position, length = s.array(shapes[1], dtype, -2, 2), s.array(shapes[1], dtype, -(unit == BYTES), 4)
        return Sample((x, position, length), {"unit": unit})


def _bytes_part(index: int, item: bytes, position: int, length: int) -> bytes:
    if not -len(item) <= position <= len(item):
        raise InferenceError("C4", f"position {position} is out of range for string {item!r} at index {index}")
    begin = position + len(item) if position < 0 else position
    return item[begin:] if length < 0 else item[begin : begin + length]


def _characters_part(index: int, item: bytes, position: int, length: int) -> bytes:
    starts = _starts(item)
    count = len(starts) - 1
    if not -count <= position <= count:
        raise InferenceError("C4", f"position {position} is out of range for string {item!r} at index {index}")
    if length < 0 and position < 0:  # as TensorFlow has it
        raise InferenceError("C4", f"length {length} from position {position} is out of range at index {index}")
    begin = position + count if position < 0 else position
    return item[starts[begin] : starts[min(begin + max(length, 0), count)]]


@irdl_op_definition
class StringRegexReplaceOp(StringMapOp):
    r"""Strings in which what a pattern matches, everywhere or first, is replaced by `rewrite`.

    In `rewrite` `\1` to `\9` represent groups, `\0` all that is matched.

    C1: `x` is of dtype string.
    C2: `pattern` is a regular expression of RE2's language, and `rewrite` names groups that it has.

    Definition: TensorFlow `strings.regex_replace`.
    """

    name = "hl.string_regex_replace"

    pattern = prop_def(Attribute)
    rewrite = prop_def(Attribute)
    everywhere = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """A search, one match after the other."""
        pattern = compiled(as_text(from_printable(attrs["pattern"])))
        return replaced(pattern, as_text(from_printable(attrs["rewrite"])), attrs["everywhere"])

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """A few patterns."""
        pattern = s.choice(("[a-z]+", "", "a|l", "(.)", r"\\s+"))
        return {"pattern": pattern, "rewrite": s.choice(("", "X", "<\\\\0>")), "everywhere": s.boolean()}


@irdl_op_definition
class StringRegexFullMatchOp(StringMapOp):
    """Whether a pattern matches each string from begin to end.

    C1: `x` is of dtype string.
    C2: `pattern` is a regular expression of RE2's language.

    Definition: TensorFlow `strings.regex_full_match`.
    """

    name = "hl.string_regex_full_match"
    RESULT: ClassVar[DType] = BOOL

    pattern = prop_def(Attribute)

    @classmethod
    def function(cls, attrs: Attrs) -> Callable[[bytes], Any]:
        """Python's `fullmatch`."""
        return full_match(compiled(as_text(from_printable(attrs["pattern"]))))

    @classmethod
    def sample_attrs(cls, s: Sampler) -> Attrs:
        """A few patterns."""
        return {"pattern": s.choice((".*", "a|ab", "[A-Z].*", ""))}


@irdl_op_definition
class StringJoinOp(StringOp):
    """The strings of several tensors, elementwise, one after the other with `separator` between them.

    C1: all operands are of dtype string.
    C2: shapes broadcast as NumPy's do.

    Definition: TensorFlow `strings.join`.
    """

    name = "hl.string_join"

    values = var_operand_def(TensorType[Attribute])
    separator = prop_def(Attribute)
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The broadcast shape."""
        cls.check_strings(types)
        return [tensor_type(broadcast_shapes([shape_of(type_) for type_ in types]), STRING)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """Python's join."""
        separator = from_printable(attrs["separator"])
        if not operands:
            return (of_list([b""], ()),)
        arrays = np.broadcast_arrays(*operands)
        rows = zip(*(array.reshape(-1).tolist() for array in arrays), strict=True)
        return (of_list([separator.join(row) for row in rows], arrays[0].shape),)

    @classmethod
    def host_sizes(cls, e: Emitter, op: Operation) -> Sequence[Sequence[SSAValue]]:
        """The broadcast sizes."""
        return [broadcast_sizes(e, op.operands, type_of(op.results[0]))]

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """A few tensors of one shape, and scalars."""
        shape = s.shape(max_side=3)
        operands = tuple(sample_strings(s, shape if s.boolean() else ()) for _ in range(s.integer(0, 3)))
        return Sample(operands, {"separator": s.choice(("", "-", ", "))})


@irdl_op_definition
class StringIdsOp(StringOp):
    """For each string of a vector where the first one is that is equal to it, as int32.

    C1: `x` is of dtype string.
    C2: `x` has one axis.

    Definition: the second result of TensorFlow `unique`, before different strings are counted.
    """

    name = "hl.string_ids"

    x = operand_def(TensorType[Attribute])
    result = result_def(TensorType[Attribute])

    @classmethod
    def infer(cls, types: Types, attrs: Attrs) -> Types:
        """The shape of `x`."""
        cls.check_strings(types)
        if len(shape_of(types[0])) != 1:
            raise InferenceError("C2", f"expected a vector, got shape {shape_text(shape_of(types[0]))}")
        return [tensor_type(shape_of(types[0]), INT32)]

    @classmethod
    def evaluate(cls, operands: Sequence[np.ndarray], attrs: Attrs) -> tuple[np.ndarray, ...]:
        """A dictionary of the first ones."""
        first: dict[bytes, int] = {}
        return (np.array([first.setdefault(item, i) for i, item in enumerate(operands[0].tolist())], INT32),)

    @classmethod
    def sample(cls, s: Sampler) -> Sample:
        """Many strings are equal."""
        return Sample((sample_strings(s, s.shape(1, 1), SAMPLES[:4]),), {})
