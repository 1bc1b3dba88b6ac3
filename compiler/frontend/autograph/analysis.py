"""Control-flow graphs and scopes of names: malt's, for more of Python and without its repeated work."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any, cast

from malt.pyct import anno, cfg, naming, qual_names
from malt.pyct.static_analysis import activity
from malt.pyct.static_analysis.annos import NodeAnno
from malt.pyct.transformer import Context


class Namer(naming.Namer):
    """Makes new names; goes on counting where it was for a name of the same root."""

    def __init__(self, taken: Iterable[str]):
        super().__init__(dict.fromkeys(taken))
        self._counts: dict[str, int] = {}

    def new_symbol(self, name_root: str, reserved_locals: object) -> str:
        """A name that is not in use."""
        count = self._counts.get(name_root, 0)
        made = super().new_symbol(f"{name_root}_{count}" if count else name_root, reserved_locals)
        number = made[len(name_root) + 1 :]
        self._counts[name_root] = int(number) if number.isdigit() else 0
        return made


class Graphs(cfg.AstToCfg):
    """Control-flow graphs in which `except E as name` assigns to the name."""

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """A handler; its name is not a node of the tree."""
        assert self.builder is not None
        self.builder.begin_statement(node)
        self.builder.enter_except_section(node)
        if node.type is not None:
            self.visit(node.type)
        self.builder.add_ordinary_node(node)
        for statement in node.body:
            self.visit(statement)
        self.builder.end_statement(node)


class Activity(activity.ActivityAnalyzer):
    """The names that each statement reads and writes."""

    scope: activity.Scope

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """The handler itself reads the class of the exception, and assigns to a name."""
        self._enter_scope(False)
        if node.type is not None:
            node.type = cast(ast.expr, self.visit(node.type))
        if node.name is not None:
            self._bind(node.name)
        self._exit_and_record_scope(node)
        node.body = cast(list[ast.stmt], self.visit_block(node.body))
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        """The name is the function's, in a comprehension too."""
        node.value = cast(ast.expr, self.visit(node.value))
        self._bind(node.target.id)
        return node

    def _bind(self, name: str) -> None:
        bound = qual_names.QN(name)
        self.scope.modified.add(bound)
        self.scope.bound.add(bound)

    def _process_parallel_blocks(self, parent: ast.AST, children: Sequence[tuple[object, object]]) -> ast.AST:
        """The branches of a statement: each adds to the scope around what it does, and looks at nothing there."""
        for block, tag in children:
            parent = self._process_block_node(parent, block, tag)
        return parent


def scopes(node: ast.AST, context: Context) -> Any:
    """The tree, annotated with qualified names and scopes."""
    return Activity(context).visit(qual_names.resolve(node))


def graphs(node: ast.AST) -> dict[ast.AST, cfg.Graph]:
    """The control-flow graph of each function in a tree."""
    builder = Graphs()
    builder.visit(node)
    return builder.cfgs


def mark_reads(node: ast.AST) -> None:
    """Mark the names that the user's statements read: those and no others are checked for a value."""
    waiting: list[ast.AST] = [node.args, *node.body] if isinstance(node, ast.FunctionDef) else []
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Name) and part.id != "ag__":
            anno.setanno(part, anno.Static.ORIG_DEFINITIONS, ())
        for field, value in ast.iter_fields(part):
            if field not in ("annotation", "returns"):
                parts = value if isinstance(value, list) else [value]
                waiting.extend(child for child in parts if isinstance(child, ast.AST))


__all__ = ["Namer", "NodeAnno", "graphs", "mark_reads", "scopes"]
