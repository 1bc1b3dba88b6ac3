"""`RUN-EXPECT` lines of `.mlir` files: a function, what it is given and what it gives, in every way to run it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from stepwell.compiler.interchange.mlir.entries import find_entry, keep_only
from stepwell.compiler.interchange.mlir.text import parse_module
from stepwell.dialects.diagnostics import ExportError, InputError, StepwellError, UnsupportedError
from stepwell.runtime.outcomes import Tolerance, array_difference
from stepwell.runtime.text_inputs import Given, arrays_for, literal

from .engines import Descent
from .mlir_files import Expect, MlirFile, MlirTestError

_CALL = re.compile(r"@(?P<name>[\w.$-]+)\((?P<arguments>.*)\)\s*(?P<relation>==|~=)\s*(?P<results>.+)")
RTOL = 1e-5
"""How far floats may be off, relative to the largest, after `~=`."""


@dataclass(frozen=True)
class Expectation:
    """What a line says.

    Attributes:
        name: the function.
        arguments: what it is given, as literals.
        exact: whether results are the same bit for bit.
        results: what it returns, then the contents of arguments that it changes: one value, or a tuple of several.
    """

    name: str
    arguments: tuple[Any, ...]
    exact: bool
    results: Any

    @staticmethod
    def of(text: str) -> Expectation:
        """Read `@f(1.0, [2, 3]) == 4.0`; MlirTestError for text that is none."""
        match = _CALL.fullmatch(text)
        if match is None:
            raise MlirTestError(f"expected '@function(arguments) == results' (or ~= to {RTOL:g}), got '{text}'")
        try:
            arguments, results = literal(f"[{match['arguments']}]"), literal(match["results"])
        except InputError as error:
            raise MlirTestError(error.message) from None
        return Expectation(match["name"], tuple(arguments), match["relation"] == "==", results)


@dataclass(frozen=True)
class Program:
    """A function of a text, ready to run in every way.

    Attributes:
        file: the text.
        name: the function.
    """

    file: MlirFile
    name: str

    @cached_property
    def module(self) -> ModuleOp:
        """The text, in which the function is the only public one."""
        module = parse_module(self.file.text, self.file.path.name)
        keep_only(module, find_entry(module, self.file.path.name, self.name))
        return module

    @cached_property
    def descent(self) -> Descent:
        """The ways to run it."""
        return Descent(self.module, self.name, verify_each=True)

    def arguments(self, expectation: Expectation) -> list[np.ndarray]:
        """What the function is given, as arrays of the types of its parameters."""
        given = [Given(repr(value), value, True) for value in expectation.arguments]
        return arrays_for(find_entry(self.module, self.file.path.name, self.name), given)


def ways_of(file: MlirFile, expect: Expect, programs: dict[str, Program]) -> list[str]:
    """The names of the ways in which a line is run; `programs` keeps what has been made of the functions so far."""
    return _program(file, expect, programs)[0].descent.ways


def run_expectation(file: MlirFile, expect: Expect, way: str, programs: dict[str, Program]) -> None:
    """Run a line in one way.

    Raises:
        MlirTestError: where results are not those expected, where the run fails, or where a way that the file says is
            unsupported is not.
    """
    program, expectation = _program(file, expect, programs)
    where = f"{file.path}:{expect.line}: @{expectation.name} [{way}]"
    try:
        arrays = program.arguments(expectation)
        before = [array.tobytes() for array in arrays]
        results = list(program.descent.ready(way)(arrays))
    except (UnsupportedError, ExportError) as error:
        if way in file.unsupported:
            return
        raise MlirTestError(f"{where}: {error}") from error
    except InputError as error:
        raise MlirTestError(f"{where}: {error.message}") from None
    except StepwellError as error:
        raise MlirTestError(f"{where}: {error}") from error
    if way in file.unsupported:
        raise MlirTestError(f"{where}: the file says that this is not supported, but it is")
    results += [array for array, old in zip(arrays, before, strict=True) if array.tobytes() != old]
    problem = _difference(results, expectation)
    if problem is not None:
        raise MlirTestError(f"{where}: {problem}\nexpected: {expect.text}")


def _program(file: MlirFile, expect: Expect, programs: dict[str, Program]) -> tuple[Program, Expectation]:
    try:
        expectation = Expectation.of(expect.text)
        program = programs.setdefault(expectation.name, Program(file, expectation.name))
        program.descent.level  # noqa: B018 - whatever is wrong with the text is told here
    except MlirTestError as error:
        raise MlirTestError(f"{file.path}:{expect.line}: {error}") from None
    except InputError as error:
        raise MlirTestError(f"{file.path}:{expect.line}: {error.message}") from None
    except StepwellError as error:
        raise MlirTestError(str(error)) from None
    return program, expectation


def _difference(results: Sequence[np.ndarray], expectation: Expectation) -> str | None:
    """How results differ from what is expected."""
    several = isinstance(expectation.results, tuple)
    expected = expectation.results if several else (expectation.results,)
    if len(results) != len(expected):
        return f"{len(results)} results instead of {len(expected)}"
    tolerance = Tolerance(0.0 if expectation.exact else RTOL)
    for number, (got, value) in enumerate(zip(map(np.asarray, results), expected, strict=True)):
        with np.errstate(all="ignore"):
            want = np.array(value, got.dtype)
        found = array_difference(f"result {number}", got, want, tolerance)
        if found is not None:
            return f"{found}; got {got.tolist()}"
    return None
