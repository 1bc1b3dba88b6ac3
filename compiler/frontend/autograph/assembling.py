"""Makes of the syntax tree that the converters leave behind one that Python's compiler takes.

The converters leave tuples where lists belong, contexts that do not fit, nodes in two places and most nodes without a
place in the source. The tree is compiled as it is, not as text: text cannot be nested deeper than 100 levels.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from malt.pyct import anno


@dataclass(frozen=True)
class Origin:
    """Where a syntax tree's node is in the user's file; malt copies it to what it makes of the node."""

    line: int
    column: int
    end_line: int
    end_column: int


_Placed = ast.expr | ast.stmt | ast.arg | ast.ExceptHandler | ast.keyword | ast.alias | ast.pattern


def mark_origins(root: ast.AST) -> None:
    """Write to each node where it is in the user's file."""
    for node in ast.walk(root):
        if isinstance(node, ast.expr | ast.stmt | ast.arg | ast.ExceptHandler):
            end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
            anno.setanno(node, anno.Basic.ORIGIN, Origin(node.lineno, node.col_offset, end_line, end_column))


def assembled(tree: ast.Module, around: Origin) -> ast.Module:
    """A tree that can be compiled; nodes that come from nowhere in the source are put where their neighbours are."""
    made = _copied(tree)
    _fill(made, around)
    for node in ast.walk(made):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ag__":
            # Python gives the call of an attribute the line where the attribute ends.
            node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
    return made


_STORED = {
    ast.Assign: ("targets",),
    ast.AugAssign: ("target",),
    ast.AnnAssign: ("target",),
    ast.For: ("target",),
    ast.AsyncFor: ("target",),
    ast.comprehension: ("target",),
    ast.withitem: ("optional_vars",),
    ast.NamedExpr: ("target",),
}


def _copied(node: object, context: type[ast.expr_context] = ast.Load) -> Any:
    """A copy with lists for tuples, each name in the context of where it stands, and the places that are known."""
    if isinstance(node, list | tuple):
        return [_copied(part, context) for part in node]
    if not isinstance(node, ast.AST):
        return node
    stored = _STORED.get(type(node), ())
    inner = context if isinstance(node, ast.Tuple | ast.List | ast.Starred) else ast.Load
    fields = {}
    for field in type(node)._fields:
        if field == "ctx":
            fields[field] = context()
        elif hasattr(node, field):
            wanted = ast.Store if field in stored else ast.Del if isinstance(node, ast.Delete) else inner
            fields[field] = _copied(getattr(node, field), wanted)
    made = type(node)(**fields)
    origin: Any = anno.getanno(node, anno.Basic.ORIGIN, default=None)  # pyright: ignore[reportArgumentType]
    if origin is not None:
        _place(made, origin)
    return made


def _place(node: Any, origin: Origin) -> None:
    node.lineno, node.col_offset = origin.line, origin.column
    node.end_lineno, node.end_col_offset = origin.end_line, origin.end_column


def _fill(node: ast.AST, around: Origin) -> Origin:
    """Places for the nodes without one: that of the first node inside, or of the node around."""
    own = _origin(node)
    inherited = own or around
    inside = None
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr_context):
            continue
        place = _fill(child, inherited)
        if inside is None and isinstance(child, ast.expr | ast.stmt) and getattr(child, "_placed", False):
            inside = place
    if own is None and isinstance(node, _Placed):
        own = inside or around
        _place(node, own)
        node._placed = inside is not None  # pyright: ignore
    elif own is not None:
        node._placed = True  # pyright: ignore
    return own or around


def _origin(node: ast.AST) -> Origin | None:
    if getattr(node, "lineno", None) is None:
        return None
    return Origin(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # pyright: ignore
