"""Running one program on every engine, and on the interpreter at every level."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from stepwell.dialects.levels import LEVELS
from stepwell.runtime.concrete import ConcreteFunction
from stepwell.runtime.engines import compile_for
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.engines.lower import lowered

Run = Callable[[ModuleOp, Sequence[np.ndarray]], Sequence[np.ndarray]]


def _at_level(level: str) -> Run:
    def run(module: ModuleOp, inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        return run_module(lowered(module, level, verify_each=True), inputs)

    return run


def _on_engine(engine: str) -> Run:
    def run(module: ModuleOp, inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        return compile_for(engine, module).run(*inputs)

    return run


AT_LEVELS: dict[str, Run] = {f"interpreter at {level}": _at_level(level) for level in LEVELS}
"""The interpreter at each level, by name."""

WAYS: dict[str, Run] = {
    **AT_LEVELS,
    "native": _on_engine("native"),
    "onnx": _on_engine("onnx"),
}
"""Every way to run an `hl` module, by name."""


@dataclass(frozen=True)
class Ran:
    """What one run of a function came to.

    Attributes:
        results: its flat results.
        captures: what its Variables, and other captured tensors, held afterwards.
    """

    results: tuple[np.ndarray, ...]
    captures: tuple[np.ndarray, ...]


def run_concrete(function: ConcreteFunction, args: Sequence[Any], way: str) -> Ran:
    """Run one trace of a function in one of `WAYS`; its Variables keep their values.

    Args:
        function: the trace, from `get_concrete_function`.
        args: its tensor arguments, as anything that numpy converts.
        way: a key of `WAYS`.

    Example:
        >>> import stepwell as sw
        >>> twice = sw.function(lambda x: x * 2).get_concrete_function(sw.TensorSpec([None]))
        >>> run_concrete(twice, [[1.0, 2.0]], "interpreter at loops").results
        (array([2., 4.], dtype=float32),)
    """
    arrays = [np.array(arg, spec.dtype) for arg, spec in zip(args, function.specs, strict=True)]
    captures = [np.array(capture) for capture in function.captures]
    results = WAYS[way](function.module, [*arrays, *captures])
    return Ran(tuple(np.asarray(result) for result in results), tuple(captures))


def run_everywhere(function: ConcreteFunction, args: Sequence[Any], ways: Iterable[str] = WAYS) -> dict[str, Ran]:
    """Run one trace of a function in several ways, on the same arguments and values of Variables."""
    return {way: run_concrete(function, args, way) for way in ways}


def assert_close(got: np.ndarray, expected: np.ndarray, what: str, rtol: float = 0.0, atol: float = 0.0) -> None:
    """The same dtype, shape and values (NaN equals NaN), within tolerances for floats."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.dtype == expected.dtype, f"{what}: dtype {got.dtype}, expected {expected.dtype}"
    assert got.shape == expected.shape, f"{what}: shape {got.shape}, expected {expected.shape}"
    if got.dtype.kind == "f":
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=what)
    else:
        np.testing.assert_array_equal(got, expected, err_msg=what)
