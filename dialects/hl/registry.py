"""All ops of the `hl` dialect by name; what needs a few of them imports their family, which loads faster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import ModuleType

from xdsl.ir import Dialect

from ..strings import StringType
from . import (
    arg_reduce,
    arithmetic,
    bitwise,
    comparison,
    complex,
    convolution,
    counting,
    decompositions,
    division,
    equations,
    files,
    fourier,
    image_files,
    index,
    linear,
    logical,
    matrix_functions,
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
    sound_files,
    special,
    special_functions,
    string_codes,
    string_parts,
    strings,
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
    special_functions,
    trigonometric,
    rounding,
    comparison,
    complex,
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
    matrix_functions,
    fourier,
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
"""The modules that define ops on numbers."""

STRING_FAMILIES: tuple[ModuleType, ...] = (strings, string_parts, string_codes, files, image_files, sound_files)
"""The modules that define ops on strings, of which generated programs have none."""


def _ops(families: Iterable[ModuleType]) -> Iterator[type[HLOp]]:
    for family in families:
        for value in vars(family).values():
            if isinstance(value, type) and isinstance(getattr(value, "name", None), str) and issubclass(value, HLOp):
                yield value


OPS: dict[str, type[HLOp]] = {op.name: op for op in _ops(FAMILIES)}
"""The ops on numbers by their names, such as `"hl.add"`."""

ALL_OPS: dict[str, type[HLOp]] = OPS | {op.name: op for op in _ops(STRING_FAMILIES)}
"""Every op of the dialect by its name."""

HL = Dialect("hl", list(ALL_OPS.values()), [StringType])
