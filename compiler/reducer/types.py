"""Types: smaller sizes, sizes that are known, simpler elements, the same everywhere in the module."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import (
    MemRefType,
    ModuleOp,
    TensorType,
    VectorType,
    f32,
    f64,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation

from ...dialects.state import VariableType
from ...dialects.types import DYNAMIC
from .edits import Edit, OneAtATime, Ops
from .retype import retype
from .substitute import substitute

_SIMPLER: tuple[tuple[Attribute, Attribute], ...] = ((f64, f32), (i64, i32))


def _types(module: Operation) -> list[Attribute]:
    """The types of all values, each once, in order."""
    found: dict[Attribute, None] = {}
    for op in module.walk():
        for value in (*op.results, *(a for r in op.regions for b in r.blocks for a in b.args)):
            type_ = value.type
            found[type_.value_type if isinstance(type_, VariableType) else type_] = None
    return list(found)


class ShrinkSizes(OneAtATime):
    """Makes a size smaller everywhere it occurs; those that follow from it are computed anew."""

    name = "shrink sizes"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """For each size, the largest first, smaller ones; sizes not known become 1, 2 or 3."""
        shaped = [type_ for type_ in _types(module) if isinstance(type_, TensorType | MemRefType | VectorType)]
        sizes = {size for type_ in shaped for size in type_.get_shape()}
        found: list[Edit] = []
        for size in sorted(sizes, reverse=True):
            smaller = (1, 2, 3) if size == DYNAMIC else sorted({1, 2, size // 2} - {0})
            for target in smaller:
                if target < size or size == DYNAMIC:
                    found += [_Resize(size, target, False), _Resize(size, target, True)]
        return found


@dataclass(frozen=True)
class _Resize:
    old: int
    new: int
    index_constants: bool

    def __call__(self, ops: Ops) -> bool:
        def size(value: int) -> int:
            return self.new if value == self.old else value

        return substitute(ops[0], size, lambda element: element, self.index_constants) and retype(ops[0])


class SimplerElements(OneAtATime):
    """Uses a narrower type for the elements of everything that has the wider one."""

    name = "simplify types"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each type that has a simpler one."""
        elements = {getattr(type_, "element_type", type_) for type_ in _types(module)}
        return [_Convert(old, new) for old, new in _SIMPLER if old in elements]


@dataclass(frozen=True)
class _Convert:
    old: Attribute
    new: Attribute

    def __call__(self, ops: Ops) -> bool:
        def element(attr: Attribute) -> Attribute:
            return self.new if attr == self.old else attr

        return substitute(ops[0], lambda size: size, element) and retype(ops[0])
