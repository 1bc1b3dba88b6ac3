"""Which op each formula is for, how large its error is, and by which method: formulas say so where they are defined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.ir import Operation

from .lanes import Value

Formula = Callable[..., Value]


@dataclass(frozen=True)
class Expansion:
    """How an op is computed from arithmetic.

    Attributes:
        formula: emits it.
        errors: the largest error in units in the last place of the result, for float32 and for float64. Measured: on
            all float32 numbers for the functions of one argument, on some millions of samples for the rest.
        method: the idea, in a few words.
    """

    formula: Formula
    errors: tuple[float, float]
    method: str


EXPANSIONS: dict[type[Operation], Expansion] = {}
"""How each op is computed from arithmetic."""


def expands(op: type[Operation], float32: float, float64: float, method: str) -> Callable[[Formula], Formula]:
    """Decorate a formula: it computes `op`, by `method`, with errors of at most so many units in the last place."""

    def register(formula: Formula) -> Formula:
        EXPANSIONS[op] = Expansion(formula, (float32, float64), method)
        return formula

    return register


def error_table() -> str:
    """The errors and methods of all functions, as a table."""
    lines = ["function    float32   float64   method"]
    for op, expansion in EXPANSIONS.items():
        single, double = expansion.errors
        lines.append(f"{op.name.removeprefix('math.'):<12}{single:>7.1f}{double:>10.1f}   {expansion.method}")
    return "\n".join(lines)
