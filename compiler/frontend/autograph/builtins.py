"""Python's builtins in converted code: those that have a meaning on tensors."""

from __future__ import annotations

import builtins
import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from ....dialects.dtypes import FLOAT32, INT32, DType
from ....dialects.hl import reduce, selection
from ....dialects.hl.rules.base import HLOp
from ..control_flow.ranges import Integer, Range, staged
from ..control_flow.values import Undefined, join, leaf_type
from ..tracing.tracer import current_tracer
from ..values.dispatch import apply
from .iterate import Enumerated, Zipped, is_staged_iterable, length_of
from .logic import AND, OR, Connective, in_turn


class Scope(Protocol):
    """What a counterpart is given of the converted function that calls it."""

    def converted(self, value: object) -> object:
        """A user function that is given to other code, converted; anything else as it is."""
        ...


def counterpart(f: object) -> Callable[..., object] | None:
    """The function that represents the builtin `f`; None if it is none of those."""
    try:
        return _COUNTERPARTS.get(f)
    except TypeError:
        return None


def _range(_: object, *args: Any) -> range | Range:
    """`range`, of tensors too."""
    if not 1 <= len(args) <= 3 or not any(staged(a) is not None for a in args):
        return builtins.range(*args)
    start, stop, step = (0, args[0], 1) if len(args) == 1 else (*args, 1)[:3]
    return Range(start, stop, step)


def _len(_: object, value: Any) -> Integer:
    """`len`, also of a tensor whose first size is known only when the program runs."""
    if isinstance(value, Range) or (staged(value) is not None and value.ndim and value.shape[0] is None):
        return length_of(value)
    return builtins.len(value)


def _enumerate(_: object, iterable: Any, start: Any = 0) -> Enumerated | enumerate[object]:
    if is_staged_iterable(iterable):
        return Enumerated(iterable, start)
    return builtins.enumerate(iterable, start)


def _zip(_: object, *iterables: Any, **options: bool) -> Zipped | zip[Any]:
    if iterables and all(is_staged_iterable(i) for i in iterables):
        return Zipped(iterables)
    return builtins.zip(*iterables, **options)


def _cast_to(python_type: type, dtype: DType) -> Callable[..., object]:
    def convert(_: object, *args: Any) -> object:
        """The number that a tensor holds, as a tensor."""
        if len(args) != 1 or staged(args[0]) is None:
            return python_type(*args)
        (value,) = args
        if (
            value.dtype == dtype
            or (value.dtype.is_integer and dtype.is_integer)
            or (value.dtype.is_floating and dtype.is_floating)
        ):
            return value
        return apply(selection.CastOp, value, dtype=dtype)

    return convert


def _bool(_: object, *args: Any) -> object:
    if len(args) != 1 or staged(args[0]) is None:
        return builtins.bool(*args)
    return args[0] if args[0].dtype.is_bool else args[0] != 0


def _extreme(
    python: Callable[..., object], whole: type[HLOp], better: Callable[[Any, Any], object]
) -> Callable[..., object]:
    def choose(_: object, *args: Any, **options: object) -> object:
        """The first of the arguments, or of the elements of the only one, that no other one beats."""
        if len(args) == 1 and staged(args[0]) is not None:
            if args[0].ndim == 1 and not options:
                return apply(whole, args[0], axes=(0,), keepdims=False)
            return python(*args, **options)
        items = list(args[0]) if len(args) == 1 else list(args)
        if options or len(items) < 2 or not any(staged(item) is not None for item in items):
            return python(items, **options)
        return functools.reduce(lambda best, item: _select(better(item, best), item, best), items)

    return choose


def _select(condition: Any, a: Any, b: Any) -> object:
    if staged(condition) is None:
        return a if condition else b
    types = leaf_type(a), leaf_type(b)
    assert types[0] is not None and types[1] is not None
    joined = join(types[0], types[1])
    dtype = None if isinstance(joined, str) else joined.dtype
    a, b = (np.asarray(v, dtype) if isinstance(v, bool | int | float) else v for v in (a, b))
    return apply(selection.SelectOp, condition, a, b)


def _sum(_: object, iterable: Any, /, start: Any = 0) -> object:
    if staged(iterable) is None or not iterable.ndim:
        return builtins.sum(iterable, start)
    total = apply(reduce.SumOp, iterable, axes=(0,), keepdims=False)
    return total if type(start) is int and start == 0 else total + start


def _any(_: object, iterable: Iterable[object]) -> object:
    return _quantified(iterable, builtins.any, reduce.AnyOp, OR)


def _all(_: object, iterable: Iterable[object]) -> object:
    return _quantified(iterable, builtins.all, reduce.AllOp, AND)


def _quantified(
    iterable: Any, python: Callable[[Iterable[object]], bool], whole: type[HLOp], connective: Connective
) -> object:
    """Python stops at the first element that decides; so does this, as soon as that is known."""
    if staged(iterable) is not None and iterable.ndim == 1 and iterable.dtype.is_bool:
        return apply(whole, iterable, axes=(0,), keepdims=False)
    if current_tracer() is None:
        return python(iterable)
    return in_turn(iter(iterable), replace(connective, what=f"{python.__name__}()"))


def _with_function(python: Callable[..., object]) -> Callable[..., object]:
    def call(scope: Scope, *args: object, **options: object) -> object:
        """The user's function that is an argument is converted, too."""
        converted = [scope.converted(a) for a in args]
        return python(*converted, **{name: scope.converted(value) for name, value in options.items()})

    return call


_OURS = re.compile(
    r"ag__.*|((do_return|retval_|break_|continue_|fscope|lscope|get_state|set_state|(if|else|loop)_body|loop_test"
    r"|extra_test|itr)(_\d+)?)"
)
"""Names that the converter has made."""


def _originals() -> ModuleType:
    """What malt has for these; code that was not converted does not need it."""
    from malt.operators import py_builtins

    return py_builtins


def _super(scope: object, *args: object) -> super:
    return _originals().super_in_original_context(builtins.super, args, scope)


def _locals(scope: object) -> dict[str, object]:
    found = _originals().locals_in_original_context(scope)
    return {name: value for name, value in found.items() if not _OURS.fullmatch(name) and type(value) is not Undefined}


def _globals(scope: object) -> dict[str, object]:
    return _originals().globals_in_original_context(scope)


def _eval(scope: object, *args: object) -> object:
    return _originals().eval_in_original_context(builtins.eval, args, scope)


_COUNTERPARTS: dict[object, Callable[..., object]] = {
    builtins.range: _range,
    builtins.len: _len,
    builtins.enumerate: _enumerate,
    builtins.zip: _zip,
    builtins.int: _cast_to(builtins.int, INT32),
    builtins.float: _cast_to(builtins.float, FLOAT32),
    builtins.bool: _bool,
    builtins.min: _extreme(builtins.min, reduce.MinOp, lambda a, b: a < b),
    builtins.max: _extreme(builtins.max, reduce.MaxOp, lambda a, b: a > b),
    builtins.sum: _sum,
    builtins.any: _any,
    builtins.all: _all,
    builtins.map: _with_function(builtins.map),
    builtins.filter: _with_function(builtins.filter),
    builtins.sorted: _with_function(builtins.sorted),
    functools.reduce: _with_function(functools.reduce),
    builtins.super: _super,
    builtins.locals: _locals,
    builtins.globals: _globals,
    builtins.eval: _eval,
}
