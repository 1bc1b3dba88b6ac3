"""What a failure planted in a large module is: a test that shows it, and a module that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import MemRefType, ModuleOp, TensorType
from xdsl.ir import Operation

from stepwell.compiler.reducer.reduce import count_ops
from stepwell.dialects.dtypes import dtype_of
from stepwell.dialects.state import VariableType
from stepwell.dialects.types import DYNAMIC
from stepwell.runtime.engines.lower import lowered
from stepwell.runtime.outcomes import Outcome, Tolerance, difference, observe

from ..large_modules import large_module

MAX_OPS = 10
"""How many ops may be left, those of the function and its return among them."""

MIN_OPS = 200
"""How many ops a module has at least that a failure is planted in."""

_SIZES = {"linalg": 450, "loops": 400, "cfg": 400, "llvm": 220}
"""How many `hl` ops it takes to have so many at another level."""
_SEEDS = 100
_MAX_STEPS = 20_000


@dataclass(frozen=True)
class Planted:
    """A failure to reduce.

    Attributes:
        name: of the failure.
        level: of the module.
        shows: whether a module shows the failure.
        options: of `large_module`.
    """

    name: str
    level: str
    shows: Callable[[ModuleOp], bool]
    options: Mapping[str, Any] = field(default_factory=dict)

    def module(self) -> ModuleOp:
        """The first of the large modules, in the order of their seeds, that shows the failure."""
        for seed in range(_SEEDS):
            module = large_module(seed, _SIZES.get(self.level, MIN_OPS), **self.options)
            if self.level != "hl":
                module = lowered(module, self.level)
            if count_ops(module) >= MIN_OPS and self.shows(module.clone()):
                return module
        raise LookupError(f"none of {_SEEDS} large modules shows '{self.name}'")


def inputs_for(module: ModuleOp) -> list[np.ndarray]:
    """Arguments for the function to run, the same ones for the same types."""
    entry = next(op for op in module.ops if isinstance(op, func.FuncOp) and op.sym_visibility is None)
    seen: dict[str, int] = {}
    found = []
    for type_ in entry.function_type.inputs.data:
        text = str(type_)
        seen[text] = seen.get(text, 0) + 1
        found.append(_array(type_, seen[text]))
    return found


def _array(type_: Any, seed: int) -> np.ndarray:
    """Small numbers, no two neighbours of which are equal."""
    shaped = type_.value_type if isinstance(type_, VariableType) else type_
    shape = shaped.get_shape() if isinstance(shaped, TensorType | MemRefType) else ()
    shape = [3 if size == DYNAMIC else size for size in shape]
    count = int(np.prod(shape))
    numbers = (np.arange(count) * 7 + 5 * seed) % 11 - 4
    dtype = dtype_of(shaped)
    values = numbers % 2 == 0 if dtype.is_bool else numbers + (0.5 if dtype.is_floating else 0)
    return values.astype(dtype).reshape(shape)


def _outcome(module: ModuleOp) -> Outcome:
    """What the module comes to on `inputs_for` it; programs that do not end soon fail."""
    return observe(module, inputs_for(module), max_ops=_MAX_STEPS)


def changes_meaning(apply: Callable[[ModuleOp], object], rtol: float = 0.0) -> Callable[[ModuleOp], bool]:
    """Whether a module that runs comes to something else, or fails, after `apply`, which changes it in place."""

    def shows(module: ModuleOp) -> bool:
        expected = _outcome(module)
        if expected.failure is not None:
            return False
        apply(module)
        return difference(_outcome(module), expected, Tolerance(rtol)) is not None

    return shows


def raises(apply: Callable[[ModuleOp], object], error: type[Exception]) -> Callable[[ModuleOp], bool]:
    """Whether `apply` raises an error of this kind."""

    def shows(module: ModuleOp) -> bool:
        try:
            apply(module)
        except error:
            return True
        return False

    return shows


def function_ops(module: ModuleOp) -> list[Operation]:
    """All ops inside of functions."""
    return [op for op in module.walk() if not isinstance(op, ModuleOp | func.FuncOp | llvm.FuncOp)]
