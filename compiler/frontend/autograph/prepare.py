"""What is done to a function's syntax tree before malt sees it: names unmangled, defaults and annotations removed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from .source_tree import FoundFunction, FunctionNode
from .stores import Stores, at, operator
from .syntax import Syntax, own_nodes

_MUTATORS = frozenset(
    (
        *("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "update", "setdefault"),
        *("popitem", "add", "discard", "appendleft", "popleft", "write", "scatter", "unstack", "split"),
    )
)
"""Methods that change lists, dicts, sets, deques and TensorArrays."""


def prepare(found: FoundFunction) -> tuple[FunctionNode, list[ast.stmt]]:
    """The tree of a function, in the part of Python that malt rewrites, and what was taken out of it."""
    node: Any = found.node
    if found.class_name is not None:
        node = _PrivateNames(found.class_name).visit(node)
    syntax = Syntax()
    node = syntax.visit(node)
    node = Stores().visit(node)
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
    return node, syntax.kept


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


def _as_condition(test: ast.expr) -> ast.expr:
    """A condition whose operands count for what they decide only: what is no tensor becomes a bool."""
    if isinstance(test, ast.BoolOp):
        test.values = [_as_condition(value) for value in test.values]
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test.operand = _as_condition(test.operand)
    return at(operator("truth", test), test) if isinstance(test, ast.Call | ast.IfExp | ast.Await) else test


def _without_value(node: ast.Expr) -> ast.stmt:
    value = node.value
    if isinstance(value, ast.IfExp):
        sides = [at(ast.Expr(side), side) for side in (value.body, value.orelse)]
        return at(ast.If(value.test, [_without_value(sides[0])], [_without_value(sides[1])]), node)
    if not isinstance(value, ast.BoolOp):
        return node
    *tests, last = value.values
    test = tests[0] if len(tests) == 1 else at(ast.BoolOp(value.op, tests), value)
    if isinstance(value.op, ast.Or):
        test = at(ast.UnaryOp(ast.Not(), test), test)
    return at(ast.If(test, [_without_value(at(ast.Expr(last), last))], []), node)


class _Statements(ast.NodeTransformer):
    """`assert` calls an operator; operands of conditions count for what they decide only.

    A statement of an `and`, an `or` or a conditional expression, whose value is unused, is an `if`.
    """

    def visit_If(self, node: ast.If) -> ast.AST:
        """An `if` statement."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        if isinstance(node.test, ast.BoolOp | ast.UnaryOp):
            node.test = _as_condition(node.test)
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """A conditional expression."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        if isinstance(node.test, ast.BoolOp | ast.UnaryOp):
            node.test = _as_condition(node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """The conditions of a comprehension."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        node.ifs = [_as_condition(test) if isinstance(test, ast.BoolOp | ast.UnaryOp) else test for test in node.ifs]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """`not`."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        return _as_condition(node) if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.BoolOp) else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        """A statement of an expression whose value is unused."""
        return self.generic_visit(_without_value(node))

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """An `assert` statement."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        message = node.msg or ast.Constant(None)
        later = ast.Lambda(ast.arguments([], [], None, [], [], None, []), message)
        test = _as_condition(node.test) if isinstance(node.test, ast.BoolOp | ast.UnaryOp) else node.test
        return at(ast.Expr(operator("assert_stmt", test, later)), node)

    def visit_While(self, node: ast.While) -> ast.AST:
        """A `while` statement."""
        node = self.generic_visit(node)  # pyright: ignore[reportAssignmentType]
        if isinstance(node.test, ast.BoolOp | ast.UnaryOp):
            node.test = _as_condition(node.test)
        return node


def _mark_mutations(function: ast.FunctionDef) -> None:
    """After a statement that calls `x.append` or the like, `x = x`: it is a variable that the statement changes.

    So are those that an inner function assigns, after a statement that uses that function.
    """
    local = _local_names(function)
    inner = [node for node in own_nodes(function.body) if isinstance(node, ast.FunctionDef)]
    assigned = {node.name: _nonlocal_names(node) & local for node in inner}
    for block in _blocks(function):
        for position in range(len(block) - 1, -1, -1):
            statement = block[position]
            if isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign):
                changed = sorted((_mutated(statement) & local) | _assigned_by(statement, assigned))
                marks = [ast.Assign([ast.Name(name, ast.Store())], ast.Name(name, ast.Load())) for name in changed]
                block[position + 1 : position + 1] = [at(mark, statement) for mark in marks]
    for node in inner:
        _mark_mutations(node)


def _nonlocal_names(function: ast.FunctionDef) -> set[str]:
    """The names of functions around that a function, or one inside of it, assigns."""
    return {name for node in ast.walk(function) if isinstance(node, ast.Nonlocal) for name in node.names}


def _assigned_by(statement: ast.stmt, assigned: dict[str, set[str]]) -> set[str]:
    used = [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return set().union(*(assigned.get(name, set()) for name in used))


def _blocks(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    yield function.body
    for node in list(own_nodes(function.body)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for field in ("body", "orelse", "finalbody"):
                block = getattr(node, field, None)
                if isinstance(block, list):
                    yield block


def _local_names(function: ast.FunctionDef) -> set[str]:
    arguments = function.args
    names = {a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    outer: set[str] = set()
    for node in own_nodes(function.body):
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
