"""Dataflow analysis of a function: which names may have a value, and which may be read later.

Sets of names are bits of an integer. The equations are solved with Kildall's worklist, so each statement is looked at
again only when what flows into it has changed: the time grows with the size of the function, not with its paths.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from malt.pyct import anno, cfg
from malt.pyct.qual_names import QN
from malt.pyct.static_analysis.activity import Scope
from malt.pyct.static_analysis.annos import NodeAnno

_Sets = dict[cfg.Node, int]


class Names:
    """Numbers of names, to write sets of them as bits."""

    def __init__(self) -> None:
        self._numbers: dict[QN, int] = {}
        self._names: list[QN] = []

    def bits(self, names: Iterable[QN]) -> int:
        """A set of names as bits."""
        found = 0
        for name in names:
            number = self._numbers.setdefault(name, len(self._names))
            if number == len(self._names):
                self._names.append(name)
            found |= 1 << number
        return found

    def names(self, bits: int) -> frozenset[QN]:
        """The set of names that `bits` represent."""
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self._names[lowest.bit_length() - 1])
            bits ^= lowest
        return frozenset(found)


def fixed_point(
    order: Sequence[cfg.Node],
    before: Mapping[cfg.Node, Collection[cfg.Node]],
    after: Mapping[cfg.Node, Collection[cfg.Node]],
    transfer: Callable[[cfg.Node, int], int],
) -> tuple[_Sets, _Sets]:
    """The least sets with `in = union of out over before` and `out = transfer(in)` (Kildall 1973)."""
    into, out = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    waiting, queued = deque(order), set(order)
    while waiting:
        node = waiting.popleft()
        queued.discard(node)
        arriving = 0
        for neighbour in before[node]:
            arriving |= out[neighbour]
        into[node], leaving = arriving, transfer(node, arriving)
        if leaving != out[node]:
            out[node] = leaving
            for neighbour in after[node]:
                if neighbour not in queued:
                    queued.add(neighbour)
                    waiting.append(neighbour)
    return into, out


def _scope(node: ast.AST, kind: anno.Static | NodeAnno) -> Scope | None:
    """The names that malt has annotated a node with."""
    found: Any = anno.getanno(node, kind, default=None)  # pyright: ignore[reportArgumentType]
    return found


class FunctionFlow:
    """The dataflow of one function.

    Attributes:
        defined_out: the names that may have a value after each node of the graph.
        closures_in: the names that functions read which may have been defined before each node.
        live_in: the names whose values may be read at or after each node.
    """

    def __init__(self, graph: cfg.Graph, names: Names, closures: int):
        self.graph = graph
        self._names = names
        order = list(graph.index.values())
        following = {node: tuple(node.next) for node in order}
        preceding: dict[cfg.Node, list[cfg.Node]] = {node: [] for node in order}
        for node, others in following.items():
            for other in others:
                preceding[other].append(node)
        _, self.defined_out = fixed_point(order, preceding, following, self._definitions(order))
        reads = {node: self._closure_reads(node.ast_node) for node in order}
        self.closures_in, _ = fixed_point(order, preceding, following, lambda node, bits: bits | closures | reads[node])
        for node in order:
            self.closures_in[node] |= closures
        _, self.live_in = fixed_point(order[::-1], following, preceding, self._liveness(order, reads))

    def _definitions(self, order: Sequence[cfg.Node]) -> Callable[[cfg.Node, int], int]:
        rules: dict[cfg.Node, tuple[int, int]] = {}
        for node in order:
            scope = _scope(node.ast_node, anno.Static.SCOPE)
            if scope is not None:
                made = ((scope.bound | scope.globals) - scope.deleted) | set(scope.params)
                rules[node] = self._names.bits(made), ~self._names.bits(scope.modified | scope.deleted)
        return lambda node, bits: rules[node][0] | (bits & rules[node][1]) if node in rules else bits

    def _closure_reads(self, node: ast.AST) -> int:
        """What a definition of a function reads of the variables around it, whenever it is called."""
        if not isinstance(node, ast.FunctionDef):
            return 0
        scope = _scope(node, NodeAnno.ARGS_AND_BODY_SCOPE)
        assert scope is not None
        return self._names.bits(scope.read - scope.bound)

    def _liveness(self, order: Sequence[cfg.Node], reads: _Sets) -> Callable[[cfg.Node, int], int]:
        rules: dict[cfg.Node, tuple[int, int]] = {}
        for node in order:
            scope = _scope(node.ast_node, anno.Static.SCOPE)
            if scope is not None:
                read = self._names.bits(scope.read) | self.closures_in[node] | reads[node]
                rules[node] = read, ~self._names.bits(scope.modified | scope.deleted)
        return lambda node, bits: rules[node][0] | (bits & rules[node][1]) if node in rules else bits

    def annotate(self, statement: ast.If | ast.While | ast.For) -> None:
        """Write what malt's converter of control flow asks for to a statement."""
        test = statement.iter if isinstance(statement, ast.For) else statement.test
        defined = live = 0
        for node in self.graph.stmt_prev.get(statement, ()):
            defined |= self.defined_out[node]
        for node in self.graph.stmt_next.get(statement, ()):
            live |= self.live_in[node]
        entering = self.live_in[self.graph.index[test]]
        anno.setanno(statement, anno.Static.DEFINED_VARS_IN, self._names.names(defined))
        anno.setanno(statement, anno.Static.LIVE_VARS_OUT, self._names.names(live))
        anno.setanno(statement, anno.Static.LIVE_VARS_IN, self._names.names(entering))


class _Annotator(ast.NodeVisitor):
    """Annotates the statements of a function and of those inside of it."""

    def __init__(self, graphs: Mapping[ast.AST, cfg.Graph]):
        self._graphs = graphs
        self._names = Names()
        self._flow: FunctionFlow | None = None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A function: it may call those that are defined where it is."""
        around = self._flow
        closures = 0 if around is None else around.closures_in[around.graph.index[node]]
        self._flow = FunctionFlow(self._graphs[node], self._names, closures)
        self.generic_visit(node)
        self._flow = around

    def _statement(self, node: ast.If | ast.While | ast.For) -> None:
        assert self._flow is not None
        self._flow.annotate(node)
        self.generic_visit(node)

    visit_If = visit_While = visit_For = _statement


def annotate(node: ast.AST, graphs: Mapping[ast.AST, cfg.Graph]) -> None:
    """Write to each `if`, `while` and `for` which names have values before it, and which are read from or after it.

    `graphs` are the control-flow graphs of the functions in `node`, whose scopes are annotated.
    """
    _Annotator(graphs).visit(node)
