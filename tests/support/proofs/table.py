"""The table of patterns: proven, tested only and why, or refuted with the counterexample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.table import Table

from .prove import SECONDS, WIDTHS, Proof, prove, widths_text
from .templates import TEMPLATES, PatternClass, patterns, reason


@dataclass(frozen=True)
class Row:
    """A pattern on one op.

    Attributes:
        op: the op that it replaces.
        pattern: its name.
        status: `"proven"`, `"tested only"`, `"refuted"` or `"proven in part"`.
        details: at which widths, why, or the counterexample.
        snippets: on how many snippets it was proven.
    """

    op: str
    pattern: str
    status: str
    details: str
    snippets: int = 0


def rows(widths: Iterable[int] = WIDTHS, seconds: float = SECONDS) -> Iterator[Row]:
    """All patterns of `canonicalize` and `simplify-algebra`, one op after the other, as they are proven."""
    widths, proofs = list(widths), dict[PatternClass, list[Proof]]()
    for op, pattern in patterns():
        why = reason(op, pattern)
        if why is not None:
            yield Row(op, pattern.__qualname__.split(".")[-1], "tested only", why)
            continue
        if pattern not in proofs:
            proofs[pattern] = [p for make in TEMPLATES[pattern] for p in prove(make, pattern, widths, seconds)]
        yield row(op, pattern, [proof for proof in proofs[pattern] if proof.root == op])


def row(op: str, pattern: PatternClass, proofs: list[Proof]) -> Row:
    """What the proofs on an op come to."""
    name = pattern.__qualname__.split(".")[-1]
    for proof in proofs:
        if proof.counterexample is not None:
            width, arguments = proof.counterexample
            shown = ", ".join(f"{argument} = {value}" for argument, value in arguments.items())
            return Row(op, name, "refuted", f"width {width}: {shown}\n{proof.before}\n{proof.after}", len(proofs))
    unknown = [width for proof in proofs for width in proof.unknown]
    statuses = {proof.status for proof in proofs}
    status = "proven" if statuses == {"proven"} else "proven in part"
    details = _kinds(proofs)
    if unknown:
        details += f"; out of time for some snippets at widths {widths_text(unknown)}"
    return Row(op, name, status, details, len(proofs))


def _kinds(proofs: list[Proof]) -> str:
    """The widths at which all snippets are proven whose constants are numbers of the width."""
    parts = []
    found = [proof for proof in proofs if proof.dtype not in ("bool", "own")]
    if found:
        unknown = {width for proof in found for width in proof.unknown}
        widths = {width for proof in found for width in proof.proven} - unknown
        parts.append(f"widths {widths_text(sorted(widths))}")
    if any(proof.dtype == "bool" for proof in proofs):
        parts.append("booleans")
    if any(proof.dtype == "own" for proof in proofs):
        parts.append("each dtype of the snippets")
    return ", ".join(parts)


STYLES = {"proven": "green", "tested only": "yellow", "refuted": "bold red", "proven in part": "magenta"}


def as_table(found: Iterable[Row]) -> Table:
    """The table to print."""
    table = Table(
        "pattern", "op", "status", "snippets", "details", title="Rewrites of canonicalize and simplify-algebra"
    )
    for row_ in found:
        style = STYLES[row_.status]
        snippets = str(row_.snippets) if row_.snippets else ""
        table.add_row(row_.pattern, row_.op, f"[{style}]{row_.status}[/]", snippets, row_.details)
    return table
