"""Why a pass left ops as they are."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import LocationAttr, ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from ....dialects.diagnostics import location_text
from ...rewriting import Refusal, RewriteObserver
from .selection import Selection


@dataclass(frozen=True)
class Remark:
    """A match that a pass refused.

    Attributes:
        location: where the op comes from.
        op: its name.
        pass_name: the pass.
        pattern: the pattern that refused; the pass's name where it works without patterns.
        reason: why.
    """

    location: LocationAttr
    op: str
    pass_name: str
    pattern: str
    reason: str

    @property
    def message(self) -> str:
        """The remark, without its location."""
        by = "" if self.pattern == self.pass_name else f" [{self.pattern}]"
        return f"{self.pass_name} leaves '{self.op}': {self.reason}{by}"

    def __str__(self) -> str:
        place = location_text(self.location)
        return f"{place}: remark: {self.message}" if place else f"remark: {self.message}"


class Refusals(RewriteObserver):
    """An instrument that collects the reasons of a pass for not changing ops.

    Attributes:
        selection: which passes.
        remarks: what they said, each reason for an op once.
        runs: how often such a pass ran.
    """

    def __init__(self, selection: Selection):
        self.selection = selection
        self.remarks: list[Remark] = []
        self.runs = 0
        self._running: str | None = None

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Listen, if it is one of the passes."""
        self._running = pass_.name if self.selection.matches(pass_) else None
        self._told: set[tuple[Operation, Remark]] = set()

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Stop listening."""
        self.runs += self._running is not None
        self._running = None

    def refused(self, refusal: Refusal) -> None:
        """Keep the reason. An op that is looked at again says the same again: that is kept once."""
        if self._running is None:
            return
        op = refusal.op
        remark = Remark(op.location, op.name, self._running, refusal.pattern, refusal.reason)
        if (op, remark) not in self._told:
            self._told.add((op, remark))
            self.remarks.append(remark)
