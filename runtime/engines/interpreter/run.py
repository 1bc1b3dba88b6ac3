"""Running a whole program: which function, what it is given, what it gives back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import IO, Any

import numpy as np
from xdsl.dialects import func
from xdsl.dialects.builtin import MemRefType, ModuleOp, TensorType
from xdsl.interpreter import InterpreterFunctions
from xdsl.ir import Attribute
from xdsl.parser import Parser

from ....dialects.context import make_context
from ....dialects.state import VariableType
from .errors import InterpreterError
from .machine import Machine
from .values import dtype_of, fits, shape_text

_DIALECT_FILES = (
    "arith",
    "bufferization",
    "debug",
    "func_cf",
    "hl",
    "host",
    "linalg",
    "math",
    "memref",
    "scf",
    "state",
    "tensor",
    "vector",
)


@cache
def _functions() -> tuple[InterpreterFunctions, ...]:
    """The implementations of all dialects."""
    return tuple(functions for name in _DIALECT_FILES for functions in import_module(f".{name}", __package__).FUNCTIONS)


def run_module(
    module: ModuleOp, inputs: Sequence[Any], *, function: str | None = None, stdout: IO[str] | None = None
) -> list[np.ndarray]:
    """Run a function of a module at any level and return its results.

    Inputs are never changed, but for variables and memrefs: those must be arrays, and are updated in place.

    Args:
        module: the program.
        inputs: arrays, one for each argument of the function (Python numbers for scalars).
        function: its name; without it, `main` or the first public function.
        stdout: where `debug.print` prints; without it, standard output.

    Raises:
        InterpreterError: when the program fails, with the user's line.
    """
    entry = find_function(module, function)
    machine = Machine(module, file=stdout)
    for functions in _functions():
        machine.register_implementations(functions)
    types = entry.function_type.inputs.data
    if len(inputs) != len(types):
        raise InterpreterError(
            f"@{entry.sym_name.data} takes {len(types)} arguments, got {len(inputs)}", entry.location
        )
    args = tuple(_argument(number, value, type_) for number, (value, type_) in enumerate(zip(inputs, types)))
    with np.errstate(all="ignore"):
        results = machine.call_op(entry, args)
    return [np.array(result) for result in results]


def run_text(text: str, inputs: Sequence[Any], **options: Any) -> list[np.ndarray]:
    """Parse a program of any level and run it; `options` are those of `run_module`."""
    return run_module(Parser(make_context(), text).parse_module(), inputs, **options)


def find_function(module: ModuleOp, name: str | None) -> func.FuncOp:
    """The function to run: the named one, or `main`, or the first public one."""
    found = [op for op in module.body.block.ops if isinstance(op, func.FuncOp) and op.body.blocks]
    by_name = {op.sym_name.data: op for op in found}
    if name is not None:
        if name not in by_name:
            raise InterpreterError(f"there is no function @{name}; there are {', '.join(by_name) or 'none'}")
        return by_name[name]
    public = [op for op in found if op.sym_visibility is None or op.sym_visibility.data == "public"]
    if "main" in by_name or public:
        return by_name.get("main") or public[0]
    raise InterpreterError("the module has no public function")


def _argument(number: int, value: Any, type_: Attribute) -> Any:
    """An input as the machine holds it, checked against the argument's type."""
    if isinstance(type_, VariableType):
        return _buffer(number, value, type_.value_type)
    if isinstance(type_, MemRefType):
        return _buffer(number, value, type_)
    if isinstance(type_, TensorType):
        return _shaped(number, np.asarray(value), type_)
    scalar = np.asarray(value)
    if scalar.ndim:
        raise InterpreterError(f"argument {number}: expected a scalar of type {type_}, got shape {list(scalar.shape)}")
    return scalar.astype(dtype_of(type_))[()]


def _buffer(number: int, value: Any, type_: TensorType | MemRefType) -> np.ndarray:
    if not isinstance(value, np.ndarray):
        raise InterpreterError(
            f"argument {number}: expected a numpy array to update in place, got {type(value).__name__}"
        )
    return _shaped(number, value, type_)


def _shaped(number: int, array: np.ndarray, type_: TensorType | MemRefType) -> np.ndarray:
    if array.dtype != dtype_of(type_) or not fits(array.shape, type_):
        expected = f"{dtype_of(type_).name}{shape_text(type_.get_shape())}"
        raise InterpreterError(f"argument {number}: expected {expected}, got {array.dtype.name}{list(array.shape)}")
    return array
