"""The `hl` dialect: tensor operations as the user wrote them, one block an op, one file a family."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from xdsl.ir import Dialect

from . import (
    arg_reduce,
    arithmetic,
    bitwise,
    comparison,
    convolution,
    counting,
    decompositions,
    division,
    equations,
    index,
    linear,
    logical,
    movement,
    nonzero,
    normal,
    padding,
    patches,
    permutation,
    pooling,
    power,
    random,
    reduce,
    rejection,
    rounding,
    scan,
    scatter,
    search,
    selection,
    shape,
    slicing,
    sort,
    special,
    sum_to,
    transcendental,
    trigonometric,
    truncated_normal,
    windows,
)
from .rules.base import HLOp

FAMILIES: tuple[ModuleType, ...] = (
    arithmetic,
    division,
    power,
    transcendental,
    special,
    trigonometric,
    rounding,
    comparison,
    logical,
    bitwise,
    selection,
    reduce,
    sum_to,
    scan,
    arg_reduce,
    sort,
    search,
    random,
    normal,
    truncated_normal,
    permutation,
    rejection,
    linear,
    decompositions,
    equations,
    convolution,
    patches,
    pooling,
    shape,
    movement,
    index,
    nonzero,
    scatter,
    counting,
    slicing,
    windows,
    padding,
)
"""The modules that define ops."""


def _ops() -> Iterator[type[HLOp]]:
    for family in FAMILIES:
        for value in vars(family).values():
            if isinstance(value, type) and issubclass(value, HLOp) and isinstance(getattr(value, "name", None), str):
                yield value


OPS: dict[str, type[HLOp]] = {op.name: op for op in _ops()}
"""Every op of the dialect by its name, such as `"hl.add"`."""

HL = Dialect("hl", list(OPS.values()), [])
