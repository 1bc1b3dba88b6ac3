"""A pattern's before and after, compared for all values at every width."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import IntegerType, ModuleOp
from xdsl.pattern_rewriter import RewritePattern

from stepwell.compiler.interchange.mlir.text import print_module
from stepwell.dialects.dtypes import BOOL, INTS
from stepwell.dialects.hl.rules.base import InferenceError

from .arith_to_smt import refutation
from .scalars import Literal, Scalars, literals, scalar_program
from .smtlib import solve
from .snippets import Make, before_and_after

WIDTHS = range(1, 65)
"""All widths of integers that are proven."""
SECONDS = 2.0
"""How long z3 may think about one width, by default."""


@dataclass
class Proof:
    """What is known about a pattern on one snippet.

    Attributes:
        root: the op that the pattern replaces.
        before, after: the snippet, as text.
        dtype: "int" for integers of any width, "int32" or "int64" where the lowering depends on it, "bool", or "own"
            for a snippet that names its dtypes; its width is then that of the widest value.
        proven: the widths at which both have the same value for all arguments.
        unknown: the widths at which z3 ran out of time.
        counterexample: arguments, and their width, for which the values differ.
    """

    root: str
    before: str
    after: str
    dtype: str
    proven: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    counterexample: tuple[int, dict[str, int]] | None = None

    @property
    def status(self) -> str:
        """`"proven"`, `"refuted"` or `"unknown"`."""
        if self.counterexample is not None:
            return "refuted"
        return "unknown" if self.unknown or not self.proven else "proven"


def prove(
    make: Make, pattern: type[RewritePattern], widths: Iterable[int] = WIDTHS, seconds: float = SECONDS
) -> list[Proof]:
    """Prove a pattern on one snippet, as integers and, where the ops have them, as booleans.

    Args:
        make: builds the snippet.
        pattern: the pattern; it has to apply to the snippet, at integers or at booleans.
        widths: the widths of integers to look at.
        seconds: how long z3 may think about one width. After a width that took longer only 32 and 64 are tried.

    Raises:
        ValueError: where the pattern does not apply to the snippet.

    Example:
        >>> from stepwell.compiler.passes.algebra.numbers import SubtractItself
        >>> [proof] = prove(lambda s: s.sub(s.x, s.x), SubtractItself, widths=[1, 8])
        >>> proof.status, proof.proven
        ('proven', [1, 8])
    """
    applied = {}
    for dtype in (*INTS, BOOL):
        try:
            before, after, root = before_and_after(make, pattern, dtype)
        except InferenceError:
            continue
        if print_module(before) != print_module(after):
            applied[dtype.name] = before, after, root
    if not applied:
        raise ValueError(f"prove: pattern: {pattern.__name__} does not apply to the snippet")
    proofs = []
    if {"int32", "int64"} <= applied.keys():
        proofs += _integers(applied["int32"], applied["int64"], list(widths), seconds)
    if "bool" in applied and (not proofs or proofs[0].dtype not in ("bool", "own")):
        proofs.append(_fixed(applied["bool"], "bool", seconds))
    return proofs


Applied = tuple[ModuleOp, ModuleOp, str]


def _integers(narrow: Applied, wide: Applied, widths: Sequence[int], seconds: float) -> list[Proof]:
    """At every width where the lowerings for int32 and int64 are alike, else at these two."""
    programs = [[scalar_program(module) for module in applied[:2]] for applied in (narrow, wide)]
    (before32, after32), (before64, after64) = programs
    if _types(before64) | _types(after64) <= {1} and _types(before32) | _types(after32) <= {1}:
        return [_fixed(wide, "bool", seconds)]
    if print_module(narrow[0]) == print_module(wide[0]):
        return [_fixed(wide, "own", seconds)]
    first, second = literals(before32, before64), literals(after32, after64)
    if first is None or second is None or _mixed(before64, after64) or _mixed(before32, after32):
        return [_fixed(narrow, "int32", seconds), _fixed(wide, "int64", seconds)]
    proof = _proof(wide, "int")
    for width in _possible(widths, [*first, *second]):
        late = bool(proof.unknown) and width not in (32, 64)
        if late:
            proof.unknown.append(width)
            continue
        constants = [iter([literal.at(width) for literal in found]) for found in (first, second)]
        question = refutation(before64, after64, lambda t, w=width: 1 if t.width.data == 1 else w, constants)
        _note(proof, question, width, seconds)
        if proof.counterexample is not None:
            break
    return [proof]


def _possible(widths: Sequence[int], constants: Sequence[Literal]) -> list[int]:
    """The widths that have all the constants that a program gives."""
    least = max((constant.least_width for constant in constants), default=1)
    return [width for width in widths if width >= least]


def _types(program: Scalars) -> set[int]:
    """The widths of all values."""
    values = [*program.block.args, *(result for op in program.ops for result in op.results)]
    return {value.type.width.data for value in values if isinstance(value.type, IntegerType)}


def _mixed(*programs: Scalars) -> bool:
    """Whether integers of several widths occur: these are then no parameter."""
    return (
        any(len(_types(program) - {1}) > 1 for program in programs)
        or len(set[int]().union(*map(_types, programs)) - {1}) > 1
    )


def _proof(applied: Applied, dtype: str) -> Proof:
    before, after, root = applied
    return Proof(root, print_module(before), print_module(after), dtype)


def _fixed(applied: Applied, dtype: str, seconds: float) -> Proof:
    """At the snippet's own dtypes."""
    proof = _proof(applied, dtype)
    before, after = map(scalar_program, applied[:2])
    question = refutation(before, after, lambda t: t.width.data)
    _note(proof, question, max(_types(before) | _types(after)), seconds)
    return proof


def _note(proof: Proof, question: ModuleOp, width: int, seconds: float) -> None:
    """Ask, and write the answer down."""
    question.verify()
    answer = solve(question, seconds)
    match answer.status:
        case "unsat":
            proof.proven.append(width)
        case "sat":
            proof.counterexample = width, answer.model
        case _:
            proof.unknown.append(width)


def widths_text(widths: Sequence[int]) -> str:
    """Widths for people: `1-20, 32`.

    Example:
        >>> widths_text([1, 2, 3, 32])
        '1-3, 32'
    """
    runs: list[list[int]] = []
    for width in sorted(set(widths)):
        if runs and width == runs[-1][1] + 1:
            runs[-1][1] = width
        else:
            runs.append([width, width])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
