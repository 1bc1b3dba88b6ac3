"""`cse`: what is computed twice is computed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import ClassVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, Region
from xdsl.traits import (
    EffectInstance,
    IsolatedFromAbove,
    IsTerminator,
    MemoryEffect,
    MemoryEffectKind,
    MemoryReadEffect,
    NoMemoryEffect,
    get_effects,
)

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
    is between them, in the same block. The earlier op keeps its source line. In regions of several blocks nothing
    is merged.
    """

    name = "cse"
    nestable: ClassVar[bool] = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """One walk from the beginning to the end; what it leaves without use goes too."""
        _Elimination().run_block(op.body.block)
        DcePass().apply(ctx, op)


Key = tuple[object, ...]
"""What is equal of two ops that compute the same, but for their regions."""

Shadowed = list[tuple[Key, tuple[Operation, int] | None]]
"""Keys that a block makes known, each with what was known under it before."""


@dataclass
class _Elimination:
    """Replaces ops by earlier ones, with a scope for each region, as MLIR's pass of the same name.

    Not xDSL's, which hashes an op several times, and copies what is known for each region.

    Attributes:
        known: the ops that may replace a later one, each with the count of writes at which it was met.
        writes: how many ops have been met that may write.
    """

    known: dict[Key, tuple[Operation, int]] = field(default_factory=dict)
    writes: int = 0

    def run_block(self, block: Block) -> Shadowed:
        """Simplify the ops of a block in order."""
        shadowed: Shadowed = []
        op = block.first_op
        while op is not None:
            following = op.next_op
            for region in op.regions:
                self._run_region(region, isolated=op.has_trait(IsolatedFromAbove))
            self._run_op(op, shadowed)
            op = following
        return shadowed

    def _run_region(self, region: Region, *, isolated: bool) -> None:
        block = region.first_block
        if block is None or not _has_one_block(region):
            return
        if isolated:
            around, self.known = self.known, {}
            self.run_block(block)
            self.known = around
            return
        for key, before in reversed(self.run_block(block)):
            if before is None:
                del self.known[key]
            else:
                self.known[key] = before

    def _run_op(self, op: Operation, shadowed: Shadowed) -> None:
        effect = _effect_of_class(type(op)) or _effect_of(get_effects(op))
        if effect is Effect.WRITES:
            self.writes += 1
        if effect in (Effect.WRITES, Effect.OTHER) or not all(map(_has_one_block, op.regions)):
            return
        key = _key(op)
        found = self.known.get(key)
        if found is not None and self._replaces(found, op, reads=effect is Effect.READS):
            for old, new in zip(op.results, found[0].results, strict=True):
                old.replace_all_uses_with(new)
            op.detach()
            op.erase()
            return
        shadowed.append((key, found))
        self.known[key] = (op, self.writes)

    def _replaces(self, found: tuple[Operation, int], op: Operation, *, reads: bool) -> bool:
        """Whether what was found under the key of `op` has its results; what `reads` may since have been written."""
        earlier, writes = found
        if reads and (earlier.parent is not op.parent or writes != self.writes):
            return False
        return all(a.is_structurally_equivalent(b) for a, b in zip(earlier.regions, op.regions, strict=True))


def _key(op: Operation) -> Key:
    properties, attributes = op.properties, op.attributes
    return (
        type(op),
        *map(id, op.operands),
        *[result.type for result in op.results],
        frozenset(properties.items()) if properties else None,
        frozenset(attributes.items()) if attributes else None,
        len(op.regions),
    )


def _has_one_block(region: Region) -> bool:
    return region.first_block is region.last_block


class Effect(Enum):
    """What matters here of the effects of an op."""

    NONE = auto()
    READS = auto()
    WRITES = auto()
    OTHER = auto()
    """The op stays, and changes nothing that others read."""


def _effect_of(effects: Iterable[EffectInstance] | None) -> Effect:
    if effects is None:
        return Effect.WRITES
    kinds = {effect.kind for effect in effects}
    if MemoryEffectKind.WRITE in kinds:
        return Effect.WRITES
    if kinds <= {MemoryEffectKind.READ}:
        return Effect.READS if kinds else Effect.NONE
    return Effect.OTHER


@cache
def _effect_of_class(op_class: type[Operation]) -> Effect | None:
    """The effect of all ops of a class; None where each has its own."""
    if op_class.has_trait(IsTerminator):
        return Effect.OTHER
    traits = op_class.get_traits_of_type(MemoryEffect)
    if not traits:
        return Effect.WRITES
    if all(isinstance(trait, NoMemoryEffect) for trait in traits):
        return Effect.NONE
    return Effect.READS if all(type(trait) is MemoryReadEffect for trait in traits) else None
