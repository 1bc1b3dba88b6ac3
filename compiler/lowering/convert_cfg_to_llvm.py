"""cfg → llvm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func, memref
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.rewriter import Rewriter

from ..pipeline.base import Pass
from . import llvm_arith, llvm_control, llvm_debug, llvm_math, llvm_memref, llvm_vector
from .llvm_function import Declarations, FunctionLowering, Handler

HANDLERS: dict[type[Operation], Handler] = {
    **llvm_arith.HANDLERS,
    **llvm_control.HANDLERS,
    **llvm_debug.HANDLERS,
    **llvm_math.HANDLERS,
    **llvm_memref.HANDLERS,
    **llvm_vector.HANDLERS,
}


@dataclass(frozen=True)
class ConvertCfgToLlvmPass(Pass):
    """Lower functions of basic blocks to the llvm dialect, ready to run."""

    name = "convert-cfg-to-llvm"
    requires: ClassVar[str | None] = "cfg"
    ensures: ClassVar[str | None] = "llvm"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Replace each function and constant of `op`."""
        declarations = Declarations()
        functions = {top.sym_name.data: top for top in op.ops if isinstance(top, func.FuncOp)}
        lowered = {
            name: FunctionLowering(function, functions, declarations, HANDLERS).run()
            for name, function in functions.items()
            if not function.is_declaration
        }
        for top in list(op.ops):
            if isinstance(top, memref.GlobalOp):
                Rewriter.replace_op(top, llvm_memref.lower_global(top), [])
            elif isinstance(top, func.FuncOp):
                Rewriter.replace_op(top, lowered.get(top.sym_name.data, []), [])
        for declaration in declarations.ops.values():
            declaration.location = op.location
            op.body.block.add_op(declaration)
