"""Python programs run twice, as plain Python on eager tensors and compiled: the results must be the same."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree

import stepwell as sw
from stepwell.testing.engines import assert_close

ENGINES = os.environ.get("STEPWELL_ENGINES", "interpreter,native,onnx").split(",")
"""The engines that the front end is tested on."""

INTS = [(0,), (1,), (2,), (3,), (5,), (8,), (13,), (-4,)]
"""Arguments for programs of one integer: for each of their paths."""

PAIRS = [(0, 0), (1, 5), (5, 1), (3, 3), (-2, 4), (7, 2)]
FLOATS = [(0.0,), (1.5,), (-2.25,), (30.0,)]
VECTORS = [([1, 2, 3],), ([0, -5, 9, 2],), ([4],)]


@dataclass(frozen=True)
class Case:
    """A program and the arguments to run it on."""

    function: Callable[..., Any]
    inputs: Sequence[tuple[Any, ...]]

    def __str__(self) -> str:
        return self.function.__name__

    def check(self, engine: str) -> None:
        """Run on all inputs, as Python and compiled for `engine`; AssertionError where the results differ."""
        compiled = sw.function(self.function, engine=engine)
        for args in self.inputs:
            same_results(self.function, compiled, args)


class Programs:
    """A collection of programs: `program(inputs)` is a decorator that adds one.

    Example:
        >>> program = Programs()
        >>> @program([(1,), (-1,)])
        ... def positive(x):
        ...     return x > 0
        >>> [str(case) for case in program.cases]
        ['positive']
    """

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def __call__(self, inputs: Sequence[tuple[Any, ...]]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """A decorator that adds a program, to be run on each of `inputs`."""

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.cases.append(Case(function, inputs))
            return function

        return add


def same_results(python: Callable[..., Any], compiled: Callable[..., Any], args: Sequence[Any]) -> None:
    """Call both on the arguments as tensors; AssertionError unless structure, dtypes, shapes and values agree."""
    expected, expected_spec = _arrays(python(*map(sw.constant, args)))
    got, got_spec = _arrays(compiled(*map(sw.constant, args)))
    what = f"{getattr(python, '__name__', 'the program')}{tuple(args)}"
    assert got_spec == expected_spec, f"{what}: structure {got_spec}, expected {expected_spec}"
    for number, (a, b) in enumerate(zip(got, expected, strict=True)):
        assert_close(a, b, f"{what}: result {number}")


def _arrays(value: Any) -> tuple[list[np.ndarray], Any]:
    leaves, spec = optree.tree_flatten(value)
    return [np.asarray(sw.convert_to_tensor(leaf)) for leaf in leaves], spec
