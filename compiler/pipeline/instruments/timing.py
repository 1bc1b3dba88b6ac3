"""Where the time goes: a tree of passes, and of the patterns in them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from ...rewriting import RewriteObserver


@dataclass
class Node:
    """Time that was spent on something.

    Attributes:
        name: a pass with its options, or a pattern.
        seconds: how long, all that is nested in it included.
        tried: how often a pattern was tried.
        rewrote: how often it rewrote.
        children: what is nested in it.
    """

    name: str
    seconds: float = 0.0
    tried: int = 0
    rewrote: int = 0
    children: dict[tuple[str, int], Node] = field(default_factory=dict)

    def child(self, name: str, number: int = 0) -> Node:
        """The nested node of that name; `number` tells runs of one pass apart."""
        return self.children.setdefault((name, number), Node(name))


class TimeTree(RewriteObserver):
    """An instrument that times each pass of a pipeline, and each pattern in it.

    Attributes:
        root: all that was timed.
    """

    def __init__(self) -> None:
        self.root = Node("total")
        self._open: list[tuple[Node, float]] = []
        self._runs: Counter[str] = Counter()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time the `with` block, such as parsing, in addition to the passes."""
        self._open = []
        self._enter(self.root.child(name))
        try:
            yield
        finally:
            self._leave()

    def start_module(self) -> None:
        """Another module comes through the same pipeline: times of its passes are added to those so far."""
        self._runs.clear()

    def before(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Start the clock of a pass."""
        name = str(pass_)
        self._open = []
        self._enter(self.root.child(name, self._runs[name]))
        self._runs[name] += 1

    def after(self, pass_: ModulePass, module: ModuleOp) -> None:
        """Stop it."""
        self._leave()

    def trying(self, pattern: str, op: Operation) -> None:
        """Start the clock of a pattern."""
        self._enter(self._open[-1][0].child(pattern))

    def tried(self, pattern: str, op: Operation, rewrote: bool) -> None:
        """Stop it."""
        node = self._leave()
        node.tried += 1
        node.rewrote += rewrote

    def _enter(self, node: Node) -> None:
        self._open.append((node, time.perf_counter()))

    def _leave(self) -> Node:
        node, started = self._open.pop()
        node.seconds += time.perf_counter() - started
        return node

    def table(self) -> str:
        """The tree for people: milliseconds, share of all, and names, each below what it is nested in."""
        self.root.seconds = sum(node.seconds for node in self.root.children.values())
        lines = ["        ms       %  name"]
        for node in self.root.children.values():
            lines.extend(self._lines(node, 0))
        lines.append(self._line(self.root, 0))
        return "\n".join(lines) + "\n"

    def _lines(self, node: Node, depth: int) -> Iterator[str]:
        yield self._line(node, depth)
        for child in node.children.values():
            yield from self._lines(child, depth + 1)

    def _line(self, node: Node, depth: int) -> str:
        share = node.seconds / self.root.seconds if self.root.seconds else 0.0
        counts = f"  tried {node.tried}, rewrote {node.rewrote}" if node.tried else ""
        return f"{node.seconds * 1000:10.2f}  {share:6.1%}  {'  ' * depth}{node.name}{counts}"
