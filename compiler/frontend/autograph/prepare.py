"""What is done to a function's syntax tree before malt sees it: names unmangled, defaults and annotations removed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from malt.pyct import anno

from .source_tree import FoundFunction, FunctionNode

_MUTATORS = frozenset(
    (
        *("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "setdefault"),
        *("popitem", "add", "discard", "appendleft", "popleft", "write", "scatter", "unstack", "split"),
    )
)
"""Methods that change lists, dicts, sets, deques and TensorArrays."""


def prepare(found: FoundFunction) -> FunctionNode:
    """The tree of a function, in the part of Python that malt rewrites."""
    node: Any = found.node
    if found.class_name is not None:
        node = _PrivateNames(found.class_name).visit(node)
    node = _Statements().visit(node)
    if isinstance(node, ast.FunctionDef):
        _mark_mutations(node)
        node.returns = None
        node.decorator_list = []
    arguments = node.args
    arguments.defaults = [ast.Constant(None) for _ in arguments.defaults]
    arguments.kw_defaults = [None if default is None else ast.Constant(None) for default in arguments.kw_defaults]
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if argument is not None:
            argument.annotation = None
    return node


def _at(made: Any, origin: ast.AST) -> Any:
    """New nodes, at the place of an old one."""
    for node in ast.walk(made):
        if not anno.hasanno(node, anno.Basic.ORIGIN) and anno.hasanno(origin, anno.Basic.ORIGIN):
            ast.copy_location(node, origin)
            anno.setanno(node, anno.Basic.ORIGIN, anno.getanno(origin, anno.Basic.ORIGIN))
    return made


class _PrivateNames(ast.NodeTransformer):
    """`self.__x` in a class is `self._Class__x`."""

    def __init__(self, class_name: str):
        self._prefix = "_" + class_name.lstrip("_")

    def _mangled(self, name: str) -> str:
        return self._prefix + name if name.startswith("__") and not name.endswith("__") else name

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Attributes."""
        node.attr = self._mangled(node.attr)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Variables."""
        node.id = self._mangled(node.id)
        return node


class _Statements(ast.NodeTransformer):
    """`assert` calls an operator; a `while` whose condition assigns tests it in its body."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """An `assert` statement."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        message = node.msg or ast.Constant(None)
        later = ast.Lambda(ast.arguments([], [], None, [], [], None, []), message)
        operator = ast.Attribute(ast.Name("ag__", ast.Load()), "assert_stmt", ast.Load())
        return _at(ast.Expr(ast.Call(operator, [node.test, later], [])), node)

    def visit_Match(self, node: ast.Match) -> ast.AST:
        """A `match` statement."""
        raise NotImplementedError(f"'match' in line {node.lineno} cannot be converted; use if and elif")

    def visit_While(self, node: ast.While) -> ast.AST:
        """`while (x := next()) > 0` is `while True`, left by a `break`."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        if node.orelse or not any(isinstance(part, ast.NamedExpr) for part in ast.walk(node.test)):
            return node
        leave = ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], [])
        return _at(ast.While(ast.Constant(True), [leave, *node.body], []), node)


def _mark_mutations(function: ast.FunctionDef) -> None:
    """After a statement that calls `x.append` or the like, `x = x`: it is a variable that the statement changes.

    So are those that an inner function assigns, after a statement that uses that function.
    """
    local = _local_names(function)
    inner = [node for node in _own_nodes(function) if isinstance(node, ast.FunctionDef)]
    assigned = {node.name: _nonlocal_names(node) & local for node in inner}
    for block in _blocks(function):
        for position in range(len(block) - 1, -1, -1):
            statement = block[position]
            if isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign):
                changed = sorted((_mutated(statement) & local) | _assigned_by(statement, assigned))
                marks = [ast.Assign([ast.Name(name, ast.Store())], ast.Name(name, ast.Load())) for name in changed]
                block[position + 1 : position + 1] = [_at(mark, statement) for mark in marks]
    for node in inner:
        _mark_mutations(node)


def _nonlocal_names(function: ast.FunctionDef) -> set[str]:
    """The names of functions around that a function, or one inside of it, assigns."""
    return {name for node in ast.walk(function) if isinstance(node, ast.Nonlocal) for name in node.names}


def _assigned_by(statement: ast.stmt, assigned: dict[str, set[str]]) -> set[str]:
    used = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return set().union(*(assigned.get(name, set()) for name in used))


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function that are not inside an inner function or class; those themselves included."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    yield function.body
    for node in list(_own_nodes(function)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list):
                    yield block


def _local_names(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    outer: set[str] = set()
    for node in _own_nodes(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
    return names - outer


def _mutated(statement: ast.stmt) -> set[str]:
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return {
        f.value.id
        for f in calls
        if isinstance(f, ast.Attribute) and f.attr in _MUTATORS and isinstance(f.value, ast.Name)
    }
