"""Python that malt does not know, in words that it knows: `match`, `except*`, generators, classes, `:=` in operands.

A definition that is not converted (a class, a generator, a coroutine) becomes a function that reads and binds the same
names, so that the analyses see what it does, and is put back when malt is done.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from .stores import Node, at, operator

_KEPT = "ag__ kept "
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_LOOPS = ast.For | ast.While | ast.AsyncFor


def own_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of statements that are not inside an inner function or class; those themselves included."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _Definition | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _is_kept(node: ast.AST) -> bool:
    if isinstance(node, ast.ClassDef | ast.AsyncFunctionDef):
        return True
    generates = ast.Yield | ast.YieldFrom
    return isinstance(node, ast.FunctionDef) and any(isinstance(part, generates) for part in own_nodes(node.body))


def _leaves(body: list[ast.stmt], returns: bool = True) -> bool:
    """Whether statements end what is around them: by `return`, or by a `break` or `continue` of a loop around."""
    for statement in body:
        if isinstance(statement, ast.Return) and returns:
            return True
        if isinstance(statement, ast.Break | ast.Continue):
            return True
        if isinstance(statement, _Definition):
            continue
        blocks = [block for _, block in ast.iter_fields(statement) if isinstance(block, list)]
        inner = [part for block in blocks for part in block if isinstance(part, ast.ExceptHandler | ast.match_case)]
        blocks += [part.body for part in inner]
        for block in blocks:
            statements = [part for part in block if isinstance(part, ast.stmt)]
            if isinstance(statement, _LOOPS) and block is statement.body:
                if returns and any(isinstance(part, ast.Return) for part in own_nodes(statements)):
                    return True
            elif statements and _leaves(statements, returns):
                return True
    return False


class Syntax(ast.NodeTransformer):
    """Rewrites statements that malt does not know.

    Attributes:
        kept: what has been taken out, in the order of the numbers that represent it.
    """

    def __init__(self) -> None:
        self.kept: list[ast.stmt] = []
        self._made = 0
        self._is_root = True

    def _name(self, kind: str) -> str:
        self._made += 1
        return f"ag__{kind}_{self._made}"

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A generator is kept as it is."""
        root, self._is_root = self._is_root, False
        return self.generic_visit(node) if root or not _is_kept(node) else self._keep(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """A coroutine is kept as it is."""
        return self._keep(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """A class is kept as it is; its methods are converted when they are called."""
        return self._keep(node)

    def _keep(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.AST:
        parts = list(ast.walk(node))
        read = {part.id for part in parts if isinstance(part, ast.Name)}
        assigned = sorted({name for part in parts if isinstance(part, ast.Nonlocal) for name in part.names})
        body: list[ast.stmt] = [ast.Expr(ast.Constant(f"{_KEPT}{len(self.kept)}"))]
        if assigned:
            body.append(ast.Nonlocal(assigned))
        body += [ast.Expr(ast.Name(name, ast.Load())) for name in sorted(read - _own_names(node))]
        self.kept.append(node)
        return at(ast.FunctionDef(node.name, _arguments(), body, [], None, None), node)

    def visit_Match(self, node: ast.Match) -> ast.AST | Sequence[ast.AST]:
        """`match` finds the number of the case; an `if` runs its body."""
        subject, found = self._name("subject"), self._name("case")
        head = ast.Match(ast.Name(subject, ast.Load()), [])
        chain: list[ast.stmt] = []
        for number, case in reversed(list(enumerate(node.cases))):
            choose = ast.Assign([ast.Name(found, ast.Store())], ast.Constant(number))
            head.cases.insert(0, ast.match_case(case.pattern, case.guard, [choose]))
            test = ast.Compare(ast.Name(found, ast.Load()), [ast.Eq()], [ast.Constant(number)])
            chain = [ast.If(test, case.body, chain)]
        bound = [found, *sorted({name for case in node.cases for name in _captured(case)})]
        read = sorted({part.id for part in ast.walk(head) if isinstance(part, ast.Name)} - {found})
        values: list[ast.expr] = [ast.Name(name, ast.Load()) for name in read]
        mark = ast.Constant(f"{_KEPT}{len(self.kept)}")
        targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name in bound]
        self.kept.append(at(head, node))
        made: list[ast.stmt] = [
            ast.Assign([ast.Name(subject, ast.Store())], node.subject),
            ast.Assign([ast.Name(found, ast.Store())], ast.Constant(-1)),
            ast.Assign([ast.Tuple(targets, ast.Store())], ast.Tuple([mark, *values], ast.Load())),
            *chain,
        ]
        return self._visited([at(statement, node) for statement in made])

    def visit_TryStar(self, node: ast.TryStar) -> ast.AST | Sequence[ast.AST]:
        """`except* E` is `except ag__.group(E)` until malt is done."""
        for handler in node.handlers:
            assert handler.type is not None
            handler.type = at(operator("group", handler.type), handler)
        return self.visit_Try(at(ast.Try(node.body, node.handlers, node.orelse, node.finalbody), node))

    def visit_Try(self, node: ast.Try) -> ast.AST | Sequence[ast.AST]:
        """Where the body may be left by a jump, `else` is an `if` on whether it was executed to its end."""
        if _leaves(node.finalbody):
            raise NotImplementedError("a 'return', 'break' or 'continue' in a 'finally' cannot be converted")
        if not node.orelse or not _leaves(node.body):
            return self.generic_visit(node)
        done = self._name("done")
        set_to = [at(ast.Assign([ast.Name(done, ast.Store())], ast.Constant(value)), node) for value in (False, True)]
        tried = at(ast.Try([*node.body, set_to[1]], node.handlers, [], []), node)
        otherwise = at(ast.If(ast.Name(done, ast.Load()), node.orelse, []), node)
        made: list[ast.stmt] = [set_to[0], *([tried] if node.handlers else tried.body), otherwise]
        if node.finalbody:
            made = [at(ast.Try(made, [], [], node.finalbody), node)]
        return self._visited(made)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | Sequence[ast.AST]:
        """Annotations of variables mean nothing in a function."""
        if node.value is None:
            return at(ast.Pass(), node)
        return self.visit(at(ast.Assign([node.target], node.value), node))

    def visit_While(self, node: ast.While) -> ast.AST | Sequence[ast.AST]:
        """`while (x := next()) > 0` is `while True`, left by a `break`."""
        if not _has_walrus(node.test):
            return self.generic_visit(node)
        if _leaves(node.orelse, returns=False):
            raise NotImplementedError("a 'break' or 'continue' in the 'else' of such a 'while' cannot be converted")
        leave = at(ast.If(ast.UnaryOp(ast.Not(), node.test), [*node.orelse, ast.Break()], []), node)
        return self.generic_visit(at(ast.While(ast.Constant(True), [leave, *node.body], []), node))

    def visit_If(self, node: ast.If) -> ast.AST | Sequence[ast.AST]:
        """An `if` whose condition assigns variables in an operand."""
        before, node.test = self._in_steps(node.test)
        return [*self._visited(before), self.generic_visit(node)]

    def visit_Return(self, node: ast.Return) -> ast.AST | Sequence[ast.AST]:
        """The same for what a function returns."""
        if node.value is None:
            return node
        before, node.value = self._in_steps(node.value)
        return [*self._visited(before), self.generic_visit(node)]

    def visit_Assign(self, node: ast.Assign) -> ast.AST | Sequence[ast.AST]:
        """The same for what is assigned."""
        before, node.value = self._in_steps(node.value)
        return [*self._visited(before), self.generic_visit(node)]

    def _in_steps(self, value: ast.expr) -> tuple[list[ast.stmt], ast.expr]:
        """Statements that evaluate `a and (x := b)` one operand at a time, and what reads the result."""
        if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
            before, value.operand = self._in_steps(value.operand)
            return before, value
        is_choice = isinstance(value, ast.IfExp) and any(map(_has_walrus, (value.body, value.orelse)))
        if not is_choice and not (isinstance(value, ast.BoolOp) and any(map(_has_walrus, value.values[1:]))):
            return [], value
        name = self._name("value")

        def assign(part: ast.expr) -> ast.stmt:
            return at(ast.Assign([ast.Name(name, ast.Store())], part), part)

        if isinstance(value, ast.IfExp):
            steps: list[ast.stmt] = [at(ast.If(value.test, [assign(value.body)], [assign(value.orelse)]), value)]
        else:
            assert isinstance(value, ast.BoolOp)
            steps = [assign(value.values[-1])]
            for part in value.values[-2::-1]:
                test: ast.expr = ast.Name(name, ast.Load())
                test = test if isinstance(value.op, ast.And) else ast.UnaryOp(ast.Not(), test)
                steps = [assign(part), at(ast.If(test, steps, []), part)]
        return steps, at(ast.Name(name, ast.Load()), value)

    def _visited(self, statements: list[ast.stmt]) -> list[ast.AST]:
        found: list[ast.AST] = []
        for statement in statements:
            made = self.visit(statement)
            found += made if isinstance(made, list) else [made]
        return found


def _has_walrus(node: ast.AST) -> bool:
    return any(isinstance(part, ast.NamedExpr) for part in ast.walk(node))


def _arguments() -> ast.arguments:
    return ast.arguments([], [], None, [], [], None, [])


def _own_names(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> set[str]:
    """The names that belong to a function that is kept, and so are none of the function around."""
    if isinstance(node, ast.ClassDef):
        return set()
    arguments = node.args
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
    parts = list(own_nodes(node.body))
    stored = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    outer = {name for part in parts if isinstance(part, ast.Global | ast.Nonlocal) for name in part.names}
    outside = (*node.decorator_list, *arguments.defaults, *(d for d in arguments.kw_defaults if d is not None))
    read = {part.id for root in outside for part in ast.walk(root) if isinstance(part, ast.Name)}
    return (stored | {a.arg for a in every if a is not None}) - outer - read


def _captured(case: ast.match_case) -> Iterator[str]:
    for part in ast.walk(case.pattern):
        name = part.rest if isinstance(part, ast.MatchMapping) else getattr(part, "name", None)
        if isinstance(part, ast.MatchAs | ast.MatchStar | ast.MatchMapping) and name is not None:
            yield name


class _Restore(ast.NodeTransformer):
    def __init__(self, kept: list[ast.stmt]):
        self._kept = kept

    def _of(self, constant: object) -> ast.stmt | None:
        text = constant.value if isinstance(constant, ast.Constant) else None
        if not isinstance(text, str) or not text.startswith(_KEPT):
            return None
        return self._kept[int(text[len(_KEPT) :])]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        first = node.body[0]
        kept = self._of(first.value) if isinstance(first, ast.Expr) else None
        if kept is None:
            return self.generic_visit(node)
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)} - {"ag__"}
        return _Checked(names).visit(kept)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        value = node.value
        kept = self._of(value.elts[0]) if isinstance(value, ast.Tuple) and value.elts else None
        return node if kept is None else kept

    def visit_Try(self, node: ast.Try) -> ast.AST:
        self.generic_visit(node)
        types = [handler.type for handler in node.handlers]
        if not any(isinstance(t, ast.Call) and ast.unparse(t.func) == "ag__.group" for t in types):
            return node
        for handler in node.handlers:
            handler.type = handler.type.args[0]  # pyright: ignore
        return ast.TryStar(node.body, node.handlers, node.orelse, node.finalbody)  # pyright: ignore


class _Checked(ast.NodeTransformer):
    """Reads of variables of the function around are checked for a value, as everywhere in converted code."""

    def __init__(self, names: set[str]):
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self._names or not isinstance(node.ctx, ast.Load):
            return node
        return at(operator("ld", node), node)


def restored(node: Node, kept: list[ast.stmt]) -> Node:
    """The converted tree, with what was taken out of it."""
    return _Restore(kept).visit(node)
