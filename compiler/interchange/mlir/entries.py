"""The functions of a module that can be run, and what they are given."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import func, llvm
from xdsl.dialects.builtin import ModuleOp, StringAttr, SymbolRefAttr
from xdsl.ir import Attribute, Operation

from ....dialects.diagnostics import InputError
from ...lowering.llvm import abi

Entry = func.FuncOp | llvm.FuncOp
"""A function that can be run; at the llvm level a kernel."""


def find_entry(module: ModuleOp, file: str, name: str | None) -> Entry:
    """The function to run: the named one, else `main`, else the first public one."""
    found = {entry.sym_name.data: entry for entry in entries(module)}
    if name is not None:
        if name not in found:
            raise InputError(f"{file}: there is no function '{name}'; there are {', '.join(found) or 'none'}")
        return found[name]
    public = [op for op in found.values() if op.sym_visibility is None or op.sym_visibility.data == "public"]
    if not public:
        raise InputError(f"{file}: there is no function to run")
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
