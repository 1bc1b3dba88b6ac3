"""`cse`: what is computed twice is computed once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.transforms.common_subexpression_elimination import cse

from ..pipeline.base import Pass
from .dce import DcePass


@dataclass(frozen=True)
class CsePass(Pass):
    """Eliminate common subexpressions: replace an op by an earlier one with the same operands and attributes.

    Before:

        func.func @f(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
          %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
          %1 = hl.exp %x : (tensor<f32>) -> tensor<f32>
          func.return %0, %1 : tensor<f32>, tensor<f32>
        }

    After:

        func.func @f(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
          %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
          func.return %0, %0 : tensor<f32>, tensor<f32>
        }

    Gradients compute many values that the forward pass computes too. Reads of a Variable are merged only if no write
    is between them. The earlier op keeps its source line.
    """

    name = "cse"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """xDSL's common subexpression elimination; what it leaves without use goes too."""
        cse(op)
        DcePass().apply(ctx, op)
