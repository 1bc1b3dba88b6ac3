"""Running one module on every engine, and at every level."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from stepwell.dialects.levels import LEVELS
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


WAYS: dict[str, Run] = {
    **{f"interpreter at {level}": _at_level(level) for level in LEVELS},
    "native": _on_engine("native"),
    "onnx": _on_engine("onnx"),
}
"""Every way to run an `hl` module, by name."""


def assert_close(got: np.ndarray, expected: np.ndarray, what: str, rtol: float = 0.0, atol: float = 0.0) -> None:
    """The same dtype, shape and values (NaN equals NaN), within tolerances for floats."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.dtype == expected.dtype, f"{what}: dtype {got.dtype}, expected {expected.dtype}"
    assert got.shape == expected.shape, f"{what}: shape {got.shape}, expected {expected.shape}"
    if got.dtype.kind == "f":
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=what)
    else:
        np.testing.assert_array_equal(got, expected, err_msg=what)
