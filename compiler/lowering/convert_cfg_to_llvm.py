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
from . import llvm_arith, llvm_control, llvm_memref
from .llvm_function import Declarations, FunctionLowering, Handler

HANDLERS: dict[type[Operation], Handler] = {
    **llvm_arith.HANDLERS,
    **llvm_control.HANDLERS,
    **llvm_memref.HANDLERS,
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
        for top in list(op.ops):
            if isinstance(top, memref.GlobalOp):
                Rewriter.replace_op(top, llvm_memref.lower_global(top), [])
            elif isinstance(top, func.FuncOp) and not top.is_declaration:
                Rewriter.replace_op(top, FunctionLowering(top, declarations, HANDLERS).run(), [])
        for declaration in declarations.ops.values():
            declaration.location = op.location
            op.body.block.add_op(declaration)
