"""Programs that do not print, for engines that cannot."""

from __future__ import annotations

from xdsl.dialects import func
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.ir import SSAValue
from xdsl.rewriter import Rewriter

from stepwell.compiler.interchange.mlir.entries import find_entry
from stepwell.dialects.debug import PrintOp
from stepwell.dialects.emitter import Emitter


def without_prints(module: ModuleOp) -> ModuleOp:
    """A program that gives what its function prints as further results, and prints nothing.

    Prints in branches, loops and called functions are left out.
    """
    found = module.clone()
    entry = find_entry(found, "the module", None)
    assert isinstance(entry, func.FuncOp)
    shown: list[SSAValue] = []
    for op in [op for op in found.walk() if isinstance(op, PrintOp)]:
        shown += op.values if op.parent_block() is entry.body.block else []
        Rewriter.erase_op(op)
    last = entry.body.block.last_op
    assert last is not None
    results = [*last.operands, *shown]
    Emitter.before(last).add(func.ReturnOp(*results))
    Rewriter.erase_op(last)
    entry.function_type = FunctionType.from_lists(entry.function_type.inputs.data, [value.type for value in results])
    return found


def prints(module: ModuleOp) -> bool:
    """Whether anything is printed."""
    return any(isinstance(op, PrintOp) for op in module.walk())
