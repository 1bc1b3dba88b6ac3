"""What is bisected: a module as traced, and what it is run on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import optree
from xdsl.dialects.builtin import ModuleOp

from ...compiler.frontend.values.tensor import Tensor
from ...compiler.frontend.values.variable import Variable
from ..functions.concrete import ConcreteFunction
from ..functions.function import Function, function


@dataclass(frozen=True)
class Program:
    """A module and arrays for its function.

    Attributes:
        module: as traced, or as read.
        arrays: for all parameters, those of Variables and captured tensors last.
        given: how many of them the caller gave.
        engine: the engine of the function; `"native"` for a module.
    """

    module: ModuleOp
    arrays: tuple[np.ndarray, ...]
    given: int
    engine: str

    def inputs(self) -> list[np.ndarray]:
        """The arrays for one more run."""
        return [np.array(array) for array in self.arrays]


def program_of(f: Callable[..., object] | ModuleOp, args: Sequence[object]) -> Program:
    """The program that `f` is for these arguments.

    Raises TypeError for what is no function, `sw.function`, concrete function or module.
    """
    if isinstance(f, ModuleOp):
        arrays = tuple(np.asarray(_plain(arg)) for arg in args)
        return Program(f, arrays, len(arrays), "native")
    if isinstance(f, ConcreteFunction):
        tensors = [arg for arg in optree.tree_leaves(tuple(args)) if not isinstance(arg, str)]  # pyright: ignore
        return _traced(f, [np.asarray(_plain(arg), spec.dtype) for arg, spec in zip(tensors, f.specs, strict=True)])
    if not isinstance(f, Function):
        if not isinstance(f, Callable) or inspect.isclass(f):
            raise TypeError(f"bisect: f: expected a function or a module, got {type(f).__name__}")
        f = function(f)
    concrete, tensors = f._for_call(tuple(args), {})
    return _traced(concrete, [tensor._array for tensor in tensors])


def _traced(concrete: ConcreteFunction, arrays: Sequence[np.ndarray]) -> Program:
    captured = [thing._value_now() if isinstance(thing, Variable) else thing._array for thing in concrete.captures]
    return Program(concrete.module, (*arrays, *captured), len(arrays), concrete.engine)


def _plain(value: object) -> object:
    """A tensor's array; anything else as it is."""
    return value._array if isinstance(value, Tensor) else value


def arrays_of(value: Any) -> tuple[np.ndarray, ...]:
    """The arrays that a function of the user's returned, whatever their structure."""
    leaves: list[object] = optree.tree_leaves(value)
    return tuple(
        leaf._value_now().copy() if isinstance(leaf, Variable) else np.asarray(_plain(leaf)) for leaf in leaves
    )
