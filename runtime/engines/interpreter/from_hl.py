"""The interpreter as an engine for functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from .errors import InterpreterError
from .run import run_module


class InterpreterExecutable:
    """An `hl` module that is interpreted each time it is called."""

    entry = tensor_entry = None
    host_calls = 0

    def __init__(self, module: ModuleOp):
        self._module = module

    def run(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """The results; arrays of Variables are updated in place."""
        try:
            return run_module(self._module, arrays)
        except InterpreterError as error:
            raise error.of_engine() from error


def compile_hl(module: ModuleOp) -> InterpreterExecutable:
    """The module as it is."""
    return InterpreterExecutable(module)
