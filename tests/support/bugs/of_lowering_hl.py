"""Wrong rules by which tensor operations become index maps."""

from __future__ import annotations

from .mutant import Mutant

_LOWER = "convert-hl-to-linalg"


def _rule(name: str, module: str, before: str, after: str) -> Mutant:
    return Mutant(name, f"dialects.hl.{module}", before, after, _LOWER)


MUTANTS = (
    _rule(
        "NaN equals NaN",
        "comparison",
        'INTEGERS: ClassVar[str] = "eq"\n    REALS: ClassVar[str] = "oeq"',
        'INTEGERS: ClassVar[str] = "eq"\n    REALS: ClassVar[str] = "ueq"',
    ),
    _rule(
        "off by one: less is less or equal",
        "comparison",
        'INTEGERS: ClassVar[str] = "slt"',
        'INTEGERS: ClassVar[str] = "sle"',
    ),
    _rule(
        "lost NaN: the maximum of a number and NaN is the number",
        "arithmetic",
        "scalar = emits(arith.MaximumfOp, arith.MaxSIOp)",
        "scalar = emits(arith.MaxnumfOp, arith.MaxSIOp)",
    ),
    _rule(
        "lost NaN: relu",
        "special",
        "e.value(arith.MaximumfOp(x, e.constant(0, x.type)))",
        "e.value(arith.MaxnumfOp(x, e.constant(0, x.type)))",
    ),
    _rule(
        "unsigned instead of signed: the lesser integer",
        "arithmetic",
        "scalar = emits(arith.MinimumfOp, arith.MinSIOp)",
        "scalar = emits(arith.MinimumfOp, arith.MinUIOp)",
    ),
    _rule(
        "a quotient rounded towards zero",
        "division",
        "quotient = e.value(arith.SubiOp(e.value(arith.DivSIOp(x, safe)), down))",
        "quotient = e.value(arith.DivSIOp(x, safe))",
    ),
    _rule(
        "division by zero is not guarded",
        "division",
        "either = e.value(arith.OrIOp(is_zero, is_minus_one))",
        "either = is_minus_one",
    ),
    _rule(
        "wrong dtype promotion: integers are extended without their sign",
        "selection",
        "arith.ExtSIOp(x, type_) if",
        "arith.ExtUIOp(x, type_) if",
    ),
    _rule(
        "wrong dtype promotion: true is -1",
        "selection",
        "return e.value(arith.ExtUIOp(x, type_))",
        "return e.value(arith.ExtSIOp(x, type_))",
    ),
    _rule(
        "NaN is false as a truth value",
        "selection",
        'e.value(arith.CmpfOp(x, e.constant(0, x.type), "une"))',
        'e.value(arith.CmpfOp(x, e.constant(0, x.type), "one"))',
    ),
    _rule(
        "wrong broadcast: axes are lined up from the left",
        "rules.linalg_builder",
        "[None if size == 1 else offset + i for i, size in enumerate(shape_of(type_))]",
        "[None if size == 1 else i for i, size in enumerate(shape_of(type_))]",
    ),
    _rule(
        "wrong broadcast: an axis of size 1 is walked along",
        "rules.linalg_builder",
        "return projection(rank, [None if size == 1 else offset + i",
        "return projection(rank, [None if size == 0 else offset + i",
    ),
    _rule(
        "the last of several equal elements is the place of the maximum",
        "arg_reduce",
        'beyond = e.value(arith.CmpfOp(element, best, f"o{cls.BETTER}"))',
        'beyond = e.value(arith.CmpfOp(element, best, "oge"))',
    ),
    _rule(
        "a reduction drops the wrong axis",
        "rules.reductions",
        "kinds = [REDUCTION if axis in axes else PARALLEL for axis in range(rank)]\n"
        "    maps = [identity(rank), projection(rank, kept_axes(rank, axes, keepdims))]",
        "kinds = [REDUCTION if axis in axes else PARALLEL for axis in range(rank)]\n"
        "    maps = [AffineMap(rank, 0, identity(rank).results[::-1]), "
        "projection(rank, kept_axes(rank, axes, keepdims))]",
    ),
    _rule(
        "the permutation instead of its inverse",
        "movement",
        "projection(rank, [perm.index(axis) for axis in range(rank)])",
        "projection(rank, list(perm))",
    ),
    _rule(
        "negative bounds of slices are not counted from the end",
        "slicing",
        "e.value(arith.SelectOp(negative, e.value(arith.AddiOp(bound, total)), bound))",
        "bound",
    ),
    _rule(
        "off by one: the number of elements of a slice with steps", "slicing", "e.index(abs(stride) - 1)", "e.index(0)"
    ),
    _rule(
        "off by one: one-hot",
        "counting",
        "there = inner.value(arith.IndexCastOp(index, IndexType()))",
        "there = inner.value(arith.AddiOp(inner.value(arith.IndexCastOp(index, IndexType())), inner.index(1)))",
    ),
    _rule(
        "a range in steps of one",
        "counting",
        "return inner.value(arith.AddiOp(start, inner.value(arith.MuliOp(place, delta))))",
        "return inner.value(arith.AddiOp(start, place))",
    ),
    _rule(
        "signed bounds: a negative index passes the check",
        "rules.index_lowering",
        "return inner.value(arith.MaxUIOp(wide, worst))",
        "return inner.value(arith.MaxSIOp(wide, worst))",
    ),
    _rule(
        "an absent check: sizes that do not broadcast",
        "rules.movement_lowering",
        'e.add(AssertOp(fits, f"{what}: axis {axis} has size {{0}}, expected 1 or {{1}}", [size, target]))',
        "pass",
    ),
    Mutant(
        "a dropped effect: assignments that add",
        "compiler.lowering.convert_hl_to_linalg",
        "combine = AddOp if isinstance(op, state.AssignAddOp) else SubOp",
        "combine = SubOp",
        _LOWER,
    ),
)
"""Arithmetic, comparison, broadcasting, indexing, state."""
