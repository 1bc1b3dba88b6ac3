"""Running the text of IR: which function, what its arguments are, and on which engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import MemRefType, ModuleOp, StringAttr, SymbolRefAttr, TensorType
from xdsl.ir import Attribute, Operation

from ..compiler.interchange.mlir.text import parse_module
from ..compiler.lowering.llvm import abi
from ..compiler.pipeline.manager import PassManager, require_level
from ..compiler.pipeline.named import STEPS
from ..compiler.pipeline.pipelines import checked_steps, steps_between
from ..dialects.context import make_context
from ..dialects.state import VariableType
from ..dialects.types import DYNAMIC
from ..runtime.engines.interpreter import run_module
from ..runtime.engines.interpreter.values import dtype_of
from .errors import CommandError
from .inputs import Given, fit

Entry = func.FuncOp | llvm.FuncOp


def run_text(
    text: str,
    name: str,
    inputs: Sequence[Given],
    level: str | None,
    engine: str,
    function: str | None,
    trusted: bool = False,
) -> dict[str, np.ndarray]:
    """The results by name: `result 0`, and `argument 0` for an argument whose contents the program changed.

    Natively, text below `hl` gets run-time checks unless it is `trusted`; CommandError for text of level llvm then.
    """
    module = parse_module(text, name)
    level = require_level(module, level)
    if engine == "native" and level == "llvm" and not trusted:
        raise CommandError(
            f"{name}: text of level llvm can call any function and write to any memory of the process; "
            "run it with --engine interpreter, or with --trusted if you know where it comes from"
        )
    entry = find_entry(module, name, function)
    arrays = arrays_for(entry, inputs)
    before = [array.tobytes() for array in arrays]
    if engine == "native":
        results = _run_native(module, entry, level, arrays, trusted)
    else:
        results = run_module(module, arrays, function=entry.sym_name.data)
    found = {f"result {number}": np.asarray(result) for number, result in enumerate(results)}
    for number, (array, old) in enumerate(zip(arrays, before, strict=True)):
        if array.tobytes() != old:
            found[f"argument {number}"] = array
    return found


def find_entry(module: ModuleOp, file: str, name: str | None) -> Entry:
    """The function to run: the named one, else `main`, else the first public one."""
    found = {entry.sym_name.data: entry for entry in entries(module)}
    if name is not None:
        if name not in found:
            raise CommandError(f"{file}: there is no function '{name}'; there are {', '.join(found) or 'none'}")
        return found[name]
    public = [op for op in found.values() if op.sym_visibility is None or op.sym_visibility.data == "public"]
    if not public:
        raise CommandError(f"{file}: there is no function to run")
    return found.get("main", public[0])


def entries(module: ModuleOp) -> list[Entry]:
    """The functions that can be run: those with a body, at the llvm level kernels."""
    kernels = [op for op in module.ops if isinstance(op, llvm.FuncOp) and abi.ARGUMENTS in op.attributes]
    return [*kernels, *(op for op in module.ops if isinstance(op, func.FuncOp) and op.body.blocks)]


def argument_types(entry: Entry) -> Sequence[Attribute]:
    """The types of the inputs of a function of any level."""
    if isinstance(entry, llvm.FuncOp):
        return abi.KernelInfo.from_attributes(entry.attributes).arguments
    return entry.function_type.inputs.data


def arrays_for(entry: Entry, inputs: Sequence[Given]) -> list[np.ndarray]:
    """The arrays that a function is given; CommandError where inputs do not fit its arguments."""
    types = argument_types(entry)
    if len(inputs) != len(types):
        expected = ", ".join(map(str, types)) or "none"
        raise CommandError(f"@{entry.sym_name.data} takes {len(types)} inputs ({expected}), got {len(inputs)}")
    return [_fitting(number, *pair) for number, pair in enumerate(zip(inputs, types, strict=True))]


def _fitting(number: int, given: Given, type_: Attribute) -> np.ndarray:
    shaped = type_.value_type if isinstance(type_, VariableType) else type_
    sizes = shaped.get_shape() if isinstance(shaped, TensorType | MemRefType) else ()
    shape = [None if size == DYNAMIC else size for size in sizes]
    return fit(given, f"input {number}", dtype_of(shaped), shape).copy()


def _run_native(
    module: ModuleOp, entry: Entry, level: str, arrays: Sequence[np.ndarray], trusted: bool
) -> Sequence[np.ndarray]:
    from ..runtime.engines.native import compile_module

    keep_only(module, entry)
    manager = PassManager(make_context(), verify_each=True)
    if level == "hl":
        manager.run(module, STEPS["hl"])
    manager.run(module, steps_between(level, "llvm") if trusted or level == "hl" else checked_steps(level))
    return compile_module(module).run(*arrays)


def keep_only(module: ModuleOp, entry: Entry) -> None:
    """Leave `entry` the one function that can be called from outside, and no function that it does not need."""
    called = _called(module, entry)
    for op in entries(module):
        if op is entry:
            continue
        if op not in called:
            op.detach()
            op.erase()
        elif isinstance(op, func.FuncOp):
            op.sym_visibility = StringAttr("private")
    if isinstance(entry, func.FuncOp):
        entry.sym_visibility = None


def _called(module: ModuleOp, entry: Entry) -> set[Operation]:
    """The functions that `entry` refers to, and those that they refer to."""
    functions = {op.sym_name.data: op for op in module.ops if isinstance(op, func.FuncOp | llvm.FuncOp)}
    found: set[Operation] = {entry}
    waiting: list[Operation] = [entry]
    for function in waiting:
        symbols = (attr for op in function.walk() for attr in (*op.properties.values(), *op.attributes.values()))
        for symbol in symbols:
            if isinstance(symbol, SymbolRefAttr):
                callee = functions.get(symbol.root_reference.data)
                if callee is not None and callee not in found:
                    found.add(callee)
                    waiting.append(callee)
    return found
