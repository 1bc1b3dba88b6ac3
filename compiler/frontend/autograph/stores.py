"""Marks what a function assigns to that may outlive its tensors: attributes, elements, variables of outer scopes.

A tensor of a branch, a loop or a trace that has ended cannot be used any more. The error can name what still holds it,
and the line that put it there, because converted code passes such values through `ag__.stored`.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeVar

from malt.pyct import anno

_ADDERS = frozenset(("append", "appendleft", "add", "insert", "extend", "update", "setdefault", "__setitem__"))
"""Methods that put their arguments into a list, a dict, a set or a deque."""


Node = TypeVar("Node", bound=ast.AST)


def at(made: Node, origin: ast.AST) -> Node:
    """New nodes, with the location of an old one."""
    waiting: list[ast.AST] = [made]
    while waiting:
        node = waiting.pop()
        if anno.hasanno(node, anno.Basic.ORIGIN):
            continue
        if anno.hasanno(origin, anno.Basic.ORIGIN):
            ast.copy_location(node, origin)
            anno.setanno(node, anno.Basic.ORIGIN, anno.getanno(origin, anno.Basic.ORIGIN))
        waiting.extend(ast.iter_child_nodes(node))
    return made


def operator(name: str, *arguments: ast.expr) -> ast.Call:
    """A call of one of the functions that converted code calls."""
    return ast.Call(ast.Attribute(ast.Name("ag__", ast.Load()), name, ast.Load()), list(arguments), [])


class Stores(ast.NodeTransformer):
    """Assignments to attributes, elements, globals and variables of functions around, and calls that do the same."""

    def __init__(self) -> None:
        self._outer: list[set[str]] = [set()]
        self._globals: list[set[str]] = [set()]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function, with its own declarations of names of outer scopes."""
        declared = [part for part in ast.walk(node) if isinstance(part, ast.Global | ast.Nonlocal)]
        self._outer.append({name for part in declared for name in part.names})
        self._globals.append({name for part in declared if isinstance(part, ast.Global) for name in part.names})
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        self._outer.pop()
        self._globals.pop()
        return node

    def visit_Delete(self, node: ast.Delete) -> ast.AST:
        """`del` of a global takes it out of the module; of the others, malt notes that they have no value."""
        node.targets = [
            at(
                ast.Subscript(ast.Call(ast.Name("globals", ast.Load()), [], []), ast.Constant(target.id), ast.Del()),
                target,
            )
            if isinstance(target, ast.Name) and target.id in self._globals[-1]
            else target
            for target in node.targets
        ]
        return self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """`target = value`."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        for target in node.targets:
            node.value = self._marked(target, node.value)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST | Sequence[ast.AST]:
        """`target += value`: what it becomes is read afterwards, where reading it evaluates names only."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        if not self._outlives(node.target) or not _is_path(node.target):
            return node
        text = ast.unparse(node.target)
        read = ast.parse(text, mode="eval").body
        return [node, at(ast.Expr(operator("stored", read, ast.Constant(text))), node)]

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        """`(name := value)`."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        node.value = self._marked(node.target, node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`items.append(value)`, `setattr(thing, "name", value)`."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr in _ADDERS:
            text = ast.unparse(function.value)
            node.args = [arg if isinstance(arg, ast.Starred) else self._stored(arg, text) for arg in node.args]
        elif isinstance(function, ast.Name) and function.id == "setattr" and len(node.args) == 3:
            holder, name, value = node.args
            field = name.value if isinstance(name, ast.Constant) else f"{{{ast.unparse(name)}}}"
            node.args = [holder, name, self._stored(value, f"{ast.unparse(holder)}.{field}")]
        return node

    def _outlives(self, target: ast.AST) -> bool:
        named = isinstance(target, ast.Name) and target.id in self._outer[-1]
        return named or isinstance(target, ast.Attribute | ast.Subscript)

    def _marked(self, target: ast.expr, value: ast.expr) -> ast.expr:
        if self._outlives(target):
            return self._stored(value, ast.unparse(target))
        if not isinstance(target, ast.Tuple | ast.List):
            return value
        parts = target.elts
        if (
            isinstance(value, ast.Tuple | ast.List)
            and len(parts) == len(value.elts)
            and not any(isinstance(part, ast.Starred) for part in (*parts, *value.elts))
        ):
            value.elts = [self._marked(part, item) for part, item in zip(parts, value.elts)]
            return value
        held = [part for part in ast.walk(target) if isinstance(part, ast.expr) and self._outlives(part)]
        return self._stored(value, ", ".join(ast.unparse(part) for part in held)) if held else value

    @staticmethod
    def _stored(value: ast.expr, text: str) -> ast.expr:
        return value if isinstance(value, ast.Constant) else at(operator("stored", value, ast.Constant(text)), value)


def _is_path(target: ast.expr) -> bool:
    """Whether reading the target evaluates nothing but names, attributes and elements."""
    kinds = ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.expr_context
    return all(isinstance(part, kinds) for part in ast.walk(target))
