"""Checking what users pass to functions: axes, sizes, shapes."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any, SupportsIndex

import numpy as np

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ....dialects.dtypes import INT64
from ....dialects.hl.selection import CastOp
from ....dialects.hl.shape import DimOp, ShapeOfOp, SqueezeOp
from ....dialects.hl.slicing import SliceOp
from ....dialects.types import DYNAMIC
from ..control_flow.values import add_check
from ..tracing.tracer import current_tracer
from ..values.dispatch import apply, as_tensor, to_ssa
from ..values.tensor import Tensor, read, traced_value
from . import namespace

Size = int | Tensor
"""A size that is known, or a symbolic integer scalar."""

INT64 = INT64


def axis_of(function: str, axis: SupportsIndex, rank: int, argument: str = "axis") -> int:
    """`axis` as a number from 0; negative ones count from the end."""
    try:
        number = operator.index(axis)
    except TypeError:
        raise InvalidTypeError(f"{function}: {argument}: expected an int, got {axis!r}") from None
    if not -rank <= number < rank:
        raise InvalidArgumentError(f"{function}: {argument}: expected an axis of {rank} axes, got {number}")
    return number % rank


def axes_of(function: str, axes: Any, rank: int, argument: str = "axis") -> tuple[int, ...]:
    """One axis or several, as different numbers from 0, ascending."""
    if isinstance(axes, Tensor | np.ndarray):
        axes = np.asarray(axes).tolist()
    items = list(axes) if isinstance(axes, list | tuple) else [axes]
    found = [axis_of(function, axis, rank, argument) for axis in items]
    if len(set(found)) < len(found):
        raise InvalidArgumentError(f"{function}: {argument}: expected different axes, got {axes!r}")
    return tuple(sorted(found))


def flag_of(function: str, value: object, argument: str) -> bool:
    """`value` as True or False: a bool, or another scalar that Python takes for one."""
    if isinstance(value, bool | int | float | np.bool_ | np.number) or value is None:
        return bool(value)
    raise InvalidTypeError(f"{function}: {argument}: expected True or False, got {shown(value)}")


def choice_of(function: str, value: object, argument: str, choices: Sequence[str]) -> str:
    """`value`, one of some names. Raises TypeError for what is no name, InvalidArgumentError for another name."""
    expected = f"{function}: {argument}: expected {', '.join(choices[:-1])} or {choices[-1]}, got {shown(value)}"
    if not isinstance(value, str):
        raise InvalidTypeError(expected)
    if value not in choices:
        raise InvalidArgumentError(expected)
    return value


def list_of(function: str, value: object, argument: str, what: str = "a list") -> list[Any]:
    """The items of a list, a tuple or an array."""
    value = read(value)
    if isinstance(value, np.ndarray) or (isinstance(value, Tensor) and not value.is_symbolic):
        value = np.asarray(value).tolist()
    if not isinstance(value, list | tuple | builtins.range):
        raise InvalidTypeError(f"{function}: {argument}: expected {what}, got {shown(value)}")
    return list(value)


def shown(value: object) -> str:
    """A value for an error, not too long."""
    text = repr(value)
    return text if len(text) <= 80 else f"a {type(value).__name__} {text[:60]}…"


def size_of(function: str, value: Any, argument: str) -> Size:
    """`value` as an int, or as a symbolic integer scalar."""
    value = read(value)
    if isinstance(value, Tensor) and value.is_symbolic:
        if value.ndim or not value.dtype.is_integer:
            raise InvalidTypeError(f"{function}: {argument}: expected an integer scalar, got {value!r}")
        return value
    try:
        size = operator.index(value)
    except TypeError:
        raise InvalidTypeError(f"{function}: {argument}: expected an integer, got {value!r}") from None
    if not -(2**63) <= size < 2**63:
        raise InvalidArgumentError(f"{function}: {argument}: expected an integer of 64 bits, got {size}")
    return size


def sizes_of(function: str, value: object, argument: str) -> list[Size]:
    """A shape, given as a list of sizes, one size, or a vector, as a list of sizes."""
    value = read(value)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, Tensor) and value.ndim == 1:
        return elements(function, value, argument)
    items = value if isinstance(value, list | tuple) else [value]
    if any(item is None for item in items):
        raise InvalidTypeError(f"{function}: {argument}: expected sizes that are known, got {value!r}")
    return [size_of(function, item, argument) for item in items]


def elements(function: str, vector: Tensor, argument: str) -> list[Size]:
    """The elements of an integer vector of known length."""
    if not vector.dtype.is_integer:
        raise InvalidTypeError(f"{function}: {argument}: expected integers, got dtype {vector.dtype.name}")
    if not vector.is_symbolic:
        return [int(item) for item in vector.numpy()]
    count = vector.shape[0]
    if count is None:
        raise InvalidArgumentError(f"{function}: {argument}: expected a vector of known length, got {vector!r}")
    return [element(vector, index) for index in range(count)]


def element(vector: Tensor, index: int) -> Size:
    """An element of an integer vector; one of a tensor's shape is asked of that tensor."""
    value = traced_value(vector)
    owner = None if value is None else value.owner
    if isinstance(owner, ShapeOfOp) and vector._tracer is not None:
        source = Tensor.symbolic(owner.x, vector._tracer)
        known = source.shape[index]
        return known if known is not None else apply(DimOp, source, axis=index, dtype=vector.dtype)
    return apply(SqueezeOp, apply(SliceOp, vector, begin=(index,), end=(index + 1,), strides=(1,)), axes=(0,))


