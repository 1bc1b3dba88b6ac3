"""The flags of ops as LLVM writes them, each with a space before it."""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.dialects import llvm
from xdsl.dialects.builtin import IntegerAttr
from xdsl.dialects.utils import FastMathFlag
from xdsl.ir import Attribute, Operation

_OVERFLOW = ("", " nsw", " nuw", " nsw nuw")


def none(op: Operation) -> str:
    """Of an op that has none."""
    return ""


def wrapping(op: Operation) -> str:
    """That a result does not overflow."""
    flags: Attribute | None = op.properties.get("overflowFlags")
    if isinstance(flags, IntegerAttr):
        return _OVERFLOW[flags.value.data & 3]
    return _joined(flags.data) if isinstance(flags, llvm.OverflowAttr) else ""


def exact(op: Operation) -> str:
    """That nothing is lost by a division or a shift."""
    return " exact" if "isExact" in op.properties else ""


def disjoint(op: Operation) -> str:
    """That no bit is set in both operands."""
    return " disjoint" if "isDisjoint" in op.properties else ""


def not_negative(op: Operation) -> str:
    """That the operand is not negative."""
    return " nneg" if "nonNeg" in op.properties else ""


def fast(op: Operation) -> str:
    """What may be assumed about floats."""
    flags = op.properties.get("fastmathFlags")
    return _joined(flags.data) if isinstance(flags, llvm.FastMathAttr) and flags.data else ""


def _joined(flags: Iterable[llvm.OverflowFlag | FastMathFlag]) -> str:
    return "".join(sorted(f" {flag.value}" for flag in flags))  # sets have another order in each process
