"""What is done to a function's syntax tree before malt sees it: names unmangled, defaults and annotations removed."""

from __future__ import annotations

import ast
from typing import Any

from malt.pyct import anno

from .source_tree import FoundFunction, FunctionNode


def prepare(found: FoundFunction) -> FunctionNode:
    """The tree of a function, in the part of Python that malt rewrites."""
    node: Any = found.node
    if found.class_name is not None:
        node = _PrivateNames(found.class_name).visit(node)
    node = _Asserts().visit(node)
    arguments = node.args
    none = ast.Constant(None)
    arguments.defaults = [none for _ in arguments.defaults]
    arguments.kw_defaults = [none if default is not None else None for default in arguments.kw_defaults]
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if argument is not None:
            argument.annotation = None
    if isinstance(node, ast.FunctionDef):
        node.returns = None
        node.decorator_list = []
    return node


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


class _Asserts(ast.NodeTransformer):
    """`assert test, message` calls an operator."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """An `assert` statement."""
        message = node.msg or ast.Constant(None)
        later = ast.Lambda(ast.arguments([], [], None, [], [], None, []), message)
        operator = ast.Attribute(ast.Name("ag__", ast.Load()), "assert_stmt", ast.Load())
        statement = ast.Expr(ast.Call(operator, [node.test, later], []))
        for made in (statement, statement.value, later, operator, operator.value):
            ast.copy_location(made, node)
            anno.setanno(made, anno.Basic.ORIGIN, anno.getanno(node, anno.Basic.ORIGIN))
        return self.generic_visit(statement)