def split_sizes(sizes: Sequence[Size]) -> tuple[tuple[int, ...], list[Tensor]]:
    """Sizes as an op has them: ints with `DYNAMIC` for those that are tensors, and these."""
    static = tuple(size if isinstance(size, int) else DYNAMIC for size in sizes)
    return static, [size for size in sizes if isinstance(size, Tensor)]


def size_along(x: Tensor, axis: int) -> Size:
    """The size along an axis: an int where it is known, else an int64 scalar."""
    known = x.shape[axis]
    return known if known is not None else apply(DimOp, x, axis=axis, dtype=INT64)


def size_from(value: Tensor) -> Size:
    """An integer scalar as a size: an int where it is known."""
    return value if value.is_symbolic else int(value)


def times(a: Size, b: Size) -> Size:
    """The product of two sizes."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return _combined("multiply", a, b)


def product(sizes: Sequence[Size]) -> Size:
    """The product of some sizes."""
    return reduce(times, sizes) if sizes else 1


def plus(a: Size, b: Size) -> Size:
    """The sum of two sizes."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    return _combined("add", a, b)


def minus(a: Size, b: Size) -> Size:
    """The difference of two sizes."""
    if isinstance(a, int) and isinstance(b, int):
        return a - b
    return _combined("subtract", a, b)


def _combined(function: str, a: Size, b: Size) -> Tensor:
    return getattr(namespace(), function)(int64_of(a), int64_of(b))


def int64_of(size: Size) -> Tensor:
    """A size as an int64 scalar."""
    return as_tensor(np.array(size, INT64)) if isinstance(size, int) else apply(CastOp, size, dtype=INT64)


def check(ok: Tensor, text: str, *values: Tensor) -> None:
    """Raise unless `ok`, a boolean scalar, holds; where it is symbolic, when the function runs.

    `text` may refer to the values as `{0}`, `{1}` ….
    """
    tracer = current_tracer()
    if ok.is_symbolic and tracer is not None:
        add_check(tracer, to_ssa(ok), text, [to_ssa(value) for value in values])
    elif not ok:
        raise InvalidArgumentError(text.format(*(str(value.numpy()) for value in values)))


def indices_tensor(function: str, value: object, argument: str = "indices") -> Tensor:
    """Integers as a tensor of int32 or int64; an empty list is of int32."""
    if isinstance(value, list | tuple) and not len(value):
        return Tensor(np.zeros(0, np.int32))
    tensor = as_tensor(value, name=f"{function}: {argument}")
    if not tensor.dtype.is_integer:
        raise InvalidTypeError(f"{function}: {argument}: expected integers, got dtype {tensor.dtype.name}")
    return tensor
