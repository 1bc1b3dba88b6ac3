"""What the results are to be: another engine's, an ONNX file's, or those of a function of the user's."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..engines import ENGINES, compile_for
from ..outcomes import Outcome
from .program import Program, arrays_of
from .values import Record


@dataclass(frozen=True)
class Oracle:
    """What is right.

    Attributes:
        name: for people.
        expected: the results; None where the program as traced is the oracle.
        values: the values of single ops that it knows, with the user's lines.
    """

    name: str
    expected: Outcome | None
    values: Callable[[], list[Record]] = list


def oracle_of(oracle: object, program: Program, args: Sequence[object]) -> Oracle:
    """The oracle that the argument of `bisect` means.

    Raises ValueError for a name that is neither an engine nor the path of an ONNX file.
    """
    if isinstance(oracle, str | os.PathLike):
        name = os.fspath(oracle)
        if name == "interpreter":
            return Oracle(name, None)
        if name in ENGINES:
            return _engine(name, program)
        if name.endswith(".onnx"):
            return _file(name, program)
        raise ValueError(
            f"bisect: oracle: expected one of {', '.join(ENGINES)}, the path of an .onnx file, or a function, "
            f"got {name!r}"
        )
    if not callable(oracle):
        raise TypeError(f"bisect: oracle: expected a name, a path or a function, got {type(oracle).__name__}")
    name = getattr(oracle, "__name__", type(oracle).__name__)
    return Oracle(name, Outcome(arrays_of(oracle(*args))))


def _engine(name: str, program: Program) -> Oracle:
    inputs = program.inputs()
    results = compile_for(name, program.module).run(*inputs)
    return Oracle(name, Outcome(tuple(np.asarray(result) for result in results)))


def _file(path: str, program: Program) -> Oracle:
    """The results of a file, without the new values of Variables that follow them."""
    from ..onnx.run import run  # loads ONNX Runtime
    from .onnx_values import node_values  # as above

    given = program.inputs()[: program.given]
    function = next(op for op in program.module.ops if hasattr(op, "function_type"))
    count = len(function.function_type.outputs.data)  # pyright: ignore[reportAttributeAccessIssue]
    results = tuple(run(path, *given)[:count])
    return Oracle(path, Outcome(results), lambda: node_values(path, given))
