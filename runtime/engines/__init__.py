"""What runs IR: the interpreter (the meaning), the native engine, ONNX Runtime. Any two must agree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from ...dialects.garbage import uncollected
from .complex import with_complex


class Executable(Protocol):
    """A function that an engine can run.

    Attributes:
        host_calls: how many ops call back into Python.
    """

    host_calls: int

    @property
    def entry(self) -> Callable[..., Any] | None:
        """Called with exact arrays, returns an array or a tuple of them, or NotImplemented for arrays that need `run`.

        `None` where the engine has no faster way than `run`.
        """
        ...

    @property
    def tensor_entry(self) -> Callable[..., Any] | None:
        """As `entry`, for exact Tensors instead of arrays; `None` where there is no `entry`."""
        ...

    def run(self, *arrays: np.ndarray) -> Sequence[np.ndarray]:
        """The results for arrays of the right dtypes; arrays of Variables are updated in place."""
        ...


_COMPILERS = {"native": ".native.from_hl", "interpreter": ".interpreter.from_hl", "onnx": ".onnx"}
"""The module of each engine that has its `compile_hl`."""

ENGINES = tuple(_COMPILERS)
"""The names of the engines; the first is the default."""


@uncollected()
def compile_for(engine: str, module: ModuleOp) -> Executable:
    """`module`, an `hl` module of one function, made ready to run on `engine`."""
    check_engine(engine)
    executable = import_module(_COMPILERS[engine], __name__).compile_hl(module)
    return executable if engine == "interpreter" else with_complex(executable, module)


def check_engine(engine: str) -> None:
    """ValueError for a name that is no engine."""
    if engine not in ENGINES:
        raise ValueError(f"function: engine: expected one of {', '.join(ENGINES)}, got {engine!r}")
