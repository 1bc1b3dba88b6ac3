"""Every way to run a program: on the interpreter at each level, and on the engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from stepwell.compiler.pipeline.manager import PassManager, require_level
from stepwell.compiler.pipeline.named import STEPS
from stepwell.compiler.pipeline.pipelines import steps_between
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.levels import LEVELS
from stepwell.dialects.packing import has_complex
from stepwell.runtime import engines
from stepwell.runtime.engines.complex import ComplexArrays
from stepwell.runtime.engines.interpreter import run_module
from stepwell.runtime.functions.concrete import ConcreteFunction
from stepwell.runtime.outcomes import Outcome, observe, observe_run, packed_for

LEVEL_OF = {f"interpreter at {level}": level for level in LEVELS}
"""The ways that are the interpreter at a level, and the level."""

ENGINES = tuple(engine for engine in engines.ENGINES if engine != "interpreter")
"""The other ways: what the program is compiled for."""

Run = Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]]
"""Runs a program on arrays, of which those of Variables and memory may change."""


@dataclass
class Descent:
    """A program that is run in several ways: it walks down the levels once, as far as it is asked to.

    Attributes:
        module: the program, at any level; it is not changed. The interpreter runs it as it is at its own level.
        function: the function to run; by default `main`, or the first public one.
        verify_each: whether the module is verified after each pass of the lowering.
        keep: whether it can be run at every level again; otherwise at none above the lowest that it has been taken to,
            which saves the time for copies.

    Example:
        >>> import stepwell as sw
        >>> twice = sw.function(lambda x: x * 2).get_concrete_function(sw.TensorSpec([None]))
        >>> program = Descent(twice.module)
        >>> program.ways[0], program.ways[-1]
        ('interpreter at hl', 'onnx')
        >>> program.ready("native")([np.float32([1, 2])])
        [array([2., 4.], dtype=float32)]
    """

    module: ModuleOp
    function: str | None = None
    verify_each: bool = False
    keep: bool = True
    _modules: dict[str, ModuleOp] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def level(self) -> str:
        """The level of the program."""
        return require_level(self.module)

    @property
    def ways(self) -> list[str]:
        """The ways to run it: no level above its own, and ONNX for tensor programs only."""
        levels = list(LEVELS)
        below = levels[levels.index(self.level) :]
        return [
            way for way in WAYS if LEVEL_OF.get(way) in below or way == "native" or (way, self.level) == ("onnx", "hl")
        ]

    def at(self, level: str) -> ModuleOp:
        """The module at a level, from the one above it."""
        if level == self.level:
            return self.module
        if level not in self._modules:
            above = list(LEVELS)[list(LEVELS).index(level) - 1]
            module = self.at(above)
            if self.keep or above == self.level:
                module = module.clone()
            else:
                del self._modules[above]
            manager = PassManager(make_context(), verify_each=self.verify_each)
            if above == "hl":
                manager.run(module, STEPS["hl"])
            manager.run(module, steps_between(above, level))
            self._modules[level] = module
        return self._modules[level]

    def ready(self, way: str) -> Run:
        """The program, taken down and compiled to run in one way; what it then prints goes to standard output."""
        if way in LEVEL_OF:
            run = partial(_interpret, self.at(LEVEL_OF[way]), self.function)
            below = self.level == "hl" != LEVEL_OF[way] and has_complex(self.module)
            return partial(_as_complex, ComplexArrays.of(self.module), run) if below else run
        executable = self._native() if way == "native" else engines.compile_for(way, self.module)
        return lambda arrays: executable.run(*arrays)

    def _native(self) -> engines.Executable:
        """What `compile_for` gives, without walking down once more."""
        from stepwell.runtime.engines.native import compile_module  # loads LLVM

        executable = compile_module(self.at("llvm"))
        return engines.with_complex(executable, self.module) if self.level == "hl" else executable

    def observe(self, way: str, inputs: Sequence[np.ndarray]) -> Outcome:
        """The outcome of a run in one way; inputs are copied first."""
        if way in LEVEL_OF:
            module = self.at(LEVEL_OF[way])
            return observe(module, packed_for(module, inputs, self.function), self.function)
        return observe_run(self.ready(way), inputs)


def _interpret(module: ModuleOp, function: str | None, arrays: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
    return run_module(module, arrays, function=function)


def _as_complex(complex_: ComplexArrays, run: Run, arrays: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
    return complex_.run(lambda *given: run(given), *arrays)


def _run(way: str, module: ModuleOp, inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
    return Descent(module, verify_each=way in LEVEL_OF).ready(way)(inputs)


WAYS: dict[str, Callable[[ModuleOp, Sequence[np.ndarray]], Sequence[np.ndarray]]] = {
    way: partial(_run, way) for way in (*LEVEL_OF, *ENGINES)
}
"""Every way to run an `hl` module, by name: a function of the module and of arrays. The first one is the meaning."""

AT_LEVELS = {way: WAYS[way] for way in LEVEL_OF}
"""Those that are the interpreter."""


@dataclass(frozen=True)
class Ran:
    """The outcome of one run of a function.

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
    if dtype_of(got).is_inexact:
        got, expected = (x.astype(dtype_of(x).accumulates_in) for x in (got, expected))
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol, err_msg=what)
    else:
        np.testing.assert_array_equal(got, expected, err_msg=what)
