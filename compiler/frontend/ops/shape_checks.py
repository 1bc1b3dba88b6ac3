"""Checks of the shapes and dtypes of several tensors at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import FLOAT32, DType, DTypeLike, dtype_named
from ....dialects.public import public
from ..tracing.tensor_shape import TensorShape
from ..values import nest
from ..values.dispatch import as_tensor
from ..values.tensor import Tensor, TensorLike
from .arguments import check, int64_of, shown, size_along
from .logic import equal


@public("debugging")
def assert_shapes(
    shapes: Mapping[Any, Any] | Sequence[tuple[Any, Any]],
    data: object = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """ValueError unless tensors have the shapes that are said; inside a `function`, when it runs, if it has to be.

    Args:
        shapes: pairs of a tensor and its shape, a list of sizes: an int, None or `"."` for any size, or a name for a
            size that is the same wherever it has that name. A first `...` or `"*"` represents any sizes before the
            others. A tensor without axes has one of size 1.
        data, summarize, name: accepted as in TensorFlow; unused.
        message: the beginning of the error's text.

    Example:
        >>> import stepwell as sw
        >>> x, y = sw.zeros([2, 3]), sw.zeros([3, 5])
        >>> sw.debugging.assert_shapes([(x, ("n", "m")), (y, ("m", 5))])
    """
    del data, summarize, name
    pairs = list(shapes.items()) if isinstance(shapes, Mapping) else list(shapes)
    text = f"assert_shapes: {message}: " if message else "assert_shapes: "
    known: dict[object, tuple[int | Tensor, str]] = {}
    for number, (given, wanted) in enumerate(pairs):
        value = as_tensor(given.deref() if hasattr(given, "deref") else given, name="assert_shapes: shapes")
        _check_shape(text, f"tensor {number} of shape {value.shape}", value, _entries(wanted), known)


def _entries(wanted: object) -> list[object]:
    """The sizes that a shape says, as a list."""
    if isinstance(wanted, TensorShape):
        return list(wanted)
    if isinstance(wanted, list | tuple | str):
        return list(wanted)
    return [wanted]


def _check_shape(
    text: str, what: str, value: Tensor, wanted: list[object], known: dict[object, tuple[int | Tensor, str]]
) -> None:
    inner = bool(wanted) and (wanted[0] is Ellipsis or (isinstance(wanted[0], str) and wanted[0] == "*"))
    entries = wanted[1:] if inner else wanted or [1]
    sizes: list[int | Tensor] = [size_along(value, axis) for axis in range(value.ndim)] or [1]
    if len(sizes) < len(entries) or (len(sizes) > len(entries) and not inner):
        more = " or more" if inner else ""
        raise InvalidArgumentError(f"{text}{what}: expected {len(entries)} axes{more}, as in {_shape_text(wanted)}")
    for axis, (size, entry) in enumerate(zip(sizes[len(sizes) - len(entries) :], entries)):
        if entry is None or entry == ".":
            continue
        try:
            expected, whence = int(entry), ""  # pyright: ignore[reportArgumentType]
        except (TypeError, ValueError):
            if entry not in known:
                known[entry] = size, f" as '{entry}' of {what}"
                continue
            expected, whence = known[entry]
        _check_size(f"{text}{what}: axis {axis} of {_shape_text(wanted)}", size, expected, whence)


def _check_size(text: str, size: int | Tensor, expected: int | Tensor, whence: str) -> None:
    if isinstance(size, int) and isinstance(expected, int):
        if size != expected:
            raise InvalidArgumentError(f"{text}: expected {expected} elements{whence}, got {size}")
        return
    a, b = int64_of(size), int64_of(expected)
    check(equal(a, b), f"{text}: expected {{1}} elements{whence}, got {{0}}".replace("'", ""), a, b)


def _shape_text(wanted: Iterable[object]) -> str:
    return f"({', '.join('...' if each is Ellipsis else str(each) for each in wanted)})"


@public("debugging")
def assert_rank_in(x: TensorLike, ranks: Sequence[Any], message: str | None = None, name: str | None = None) -> None:
    """ValueError unless the number of axes of `x` is one of `ranks`.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.assert_rank_in([1, 2], [1, 2])
    """
    del name
    value = as_tensor(x, name="assert_rank_in: x")
    wanted = [int(rank) for rank in ranks]
    if value.ndim not in wanted:
        begin = f"assert_rank_in: {message}: " if message else "assert_rank_in: "
        text = " or ".join(map(str, wanted))
        raise InvalidArgumentError(f"{begin}expected {text} axes, got shape {value.shape}")


@public("debugging")
def assert_same_float_dtype(tensors: Sequence[TensorLike] | None = None, dtype: DTypeLike | None = None) -> DType:
    """The one dtype of some tensors; float32, if there are none and no dtype is given.

    Args:
        tensors: tensors of floats; None among them are left out.
        dtype: the dtype that they have to have.

    Raises ValueError for different dtypes, and for one that is no float.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.assert_same_float_dtype([sw.constant(1.0), None])
        tf.float32
    """
    wanted = None if dtype is None else dtype_named(dtype, "assert_same_float_dtype: dtype")
    for given in tensors or ():
        if given is None:
            continue
        found = as_tensor(given, name="assert_same_float_dtype: tensors").dtype
        if wanted is None:
            wanted = found
        if found != wanted:
            raise InvalidArgumentError(f"assert_same_float_dtype: expected dtype {wanted.name}, got {found.name}")
    wanted = FLOAT32 if wanted is None else wanted
    if not wanted.is_floating:
        raise InvalidArgumentError(f"assert_same_float_dtype: expected a dtype of floats, got {wanted.name}")
    return wanted


@public("debugging")
def assert_proper_iterable(values: object) -> None:
    """TypeError unless `values` is a list of tensors, or something else to iterate over, and no tensor or text.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.assert_proper_iterable([1, 2])
    """
    if isinstance(values, Tensor | str | bytes) or not (nest.is_nested(values) or hasattr(values, "__iter__")):
        raise InvalidTypeError(f"assert_proper_iterable: values: expected a list of tensors, got {shown(values)}")
