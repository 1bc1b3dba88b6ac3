"""`bufferize`: rewrite tensors to memrefs, in place where that is safe."""

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
    """Rewrite tensors to memrefs, computing results in place where possible.

    Before:

        func.func @squares(%x: tensor<8xf32>) -> tensor<8xf32> {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 8 : index
          %3 = tensor.empty() : tensor<8xf32>
          %4 = scf.for %i = %0 to %2 step %1 iter_args(%y = %3) -> (tensor<8xf32>) {
            %5 = tensor.extract %x[%i] : tensor<8xf32>
            %6 = arith.mulf %5, %5 : f32
            %7 = tensor.from_elements %6 : tensor<1xf32>
            %8 = tensor.insert_slice %7 into %y[%i] [1] [1] : tensor<1xf32> into tensor<8xf32>
            scf.yield %8 : tensor<8xf32>
          }
          func.return %4 : tensor<8xf32>
        }

    After:

        func.func @squares(%x: memref<8xf32>) -> memref<8xf32> {
          %0 = arith.constant 0 : index
          %1 = arith.constant 1 : index
          %2 = arith.constant 8 : index
          %y = memref.alloc() {alignment = 64 : i64} : memref<8xf32>
          scf.for %i = %0 to %2 step %1 {
            %3 = memref.load %x[%i] : memref<8xf32>
            %4 = arith.mulf %3, %3 : f32
            %5 = memref.subview %y[%i] [1] [1] : memref<8xf32> to memref<1xf32, strided<[1], offset: ?>>
            %6 = arith.constant 0 : index
            memref.store %4, %5[%6] : memref<1xf32, strided<[1], offset: ?>>
          }
          func.return %y : memref<8xf32>
        }

    A result is written to the buffer of an operand that is dead, or directly to its destination: the variable, slice
    or carried value of a loop that it is stored to next. Otherwise it is allocated. A buffer that is read later is
    never overwritten: it is copied first. Tensor arguments are only read; each returned memref is newly allocated, and
    owned by the caller. All other buffers are deallocated after their last use.
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
