"""One function in every way that stepwell runs functions, compared with Python itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import optree

from stepwell.compiler.frontend.ops import operators  # noqa: F401  tensors get their operators by this import
from stepwell.compiler.frontend.values.dispatch import as_tensor
from stepwell.compiler.frontend.values.tensor import Tensor
from stepwell.compiler.frontend.values.variable import Variable
from stepwell.dialects.dtypes import dtype_of, is_tensor_dtype
from stepwell.runtime.functions.function import Function, function

from .arguments import require_callable, require_known
from .engines import WAYS, Ran, run_concrete

RTOL = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 1e-4, "float64": 1e-9, "complex64": 1e-4, "complex128": 1e-9}
ATOL = {"float16": 2e-5, "bfloat16": 1e-5, "float32": 1e-6, "float64": 1e-12, "complex64": 1e-6, "complex128": 1e-12}
"""How far floats may be off by default: for sums in another order."""


def assert_same_on_all_engines(
    f: Callable[..., Any],
    *args: Any,
    rtol: float | None = None,
    atol: float | None = None,
    ways: Iterable[str] = WAYS,
) -> None:
    """Run `f` eagerly, natively, in ONNX Runtime and on the interpreter at each level: all must agree.

    Compared are the results and what Variables hold afterwards, in dtype, shape and value (NaN equals NaN). The eager
    run is of the undecorated Python function and is what the others have to match. Variables are put back.

    Args:
        f: a Python function, or a `stepwell.function`.
        args: its arguments.
        rtol, atol: how far floats may be off; by default as much as their dtype allows for another order of sums.
        ways: which of `stepwell.testing.engines.WAYS` to run.

    Raises:
        AssertionError: names the way, the result and the largest difference.
        TypeError, ValueError: where an argument is not what it should be.

    Example:
        >>> import stepwell as sw
        >>> assert_same_on_all_engines(lambda x, n: {"y": x * n, "sum": sw.reduce_sum(x)}, sw.constant([1.0, 2.0]), 3)
    """
    require_callable("assert_same_on_all_engines: f", f)
    ways = list(ways)
    require_known("assert_same_on_all_engines: ways", ways, WAYS)
    compiled = f if isinstance(f, Function) else function(f)
    name = getattr(compiled, "__name__", "function")
    concrete, tensors = compiled._for_call(args, {})
    variables = [capture for capture in concrete.captures if isinstance(capture, Variable)]
    before = [np.array(variable) for variable in variables]
    try:
        expected = compiled.python_function(*_as_tensors(args))
        held = [np.array(capture) for capture in concrete.captures]
    finally:
        _put_back(variables, before)
    for way in ways:
        try:
            ran = run_concrete(concrete, tensors, way)
        except Exception as error:
            raise AssertionError(f"{name}: '{way}' fails, eager Python does not: {error}") from error
        _compare(f"{name}: '{way}'", concrete.output_plan.build(ran.results), expected, rtol, atol)  # pyright: ignore
        _compare_captures(f"{name}: '{way}'", concrete.captures, ran, held, rtol, atol)


def _as_tensors(args: Any) -> Any:
    """Arrays become tensors, as they do on the way into a compiled function."""
    return optree.tree_map(  # pyright: ignore[reportCallIssue]
        lambda leaf: Tensor(leaf) if isinstance(leaf, np.ndarray) else leaf,
        args,
        none_is_leaf=True,
    )


def _put_back(variables: list[Variable], values: list[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _compare(where: str, got: Any, expected: Any, rtol: float | None, atol: float | None) -> None:
    """Structures of tensors and other things, leaf by leaf."""
    paths, leaves, structure = optree.tree_flatten_with_path(expected, none_is_leaf=True)
    found, found_structure = optree.tree_flatten(got, none_is_leaf=True)
    assert found_structure == structure, f"{where} returns {found_structure}, eager Python {structure}"
    for path, one, other in zip(paths, found, leaves, strict=True):
        result = "result" + "".join(f"[{step!r}]" for step in path)
        assert_array_like(_array(one), _array(other), f"{where}, {result}", rtol, atol)


def _array(leaf: Any) -> np.ndarray:
    """A result; Python's numbers become what they are as tensors."""
    return np.asarray(as_tensor(leaf)) if isinstance(leaf, bool | int | float | str | bytes) else np.asarray(leaf)


def _compare_captures(
    where: str, captures: Iterable[Any], ran: Ran, held: list[np.ndarray], rtol: float | None, atol: float | None
) -> None:
    for number, (capture, got, expected) in enumerate(zip(captures, ran.captures, held, strict=True)):
        what = f"Variable {capture.name!r}" if isinstance(capture, Variable) else f"captured tensor {number}"
        assert_array_like(got, expected, f"{where}, {what} afterwards", rtol, atol)


def _wide(array: np.ndarray) -> type:
    """A dtype in which differences of such elements are exact enough."""
    return np.complex128 if np.iscomplexobj(array) else np.float64


def assert_array_like(
    got: np.ndarray, expected: np.ndarray, what: str, rtol: float | None = None, atol: float | None = None
) -> None:
    """The same dtype, shape and values; the error says where the largest difference is.

    Example:
        >>> assert_array_like(np.array([1.0, 2.5]), np.array([1.0, 2.0]), "f")
        Traceback (most recent call last):
        AssertionError: f: largest difference 0.5 at [1]: got 2.5, expected 2.0
    """
    expectation = f"got {got.dtype.name}{list(got.shape)}, expected {expected.dtype.name}{list(expected.shape)}"
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape), f"{what}: {expectation}"
    name = got.dtype.name
    rtol, atol = RTOL.get(name, 0.0) if rtol is None else rtol, ATOL.get(name, 0.0) if atol is None else atol
    if not is_tensor_dtype(got.dtype) or not dtype_of(got).is_inexact:
        close = np.asarray(got == expected)
    else:
        close = np.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return
    if got.dtype.hasobject:
        place = np.argwhere(~close)[0].tolist()
        raise AssertionError(f"{what}: got {got[tuple(place)]}, expected {expected[tuple(place)]} at {place}")
    with np.errstate(all="ignore"):
        apart = np.where(close, 0, np.abs(got.astype(_wide(got)) - expected.astype(_wide(got))))
    apart = np.where(np.isnan(apart), np.inf, apart)
    place = np.unravel_index(int(apart.argmax()), apart.shape)
    at = f" at {[int(n) for n in place]}" if place else ""
    raise AssertionError(
        f"{what}: largest difference {apart[place]:g}{at}: got {got[place]}, expected {expected[place]}"
    )
