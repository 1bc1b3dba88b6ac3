"""malt's converters, where Python needs more than they do."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence, Set
from typing import Any, TypeVar, cast

from malt.converters import call_trees, control_flow, variables
from malt.pyct import anno
from malt.pyct.qual_names import QN
from malt.pyct.transformer import Context

from ..control_flow.values import CONTROL
from .analysis import graphs, scopes
from .dataflow import annotate

Statement = TypeVar("Statement", ast.If, ast.While, ast.For)

_STAND_IN = "ag__ block: "


def _stands_for(statement: ast.stmt, blocks: dict[str, Any]) -> list[ast.stmt]:
    value = statement.value if isinstance(statement, ast.Expr) else None
    text = value.value if isinstance(value, ast.Constant) else None
    if isinstance(text, str) and text.startswith(_STAND_IN):
        return blocks[text[len(_STAND_IN) :]]
    return [statement]


class ControlFlow(control_flow.ControlFlowTransformer):
    """Statements; assignments to names of an outer function or of the module are outputs, too."""

    def visit_If(self, node: ast.If) -> ast.AST | Sequence[ast.AST]:
        """An `if` that a converter has made, for what follows a `break` or the like, calls an operator of its own."""
        names = {part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)} - {"ag__"}
        guards = bool(names) and all(CONTROL.fullmatch(name) for name in names)
        made = self._around_blocks(node, super().visit_If)
        for part in made if guards else ():
            call = part.value if isinstance(part, ast.Expr) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "if_stmt":
                call.func.attr = "guard_stmt"
        return made

    def visit_While(self, node: ast.While) -> ast.AST | Sequence[ast.AST]:
        """A `while`."""
        return self._around_blocks(node, super().visit_While)

    def visit_For(self, node: ast.For) -> ast.AST | Sequence[ast.AST]:
        """A `for`."""
        return self._around_blocks(node, super().visit_For)

    def _around_blocks(self, node: Statement, rewrite: Callable[[Statement], list[ast.AST]]) -> list[ast.AST]:
        """Rewrite a statement without its blocks, which malt would copy: copies of copies, where they are nested."""
        blocks = {name: self.visit_block(getattr(node, name)) for name in ("body", "orelse")}
        for name, block in blocks.items():
            setattr(node, name, [ast.Expr(ast.Constant(_STAND_IN + name))] if block else [])
        made = rewrite(node)
        for function in made:
            if isinstance(function, ast.FunctionDef):
                function.body = [part for old in function.body for part in _stands_for(old, blocks)]
        return made

    def _outer_names(self) -> set[QN]:
        scope = self.state[control_flow._Function].scope  # pyright: ignore[reportPrivateUsage]
        return scope.nonlocals | scope.globals

    def _get_block_basic_vars(self, modified: Set[QN], live_in: Set[QN], live_out: Set[QN]) -> frozenset[QN]:
        outer = self._outer_names()
        return frozenset(
            name for name in modified if not name.is_composite() and (name in live_in | live_out or name in outer)
        )

    def _get_block_vars(self, node: ast.AST, modified: Set[QN]) -> tuple[list[QN], Any, int]:
        live_in: Any = anno.getanno(node, anno.Static.LIVE_VARS_IN)
        live_out: Any = anno.getanno(node, anno.Static.LIVE_VARS_OUT)
        _, undefined, _ = super()._get_block_vars(node, modified)
        basic = self._get_block_basic_vars(modified, live_in, live_out)
        composite = self._get_block_composite_vars(modified, live_in)
        inputs = (basic & live_in) - live_out - self._outer_names()
        names = sorted(basic | composite, key=lambda name: (name in inputs, name))
        return names, undefined, len(names) - len(inputs)


def _operator(name: str, *arguments: ast.expr) -> ast.Call:
    """A call of an operator."""
    return ast.Call(ast.Attribute(ast.Name("ag__", ast.Load()), name, ast.Load()), list(arguments), [])


def _later(expression: ast.expr, *names: str) -> ast.Lambda:
    """An expression that is evaluated when its operator asks for it."""
    parameters = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
    return ast.Lambda(parameters, expression)


def _assigns(*expressions: ast.expr) -> bool:
    """Whether `:=` gives variables values in expressions: in a lambda they would be those of the lambda."""
    return any(isinstance(part, ast.NamedExpr) for expression in expressions for part in ast.walk(expression))


class Expressions(ast.NodeTransformer):
    """`and`, `or`, `not`, comparison chains and conditional expressions, in which each operand is evaluated once."""

    def __init__(self, context: Context):
        self._namer = context.namer

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST | Sequence[ast.AST]:
        """`a if test else b`."""
        text = ast.unparse(node.test)
        node = cast(ast.IfExp, self.generic_visit(node))
        if _assigns(node.body, node.orelse):
            return node
        return _operator("if_exp", node.test, _later(node.body), _later(node.orelse), ast.Constant(text))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST | Sequence[ast.AST]:
        """`a and b and c`, `a or b or c`."""
        node = cast(ast.BoolOp, self.generic_visit(node))
        if _assigns(*node.values):
            return node
        return _operator("and_" if isinstance(node.op, ast.And) else "or_", *map(_later, node.values))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST | Sequence[ast.AST]:
        """`not a`."""
        node = cast(ast.UnaryOp, self.generic_visit(node))
        return _operator("not_", node.operand) if isinstance(node.op, ast.Not) else node

    def visit_Compare(self, node: ast.Compare) -> ast.AST | Sequence[ast.AST]:
        """`a < b < c` is `a < b and b < c`."""
        node = cast(ast.Compare, self.generic_visit(node))
        if len(node.ops) == 1 or _assigns(*node.comparators[1:]):
            return node
        if all(isinstance(c, ast.Name | ast.Constant) for c in node.comparators[:-1]):
            lefts = [node.left, *node.comparators]
            parts = [ast.Compare(a, [op], [b]) for a, op, b in zip(lefts, node.ops, node.comparators)]
            return _operator("and_", *map(_later, parts))
        return self._chain(node.left, list(node.ops), list(node.comparators))

    def _chain(self, left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> ast.expr:
        """A chain calls a function of its first two operands."""
        if len(ops) == 1:
            return ast.Compare(left, ops, rights)
        a, b = (self._namer.new_symbol(name, ()) for name in ("left", "right"))
        first = ast.Compare(ast.Name(a, ast.Load()), [ops[0]], [ast.Name(b, ast.Load())])
        rest = self._chain(ast.Name(b, ast.Load()), ops[1:], rights[1:])
        return ast.Call(_later(_operator("and_", _later(first), _later(rest)), a, b), [left, rights[0]], [])


class Calls(call_trees.CallTreeTransformer):
    """Calls; `tuple` and `dict` may be names of the user's."""

    def _args_to_tuple(self, node: ast.Call) -> ast.expr:
        return ast.Tuple(list(node.args), ast.Load())

    def _kwargs_to_dict(self, node: ast.Call) -> ast.expr:
        if not node.keywords:
            return ast.Constant(None)
        return ast.Call(ast.Attribute(ast.Name("ag__", ast.Load()), "keywords", ast.Load()), [], list(node.keywords))


class Variables(variables.VariableAccessTransformer):
    """Reads of variables."""

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST | Sequence[ast.AST]:
        """Its target is no read."""
        node.value = cast(ast.expr, self.visit(node.value))
        return node


def rewrite_control_flow(node: ast.AST, context: Context) -> Any:
    """Statements as calls of operators."""
    found = graphs(node)
    node = scopes(node, context)
    annotate(node, found)
    return ControlFlow(context).visit(node)


def rewrite_expressions(node: ast.AST, context: Context) -> ast.AST:
    """Conditional and logical expressions as calls of operators."""
    return Expressions(context).visit(node)
