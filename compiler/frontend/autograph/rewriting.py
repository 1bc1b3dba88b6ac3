"""malt's converters, where Python needs more than they do."""

from __future__ import annotations

import ast
from typing import Any, cast

from malt.converters import conditional_expressions, control_flow, logical_expressions
from malt.pyct import anno, cfg, qual_names, templates
from malt.pyct.static_analysis import activity, liveness, reaching_definitions, reaching_fndefs

from ..control_flow_values import CONTROL


class ControlFlow(control_flow.ControlFlowTransformer):
    """Statements; assignments to names of an outer function or of the module are outputs, too."""

    def visit_If(self, node: ast.If) -> Any:
        """An `if` that a converter has made, for what follows a `break` or the like, calls an operator of its own."""
        names = {part.id for part in ast.walk(node.test) if isinstance(part, ast.Name)} - {"ag__"}
        guards = bool(names) and all(CONTROL.fullmatch(name) for name in names)
        made = super().visit_If(node)
        for part in made if guards else ():
            call = part.value if isinstance(part, ast.Expr) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "if_stmt":
                call.func.attr = "guard_stmt"
        return made

    def _outer_names(self) -> Any:
        scope = self.state[control_flow._Function].scope  # pyright: ignore[reportPrivateUsage]
        return scope.nonlocals | scope.globals

    def _get_block_basic_vars(self, modified: Any, live_in: Any, live_out: Any) -> Any:
        outer = self._outer_names()
        return frozenset(
            name for name in modified if not name.is_composite() and (name in live_in | live_out or name in outer)
        )

    def _get_block_vars(self, node: ast.AST, modified: Any) -> Any:
        live_in = anno.getanno(node, anno.Static.LIVE_VARS_IN)
        live_out = anno.getanno(node, anno.Static.LIVE_VARS_OUT)
        _, undefined, _ = super()._get_block_vars(node, modified)
        basic = self._get_block_basic_vars(modified, live_in, live_out)
        composite = self._get_block_composite_vars(modified, live_in)
        inputs = (basic & live_in) - live_out - self._outer_names()
        names = sorted(basic | composite, key=lambda name: (name in inputs, name))
        return names, undefined, len(names) - len(inputs)


class ConditionalExpressions(conditional_expressions.ConditionalExpressionTransformer):
    """Conditional expressions, also inside each other."""

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        """The parts first."""
        return super().visit_IfExp(cast(ast.IfExp, self.generic_visit(node)))


class LogicalExpressions(logical_expressions.LogicalExpressionTransformer):
    """`and`, `or`, `not` and comparison chains, in which each operand is evaluated once."""

    def visit_Compare(self, node: ast.Compare) -> Any:
        """A chain calls a function of its first two operands."""
        if len(node.ops) < 2 or all(isinstance(c, ast.Name | ast.Constant) for c in node.comparators[:-1]):
            return super().visit_Compare(node)
        node = cast(ast.Compare, self.generic_visit(node))
        return self._chain(node.left, list(node.ops), list(node.comparators))

    def _chain(self, left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr]) -> Any:
        if len(ops) == 1:
            return ast.Compare(left, ops, rights)
        a, b = (ast.Name(self.ctx.namer.new_symbol(name, ()), ast.Load()) for name in ("left", "right"))
        rest = self._chain(b, ops[1:], rights[1:])
        return templates.replace_as_expression(
            "(lambda a, b: ag__.and_(lambda: first, lambda: rest))(left_value, right_value)",
            a=a.id,
            b=b.id,
            first=ast.Compare(ast.Name(a.id, ast.Load()), [ops[0]], [ast.Name(b.id, ast.Load())]),
            rest=rest,
            left_value=left,
            right_value=rights[0],
        )


def rewrite_control_flow(node: Any, context: Any) -> Any:
    """Statements as calls of operators."""
    graphs = cfg.build(node)
    node = qual_names.resolve(node)
    node = activity.resolve(node, context, None)
    node = reaching_definitions.resolve(node, context, graphs)
    node = reaching_fndefs.resolve(node, context, graphs)
    node = liveness.resolve(node, context, graphs)
    return ControlFlow(context).visit(node)


def rewrite_expressions(node: Any, context: Any) -> Any:
    """Conditional and logical expressions as calls of operators."""
    node = ConditionalExpressions(context).visit(node)
    return LogicalExpressions(context).visit(node)
