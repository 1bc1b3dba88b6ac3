"""Public functions on each string of a tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from .....dialects.dtypes import STRING
from .....dialects.hl import strings as ops
from .....dialects.public import public
from .....dialects.strings import as_bytes, printable
from ...values.dispatch import apply, as_tensor
from ...values.tensor import Tensor, TensorLike, is_tensor
from ..arguments import shown


def strings_of(function: str, value: TensorLike, name: str = "input") -> Tensor:
    """`value` as a tensor of strings; TypeError for anything else."""
    return as_tensor(value, STRING, f"{function}: {name}")


def text_of(function: str, value: object, name: str) -> str:
    """A string that is known, as attributes have it: a text, bytes, or a scalar tensor outside of a function."""
    if isinstance(value, str | bytes):
        return printable(as_bytes(value))
    if not is_tensor(value):
        raise InvalidTypeError(f"{function}: {name}: expected a string, got {shown(value)}")
    tensor = as_tensor(value, STRING, f"{function}: {name}")
    if tensor.ndim:
        raise InvalidArgumentError(f"{function}: {name}: expected one string, got shape {tensor.shape}")
    return printable(tensor._concrete(f"{function}: {name}").item())


@public("strings")
def lower(input: TensorLike, encoding: str = "", name: str | None = None) -> Tensor:
    """Strings with letters in lower case: those of ASCII, or with `encoding="utf-8"` all.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.lower("CamelCase").numpy()
        b'camelcase'
    """
    return apply(ops.StringLowerOp, strings_of("lower", input), encoding=encoding)


@public("strings")
def upper(input: TensorLike, encoding: str = "", name: str | None = None) -> Tensor:
    """Strings with letters in upper case: those of ASCII, or with `encoding="utf-8"` all.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.upper("CamelCase").numpy()
        b'CAMELCASE'
    """
    return apply(ops.StringUpperOp, strings_of("upper", input), encoding=encoding)


@public("strings")
def strip(input: TensorLike, name: str | None = None) -> Tensor:
    """Strings without spaces, tabs and line ends at both ends.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.strip(" a b\\n").numpy()
        b'a b'
    """
    return apply(ops.StringStripOp, strings_of("strip", input))


@public("strings")
def length(input: TensorLike, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """The length of each string, as int32.

    Args:
        input: strings.
        unit: `"BYTE"`, or `"UTF8_CHAR"` for characters.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.length(["abc", "é"]).numpy().tolist()
        [3, 2]
    """
    return apply(ops.StringLengthOp, strings_of("length", input), unit=unit)


@public("strings")
def substr(input: TensorLike, pos: TensorLike, len: TensorLike, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """Parts of strings: `len` bytes, or characters, from `pos`, which counts from the end if it is negative.

    Args:
        input: strings.
        pos: where a part begins, integers.
        len: how long it is at most, integers of the same shape; bytes to the end of the string if negative.
        unit: `"BYTE"`, or `"UTF8_CHAR"` for characters.
        name: not used.

    Raises InvalidArgumentError for a position that a string does not have.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.substr(["hello", "world"], 1, 3).numpy().tolist()
        [b'ell', b'orl']
    """
    wanted = next((value.dtype for value in (pos, len) if isinstance(value, Tensor)), None)
    begin, count = (as_tensor(value, wanted, f"substr: {what}") for value, what in ((pos, "pos"), (len, "len")))
    return apply(ops.StringSubstrOp, strings_of("substr", input), begin, count, unit=unit)


@public("strings")
def regex_replace(
    input: TensorLike, pattern: object, rewrite: object, replace_global: bool = True, name: str | None = None
) -> Tensor:
    r"""Strings in which what a regular expression matches is replaced.

    Args:
        input: strings.
        pattern: a regular expression, in the language of RE2; known when a function is traced.
        rewrite: the replacement, in which `\1` to `\9` represent groups and `\0` all that is matched.
        replace_global: whether all that matches is replaced, or what matches first.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.regex_replace("a-b-c", "-(.)", r"(\1)").numpy()
        b'a(b)(c)'
    """
    given = {what: text_of("regex_replace", v, what) for what, v in (("pattern", pattern), ("rewrite", rewrite))}
    everywhere = bool(replace_global)
    return apply(ops.StringRegexReplaceOp, strings_of("regex_replace", input), everywhere=everywhere, **given)


@public("strings")
def regex_full_match(input: TensorLike, pattern: object, name: str | None = None) -> Tensor:
    """Whether a regular expression matches each string from begin to end.

    Args:
        input: strings.
        pattern: a regular expression, in the language of RE2; known when a function is traced.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.regex_full_match(["abc", "xabc"], "ab.*").numpy().tolist()
        [True, False]
    """
    text = text_of("regex_full_match", pattern, "pattern")
    return apply(ops.StringRegexFullMatchOp, strings_of("regex_full_match", input), pattern=text)


@public("strings")
def join(inputs: Sequence[TensorLike] | TensorLike, separator: object = "", name: str | None = None) -> Tensor:
    """The strings of several tensors, elementwise, one after the other.

    Args:
        inputs: tensors of one shape, and scalars.
        separator: what is between them; known when a function is traced.
        name: not used.

    Example:
        >>> import stepwell as sw
        >>> sw.strings.join([["a", "b"], "c"], separator="-").numpy().tolist()
        [b'a-c', b'b-c']
    """
    if not is_tensor(inputs) and not isinstance(inputs, list | tuple):
        raise InvalidTypeError(f"join: inputs: expected a list of tensors, got {shown(inputs)}")
    values: Any = list(as_tensor(inputs)) if is_tensor(inputs) else inputs
    tensors = [strings_of("join", value, "inputs") for value in values]
    shapes = [tensor.shape for tensor in tensors if tensor.ndim]
    for shape in shapes:
        if not shape.is_compatible_with(shapes[0]):
            raise InvalidArgumentError(f"join: inputs: expected one shape, got {shapes[0]} and {shape}")
    return apply(ops.StringJoinOp, *tensors, separator=text_of("join", separator, "separator"))
