"""`dce`: what nobody uses and what has no effect goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Block, Operation, Region
from xdsl.traits import (
    IsTerminator,
    MemoryEffect,
    MemoryReadEffect,
    MemoryWriteEffect,
    NoMemoryEffect,
    SymbolOpInterface,
)
from xdsl.transforms.dead_code_elimination import is_trivially_dead

from ..pipeline.base import Pass

_PURE_ON_TENSORS = (linalg.GenericOp, linalg.FillOp, linalg.MatmulOp, tensor.EmptyOp)
"""Ops without declared effects that have none when they work on tensors."""


@dataclass(frozen=True)
class DcePass(Pass):
    """Remove ops whose results are unused and that have no effect.

    Before:

        func.func @f(%x: tensor<f32>) -> tensor<f32> {
          %0 = hl.exp %x : (tensor<f32>) -> tensor<f32>
          func.return %x : tensor<f32>
        }

    After:

        func.func @f(%x: tensor<f32>) -> tensor<f32> {
          func.return %x : tensor<f32>
        }

    Tracing and other passes leave such ops to this pass. Ops with effects are never removed.
    """

    name = "dce"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """One walk from the end to the beginning, since an op's death may be that of its operands."""
        remove_dead(op.body.block)


def remove_dead(block: Block) -> bool:
    """Remove what is dead in a block, and in what is nested in it; whether there was anything."""
    removed, op = False, block.last_op
    while op is not None:
        before = op.prev_op
        for region in op.regions:
            removed |= _remove_dead_in(region)
        if is_dead(op):
            op.detach()
            op.erase()
            removed = True
        op = before
    return removed


def _remove_dead_in(region: Region) -> bool:
    """Remove what is dead in the blocks of a region; those that use a block's values may be written before it."""
    removed = False
    while any(remove_dead(block) for block in reversed(region.blocks)):
        removed = True
        if len(region.blocks) == 1:
            break
    return removed


def is_dead(op: Operation) -> bool:
    """Whether `op` can be removed: no result is used, and it has no effect."""
    for result in op.results:  # no `any`: this is asked of every op, again and again
        if result.first_use is not None:
            return False
    judge = _judge(type(op))
    return judge is not None and judge(op)


def _is_of_tensors(op: Operation) -> bool:
    return bool(op.results) and all(isinstance(result.type, TensorType) for result in op.results)


@cache
def _judge(op_class: type[Operation]) -> Callable[[Operation], bool] | None:
    """What says of ops of a class with unused results that they are dead; None where the class says that none is."""
    if issubclass(op_class, _PURE_ON_TENSORS):
        return _is_of_tensors
    if _surely_has_effects(op_class) or op_class.has_trait(IsTerminator) or op_class.has_trait(SymbolOpInterface):
        return None
    effects = op_class.get_traits_of_type(MemoryEffect)
    if all(isinstance(effect, NoMemoryEffect | MemoryReadEffect) for effect in effects):
        return lambda op: True
    return lambda op: not _does_something(op) and is_trivially_dead(op)


@cache
def _surely_has_effects(op_class: type[Operation]) -> bool:
    """Whether all ops of a class write, or have effects of which nothing is known."""
    effects = op_class.get_traits_of_type(MemoryEffect)
    return not effects or any(type(effect) is MemoryWriteEffect for effect in effects)


def _does_something(op: Operation) -> bool:
    """Whether an op in a region of `op` surely has effects: seen soon from the end, where most loops write."""
    for region in op.regions:
        for block in region.blocks:
            inner = block.last_op
            while inner is not None:
                if _surely_has_effects(type(inner)) or (inner.regions and _does_something(inner)):
                    return True
                inner = inner.prev_op
    return False
