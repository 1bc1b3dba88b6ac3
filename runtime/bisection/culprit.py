"""What a bisection found."""

from __future__ import annotations

import linecache
from dataclasses import dataclass, field

from xdsl.dialects.builtin import FileLineColLoc, LocationAttr

from ...compiler.rewriting.limit import Rewrite
from ...dialects.diagnostics import location_text
from ...dialects.public import public
from ..outcomes import Difference


@public("types")
@dataclass(frozen=True)
class FoundRewrite:
    """The application of a pattern that made the difference.

    Attributes:
        rewrite: the pattern, and the op it matched.
        number: which of the pass's rewrites it was, from 1.
        of: how many rewrites the pass made.
        first: with `number`, the range in which it is, where the modules in between cannot be run; else the same.
    """

    rewrite: Rewrite
    number: int
    of: int
    first: int

    def __str__(self) -> str:
        which = f"{self.number}" if self.first == self.number else f"{self.first} to {self.number}"
        return f"{self.rewrite.pattern} on {self.rewrite.op}, number {which} of {self.of}"


@public("types")
@dataclass(frozen=True)
class Culprit:
    """The first step at which the results of a function are not what they are to be. False where there is none.

    Attributes:
        stage: `"trace"` (the traced program itself differs from the oracle), `"pass"`, `"engine"`, or `"none"`.
        name: the pass or the engine; for a trace, the oracle; empty where there is none.
        step: which pass it was, from 1.
        steps: how many passes there are.
        rewrite: the rewrite of the pass; None where it is not by one.
        op: the name of the op: of the traced program where that is known, or the one that the rewrite matched.
        location: the op's line in the user's program.
        difference: the largest error, and where it is; None for what failed.
        failure: why it failed; None where it did not.
        exact: whether results had to be the same bit for bit.
        notes: what else there is to say.
        runs: how often the program was run.
    """

    stage: str
    name: str = ""
    step: int = 0
    steps: int = 0
    rewrite: FoundRewrite | None = None
    op: str | None = None
    location: LocationAttr | None = None
    difference: Difference | None = None
    failure: str | None = None
    exact: bool = True
    notes: tuple[str, ...] = field(default=())
    runs: int = 0

    def __bool__(self) -> bool:
        return self.stage != "none"

    @property
    def line(self) -> str | None:
        """`file:line:column` of the op in the user's program."""
        return location_text(self.location) or None

    def __str__(self) -> str:
        if not self:
            return "\n".join([f"nothing differs ({self.steps} passes, {self.runs} runs)", *self.notes])
        rows = [("rewrite", str(self.rewrite) if self.rewrite else None), ("op", self.op), ("line", self._line())]
        rows.append(("largest error" if self.failure is None else "failure", self._what()))
        rows += [("note", note) for note in self.notes]
        lines = [f"  {name:14}{text}" for name, text in rows if text]
        return "\n".join([self._headline(), *lines])

    def _headline(self) -> str:
        verb = "fails" if self.failure else "changes what the program computes"
        if self.stage == "trace":
            return f"the traced program {'fails' if self.failure else 'differs'}, compared with {self.name}"
        if self.stage == "engine":
            return f"engine '{self.name}' {verb}: after each of the {self.steps} passes the interpreter agrees"
        return f"pass '{self.name}' ({self.step} of {self.steps}) {verb}"

    def _line(self) -> str | None:
        if self.line is None:
            return None
        assert isinstance(self.location, FileLineColLoc)
        source = linecache.getline(self.location.filename.data, self.location.line.data).strip()
        return f"{self.line}: {source}" if source else self.line

    def _what(self) -> str | None:
        if self.failure is not None:
            return self.failure
        if self.difference is None:
            return None
        return f"{self.difference}{'; it has to be the same bit for bit' if self.exact else ''}"
