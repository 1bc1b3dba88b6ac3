"""What passes did, in numbers: ops before and after, and how often each pattern rewrote and refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from ...rewriting import Refusal, RewriteObserver


@dataclass
class PassStatistics:
    """What one run of a pass did.

    Attributes:
        name: the pass, with its options.
        before, after: how many ops the module had; `after` is None where the pass failed.
        rewrote: how often each pattern rewrote.
        refused: how many ops each pattern, or the pass itself, refused with a reason; one that is tried again counts
            once.
    """

    name: str
    before: int
    after: int | None = None
    rewrote: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.before} -> {'?' if self.after is None else self.after} ops"]
        for name in dict.fromkeys((*self.rewrote, *self.refused)):
            counts = {"rewrote": self.rewrote[name], "refused": self.refused[name]}
            lines.append(f"  {name}: {', '.join(f'{what} {count}' for what, count in counts.items() if count)}")
        return "\n".join(lines)


class Statistics(RewriteObserver):
    """An instrument that counts. A rewrite by a pattern that another one chose is counted once, as that of the chosen.

    Attributes:
        passes: each run of a pass, in order.
    """

    def __init__(self) -> None:
        self.passes: list[PassStatistics] = []
        self._counted = False
        self._refused: set[tuple[str, Operation]] = set()

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Count the ops."""
        self.passes.append(PassStatistics(str(pass_), _size(module)))
        self._refused = set()

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Count the ops again."""
        self.passes[-1].after = _size(module)

    def trying(self, pattern: str, op: Operation) -> None:
        """A new try: nothing of it is counted yet."""
        self._counted = False

    def tried(self, pattern: str, op: Operation, rewrote: bool) -> None:
        """Count a rewrite, unless it is that of a pattern that this one chose."""
        if rewrote and not self._counted:
            self.passes[-1].rewrote[pattern] += 1
            self._counted = True

    def refused(self, refusal: Refusal) -> None:
        """Count a refusal."""
        key = (refusal.pattern, refusal.op)
        if key not in self._refused:
            self._refused.add(key)
            self.passes[-1].refused[refusal.pattern] += 1

    def table(self) -> str:
        """The numbers for people."""
        return "".join(f"{run}\n" for run in self.passes)


def _size(module: ModuleOp) -> int:
    """How many ops are in a module, itself not counted."""
    return sum(1 for _ in module.walk()) - 1
