"""Calls made by converted code: user functions are converted as they are called, everything else is left alone."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType, MethodType
from typing import Any, ParamSpec, TypeVar

import optree

from ..control_flow.values import ControlFlowError, Maybe, Undefined, is_traced, leaf_type
from ..tracing.conversion import convert_by, is_running_others
from ..tracing.source import is_internal, user_place
from ..tracing.tracebacks import trim
from ..tracing.tracer import current_tracer
from ..tracing.unconverted import UNCONVERTED
from .builtins import counterpart
from .source_tree import NoSourceError, is_generator, needs_conversion

_LIBRARIES = frozenset(
    (
        *("keras", "malt", "ml_dtypes", "numpy", "onnx", "onnxruntime", "optree", "safetensors", "xdsl", "llvmlite"),
        *("jax", "matplotlib", "pandas", "PIL", "rich", "scipy", "sklearn", "tensorboardX", "tensorflow", "torch"),
        *("_pytest", "hypothesis", "IPython", "mock", "pkg_resources", "pluggy", "psutil", "pytest", "setuptools"),
    )
)
"""Packages that are never converted, beside stepwell and Python's own: they are called as they are."""

Function = TypeVar("Function")
P = ParamSpec("P")
R = TypeVar("R")

_MARK = "_autograph_artifact"


class _Running(threading.local):
    depth = 0

    def __init__(self) -> None:
        self.stack: list[tuple[object, int]] = []


_running = _Running()


def is_converting() -> bool:
    """Whether converted code is running."""
    return _running.depth > 0


class FunctionScope:
    """Around the body of a converted function."""

    def __init__(self, function_name: str, scope_name: str, options: object):
        self.function_name = function_name
        self.name = scope_name
        del options

    def __enter__(self) -> FunctionScope:
        _running.depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        _running.depth -= 1

    def ret(self, value: object, did_return: object) -> object:
        """What the function returns."""
        if isinstance(value, Undefined):
            return None
        if not isinstance(value, Maybe):
            if is_traced(did_return) and value is not None:
                raise self._falls_off()
            return value
        if did_return is True:
            return value.value_
        raise self._falls_off()

    def converted(self, value: object) -> object:
        """A user function that is given to other code, converted; anything else as it is."""
        return converted_argument(value)

    def _falls_off(self) -> ControlFlowError:
        return ControlFlowError(
            f"'{self.function_name}' returns a value on some paths of a branch or loop on a tensor, and None on others",
            remedy="return a value at the end",
        )


def with_function_scope(thunk: Callable[[FunctionScope], R], scope_name: str, options: object) -> R:
    """The same for a lambda."""
    with FunctionScope("<lambda>", scope_name, options) as scope:
        return thunk(scope)


def autograph_artifact(function: Function) -> Function:
    """Mark a function that is converted already."""
    try:
        setattr(function, _MARK, True)
    except AttributeError:
        return function
    return function


def unconverted(function: Callable[P, R]) -> Callable[P, R]:
    """A function that is never converted."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        depth, _running.depth = _running.depth, 0
        try:
            return function(*args, **kwargs)
        finally:
            _running.depth = depth

    return autograph_artifact(call)


def converted_call(f: Any, args: Sequence[object], kwargs: dict[str, object] | None, scope: FunctionScope) -> object:
    """Call `f`: a builtin by its counterpart for tensors, a user function converted."""
    kwargs = kwargs or {}
    builtin = counterpart(f)
    if builtin is not None:
        return builtin(scope, *args, **kwargs)
    target, leading, options = _target(f)
    if target is None:
        if is_running_others(f):
            with _OUTSIDE:
                return f(*args, **kwargs)
        return f(*args, **kwargs)
    converted = _converted(target)
    if converted is None:
        return f(*args, **kwargs)
    kwargs = {**options, **kwargs}
    with _no_recursion(target, (leading, args, kwargs)):
        return converted(*leading, *args, **kwargs)


_Target = tuple[FunctionType | None, tuple[object, ...], dict[str, object]]


def _target(f: object) -> _Target:
    """The Python function behind a callable, and arguments that it brings; None: it is not to be converted."""
    if isinstance(f, functools.partial):
        target, leading, options = _target(f.func)
        return target, (*leading, *f.args), {**options, **f.keywords}
    if isinstance(f, MethodType):
        target, leading, options = _target(f.__func__)
        return target, (*leading, f.__self__), options
    if isinstance(f, FunctionType):
        return (f if _is_user_code(f) else None), (), {}
    if not isinstance(f, type) and not inspect.isbuiltin(f):
        method = inspect.getattr_static(type(f), "__call__", None)
        if isinstance(method, FunctionType) and _is_user_code(method):
            return method, (f,), {}
    return None, (), {}


def _is_user_code(function: FunctionType) -> bool:
    if getattr(function, _MARK, False) or is_generator(function):
        return False
    module = function.__globals__.get("__name__", "")
    if module.split(".")[0] in _LIBRARIES:
        return False
    return not is_internal(function.__code__.co_filename, module)


def _converted(function: FunctionType) -> FunctionType | None:
    if function.__code__ in UNCONVERTED or not needs_conversion(function.__code__):
        return None
    from .transpile import NotConvertibleError, transpile  # loads malt: only for what is to be converted

    try:
        return transpile(function)
    except (NoSourceError, NotConvertibleError) as error:
        UNCONVERTED[function.__code__] = str(error)
        return None


def converted_argument(value: object) -> object:
    """A user function that is given to other code, converted; anything else as it is."""
    if not isinstance(value, FunctionType | MethodType | functools.partial) or getattr(value, _MARK, False):
        return value
    target, leading, options = _target(value)
    converted = None if target is None else _converted(target)
    return value if converted is None else functools.partial(converted, *leading, **options)


@contextmanager
def _no_recursion(function: FunctionType, arguments: object) -> Iterator[None]:
    """A function that calls itself on like arguments inside a branch on a tensor would be traced forever."""
    tracer = current_tracer()
    if tracer is None:
        yield
        return
    key = (function.__code__, _signature(arguments))
    if any(known == key and depth < tracer.depth for known, depth in _running.stack):
        raise ControlFlowError(
            f"'{function.__name__}' calls itself under a condition on a tensor, at {user_place()}: a compiled function "
            "cannot recurse",
            remedy="write a loop, or give the recursion a Python value that ends it",
        )
    _running.stack.append((key, tracer.depth))
    try:
        yield
    finally:
        _running.stack.pop()


def _signature(arguments: Any) -> tuple[object, ...]:
    leaves, spec = optree.tree_flatten(arguments, none_is_leaf=True)
    return (spec, *(_leaf_key(leaf) for leaf in leaves))


def _leaf_key(leaf: object) -> object:
    if isinstance(leaf, bool | int | float | str | bytes | None):
        return type(leaf), repr(leaf)
    type_ = leaf_type(leaf)
    return id(leaf) if type_ is None else type_


def entry(function: Callable[P, Any]) -> Callable[P, Any]:
    """A function for calls from outside of converted code; its errors show the user's lines only."""

    @functools.wraps(function, updated=())
    def call(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            return converted_call(function, args, kwargs, _OUTSIDE)
        except Exception as error:
            trim(error)
            raise

    return call


_OUTSIDE = FunctionScope("", "", None)
convert_by(lambda function: entry(function) if is_converting() else function)
