"""`bufferize`: tensors become memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from ..pipeline.base import Pass
from .bufferization import control_flow, effects, movement, structured
from .bufferization.constants import Constants
from .bufferization.deallocation import insert_deallocations
from .bufferization.rewriter import Handler, Rewriter, module_functions

HANDLERS: dict[type[Operation], Handler] = {
    **movement.HANDLERS,
    **structured.HANDLERS,
    **effects.HANDLERS,
    **control_flow.HANDLERS,
}


@dataclass(frozen=True)
class BufferizePass(Pass):
    """Puts every tensor into memory, and writes results where they are wanted.

    Before:

        func.func @f(%x: tensor<4xf32>, %w: memref<4xf32>) {
          func.return
        }

    After:

        func.func @f(%x: memref<4xf32>, %w: memref<4xf32>) {
          func.return
        }

    A result is written over an operand that is dead, or straight to the variable, the part of a tensor or the loop's
    value it is about to be stored to; otherwise into fresh memory. What is still read is never written over: then
    there is a copy. Tensor arguments are only read; each returned memref is fresh memory that the caller owns. All
    other memory is freed after its last use.
    """

    name = "bufferize"
    requires: ClassVar[str | None] = "linalg"
    ensures: ClassVar[str | None] = "buffers"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Rewrite every function."""
        constants = Constants(op)
        for function in module_functions(op):
            _bufferize(function, constants)


def _bufferize(function: func.FuncOp, constants: Constants) -> None:
    r = Rewriter(function, constants, HANDLERS)
    effects.convert_signature(r)
    r.run_block(function.body.block)
    effects.finish_signature(r)
    insert_deallocations(r.owned)
