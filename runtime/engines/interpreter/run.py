"""Running a whole program: which function, what it is given, what it returns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import IO, Any

import numpy as np
from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import InterpreterFunctions

from ....compiler.interchange.mlir.text import parse_module
from ....compiler.lowering.llvm.abi import KernelInfo
from ....dialects.recursion import deep_recursion
from ....dialects.signs import argument_types, as_held, as_seen, result_types
from ....dialects.strings import as_array
from .errors import InterpreterError
from .inputs import Argument, may_change
from .llvm.kernel import is_kernel, run_kernel, run_plain
from .machine import Change, Machine, Observer
from .memref import readable

_DIALECT_FILES = (
    "arith",
    "bufferization",
    "debug",
    "func_cf",
    "gradient",
    "hl",
    "host",
    "linalg",
    "llvm.ops",
    "llvm.access",
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


@deep_recursion()
def run_module(
    module: ModuleOp,
    inputs: Sequence[object],
    *,
    function: str | None = None,
    stdout: IO[str] | None = None,
    observer: Observer | None = None,
    change: Change | None = None,
) -> list[np.ndarray]:
    """Run a function of a module at any level and return its results.

    Inputs and results are the same arrays at every level. Inputs are never changed, but for variables and memrefs,
    which are updated in place; what the program writes to must be a writeable array.

    Args:
        module: the program.
        inputs: arrays, one for each argument of the function (Python numbers for scalars).
        function: its name; without it, `main` or the first public function.
        stdout: where `debug.print` prints; without it, standard output.
        observer: told the results of each op once it has run, and the arguments of each block as it is entered. Values
            that are memory change later; an error that it raises stops the program.
        change: given each op that has results, its operands and its results; returns what is used as the results.

    Raises:
        InterpreterError: when the program fails, with the user's line.
    """
    entry = find_function(module, function)
    machine = Machine(module, file=stdout, observer=observer, change=change)
    for functions in _functions():
        machine.register_implementations(functions)
    count = _argument_count(entry)
    if len(inputs) != count:
        raise InterpreterError(f"@{entry.sym_name.data} takes {count} arguments, got {len(inputs)}", entry.location)
    with np.errstate(all="ignore"):
        if isinstance(entry, llvm.FuncOp):
            return (run_kernel if is_kernel(entry) else run_plain)(machine, entry, inputs)
        return _run_function(machine, entry, inputs)


def _argument_count(entry: func.FuncOp | llvm.FuncOp) -> int:
    if isinstance(entry, llvm.FuncOp) and is_kernel(entry):
        return len(KernelInfo.from_attributes(entry.attributes).arguments)
    return len(entry.function_type.inputs.data)


def _run_function(machine: Machine, entry: func.FuncOp, inputs: Sequence[object]) -> list[np.ndarray]:
    types = entry.function_type.inputs.data
    seen = argument_types(entry, types)
    arguments = [Argument.of(number, given, type_) for number, (given, type_) in enumerate(zip(inputs, seen))]
    try:
        values = [as_held(type_, argument.value) for type_, argument in zip(types, arguments, strict=True)]
        results = machine.call_op(entry, tuple(values))
    finally:
        for argument, type_ in zip(arguments, types, strict=True):
            if may_change(type_):
                argument.give_back(argument.value)
    found = [np.array(readable(machine, as_array(result))) for result in results]
    return [
        as_seen(type_, x) for type_, x in zip(result_types(entry, entry.function_type.outputs.data), found, strict=True)
    ]


def run_text(text: str, inputs: Sequence[object], **options: Any) -> list[np.ndarray]:
    """Parse a program of any level and run it; `options` are those of `run_module`.

    Ops that say no location have their line in the text, so that errors name it.

    Raises:
        ParseError: when the text is no valid program.
        InterpreterError: when the program fails.
    """
    return run_module(parse_module(text, "text"), inputs, **options)


def find_function(module: ModuleOp, name: str | None) -> func.FuncOp | llvm.FuncOp:
    """The function to run: the named one, or `main`, or the first public one."""
    found = [op for op in module.body.block.ops if isinstance(op, func.FuncOp | llvm.FuncOp) and op.body.blocks]
    by_name = {op.sym_name.data: op for op in found}
    if name is not None:
        if name not in by_name:
            raise InterpreterError(f"there is no function @{name}; there are {', '.join(by_name) or 'none'}")
        return by_name[name]
    public = [op for op in found if op.sym_visibility is None or op.sym_visibility.data == "public"]
    if "main" in by_name or public:
        return by_name.get("main") or public[0]
    raise InterpreterError("the module has no public function")
