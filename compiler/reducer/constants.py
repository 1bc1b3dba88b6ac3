"""Constants: 0 and 1, small numbers, one number for all elements; attributes that mean nothing to an op."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IntegerAttr, IntegerType, ModuleOp
from xdsl.ir import Attribute

from ...dialects.emitter import constant_attr
from .cost import CONSTANTS, constant_weight
from .edits import Edit, Ops, Strategy, is_in


@dataclass(frozen=True)
class SimplerConstants(Strategy):
    """Replaces the values of constants by simpler ones.

    Attributes:
        choice: which of the simpler values of a constant is tried: 0 for the simplest.
    """

    choice: int = 0
    name = "simplify constants"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each constant that has so many simpler values."""
        found: list[Edit] = []
        for number, op in enumerate(module.walk()):
            if isinstance(op, CONSTANTS):
                values = list(_simpler(op.properties["value"]))
                if self.choice < len(values):
                    found.append(_SetValue(number, values[self.choice]))
        return found


def _simpler(attr: Attribute) -> Iterator[Attribute]:
    """The simpler values of a constant, the simplest first."""
    weight = constant_weight(attr)
    for value in _candidates(attr):
        if constant_weight(value) < weight:
            yield value


def _candidates(attr: Attribute) -> Iterator[Attribute]:
    match attr:
        case IntegerAttr() | FloatAttr():
            yield from (_number(value, attr.type) for value in _numbers(attr.value.data))
        case DenseIntOrFPElementsAttr():
            values: Any = attr.get_values()
            first = values[0] if values else 0
            yield from (_number(value, attr.type) for value in (*_numbers(first), first))


def _numbers(value: float) -> list[float]:
    """Simpler numbers than `value`; 2 since loops that run twice show what those that run once do not."""
    if not math.isfinite(value):
        return [0, 1, 2]
    return [0, 1, 2, int(value) // 2, int(value)]


def _number(value: float, type_: Attribute) -> Attribute:
    return constant_attr(value if not isinstance(type_, IntegerType) else int(value), type_)


@dataclass(frozen=True)
class _SetValue:
    number: int
    value: Attribute

    def __call__(self, ops: Ops) -> bool:
        op = ops[self.number]
        if not is_in(op, ops) or op.properties["value"] == self.value:
            return False
        op.properties["value"] = self.value
        return True


class DropAttributes(Strategy):
    """Removes attributes that are not the op's own."""

    name = "drop attributes"

    def edits(self, module: ModuleOp) -> list[Edit]:
        """One for each."""
        return [
            _DropAttribute(number, name) for number, op in enumerate(module.walk()) for name in sorted(op.attributes)
        ]


@dataclass(frozen=True)
class _DropAttribute:
    number: int
    name: str

    def __call__(self, ops: Ops) -> bool:
        return is_in(ops[self.number], ops) and ops[self.number].attributes.pop(self.name, None) is not None
