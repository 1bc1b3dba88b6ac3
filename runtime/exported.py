"""What the exports of a function have in common: its trace, the values it takes from around it, names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from ..compiler.frontend.values.variable import Variable
from .functions.concrete import ConcreteFunction
from .functions.function import Function


def concrete_of(where: str, function: Callable[..., object], specs: Sequence[object]) -> ConcreteFunction:
    """The trace of a function for specs or examples; `where` is what errors name."""
    if isinstance(function, ConcreteFunction):
        return function
    if not isinstance(function, Function):
        raise TypeError(
            f"{where}: function: expected a sw.function, got {type(function).__name__}; make it one with sw.function(…)"
        )
    return function.get_concrete_function(*specs)


def captured_arrays(concrete: ConcreteFunction) -> list[np.ndarray]:
    """The values now of the Variables and tensors that the function uses."""
    return [thing._value_now() if isinstance(thing, Variable) else thing._array for thing in concrete.captures]


def identifier(name: str) -> str:
    """A name that every runtime takes: `params['w']` is `params_w`."""
    return re.sub(r"\W+", "_", name).strip("_") or "input"


def output_names(concrete: ConcreteFunction) -> list[str]:
    """The names of the results: the keys of what the function returns, `output_0` … for what has only a number."""
    names = []
    for path, slot in zip(concrete.output_plan.structure.paths(), concrete.output_plan.slots, strict=True):
        if slot is not None:
            numbered = not path or not isinstance(path[0], str)
            names.append("_".join(identifier(str(part)) for part in (["output"] if numbered else []) + list(path)))
    return names
