"""cfg → llvm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func, memref
from xdsl.dialects.builtin import ModuleOp, StringAttr, SymbolRefAttr
from xdsl.ir import Operation
from xdsl.rewriter import Rewriter

from ...dialects.walk import ops_in
from ..pipeline.base import TargetPass
from ..targets import find_target
from .llvm import (
    arith as llvm_arith,
)
from .llvm import (
    control as llvm_control,
)
from .llvm import (
    debug as llvm_debug,
)
from .llvm import (
    math as llvm_math,
)
from .llvm import (
    memref as llvm_memref,
)
from .llvm import (
    vector as llvm_vector,
)
from .llvm.function import Declarations, FunctionLowering, Handler
from .llvm.loop_copies import copy_short_loops
from .llvm.loop_polls import LoopPolls
from .loops.memory_use import MemoryUse

HANDLERS: dict[type[Operation], Handler] = {
    **llvm_arith.HANDLERS,
    **llvm_control.HANDLERS,
    **llvm_debug.HANDLERS,
    **llvm_math.HANDLERS,
    **llvm_memref.HANDLERS,
    **llvm_vector.HANDLERS,
}


@dataclass(frozen=True)
class ConvertCfgToLlvmPass(TargetPass):
    """Lower functions of basic blocks to the llvm dialect, ready to run.

    Before:

        func.func @double_if(%x: memref<4xf32>, %i: index, %c: i1) {
          cf.cond_br %c, ^bb1, ^bb2
        ^bb1:
          %0 = memref.load %x[%i] : memref<4xf32>
          %1 = arith.addf %0, %0 : f32
          memref.store %1, %x[%i] : memref<4xf32>
          cf.br ^bb2
        ^bb2:
          func.return
        }

    After:

        llvm.func @double_if(%frame: !llvm.ptr {llvm.noalias}, %arena: !llvm.ptr {llvm.noalias}, %x: !llvm.ptr {llvm.noalias}, %0: !llvm.ptr {llvm.noalias}, %1: !llvm.ptr {llvm.noalias}) -> i32 attributes {stepwell.arguments = [memref<4xf32>, memref<index>, memref<i1>], stepwell.results = [], stepwell.written = [0 : i64], stepwell.arena = 0 : i64, stepwell.assertions = [], stepwell.sites = []} {
          %2 = llvm.mlir.constant(0 : i8) : i8
          %3 = llvm.mlir.constant(0 : i32) : i32
          %i = llvm.load %0 : !llvm.ptr -> i64
          %4 = llvm.load %1 : !llvm.ptr -> i8
          %c = llvm.icmp "ne" %4, %2 : i8
          llvm.cond_br %c, ^bb1, ^bb2
        ^bb1:
          %5 = llvm.getelementptr inbounds %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
          %6 = llvm.load %5 : !llvm.ptr -> f32
          %7 = llvm.fadd %6, %6 : f32
          %8 = llvm.getelementptr inbounds %x[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
          llvm.store %7, %8 : f32, !llvm.ptr
          llvm.br ^bb2
        ^bb2:
          llvm.br ^bb3(%3 : i32)
        ^bb3(%9: i32):
          llvm.return %9 : i32
        }

    The calling convention is recorded in attributes of the function, so that the text alone can be run. A memref is
    passed as a pointer and its dynamic sizes; a kernel also receives the frame of the call and scratch memory, and
    returns a status that says whether a check failed. Loops that may run long subtract the cost of each iteration from
    a budget, and poll when it is used up: other threads can then run, and the program can be interrupted.
    """  # noqa: E501

    name = "convert-cfg-to-llvm"
    requires: ClassVar[str | None] = "cfg"
    ensures: ClassVar[str | None] = "llvm"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Replace each function and constant of `op`."""
        _leave_names_of_the_runtime(op)
        declarations = Declarations(find_target(self.target))
        functions = {top.sym_name.data: top for top in op.ops if isinstance(top, func.FuncOp)}
        for function in functions.values():
            if not function.is_declaration:
                copy_short_loops(function)
        memory, polls = MemoryUse(functions), LoopPolls(functions)
        lowered = {
            name: FunctionLowering(function, functions, declarations, memory, polls, HANDLERS)
            for name, function in functions.items()
            if not function.is_declaration
        }
        for lowering in lowered.values():
            lowering.run()
        for top in list(op.ops):
            if isinstance(top, memref.GlobalOp):
                Rewriter.replace_op(top, llvm_memref.lower_global(top), [])
            elif isinstance(top, func.FuncOp):
                lowering = lowered.get(top.sym_name.data)
                Rewriter.replace_op(top, [] if lowering is None else lowering.result_op(), [])
        for declaration in declarations.ops.values():
            declaration.location = op.location
            op.body.block.add_op(declaration)


def _leave_names_of_the_runtime(module: ModuleOp) -> None:
    """Give functions and constants that have names of the runtime's other names."""
    tops = {op.sym_name.data: op for op in module.ops if isinstance(op, func.FuncOp | memref.GlobalOp)}
    new: dict[str, SymbolRefAttr] = {}
    for name, top in tops.items():
        if name.startswith("stepwell_"):
            while name in tops or name in new:
                name = f"_{name}"
            new[top.sym_name.data] = SymbolRefAttr(name)
            top.sym_name = StringAttr(name)
    for op in ops_in(module) if new else ():
        if isinstance(op, func.CallOp):
            op.callee = new.get(op.callee.string_value(), op.callee)
        elif isinstance(op, memref.GetGlobalOp):
            op.name_ = new.get(op.name_.string_value(), op.name_)
