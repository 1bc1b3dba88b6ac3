"""Rewrites a Python function so that its control flow calls operators: the analysis and rewriting are malt's.

The new code is compiled for the user's file with the user's lines: tracebacks, debuggers and IR locations see those.
"""

from __future__ import annotations
import __future__

import ast
import weakref
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

from malt.converters import (
    break_statements,
    continue_statements,
    functions,
    return_statements,
)
from malt.core import converter
from malt.pyct import errors, qual_names, transformer

from ....dialects.recursion import deep_recursion
from .analysis import Namer, mark_reads, scopes
from .assembling import Origin, assembled, mark_origins
from .prepare import prepare
from .rewriting import Calls, Variables, rewrite_control_flow, rewrite_expressions
from .source_tree import FoundFunction, find_function
from .syntax import restored

_FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class NotConvertibleError(Exception):
    """A function that uses Python that cannot be rewritten."""


@cache
def _operators() -> ModuleType:
    """What converted code calls.

    Converted code converts what it calls as it calls it: so `operators` needs `calls`, which needs this module. That is
    the one circle of imports here, of these three, and this is where it is cut.
    """
    from . import operators  # see above

    return operators


class _Cache:
    """Factories of converted functions, for as long as the code objects live."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[weakref.ref[CodeType], CodeType]] = {}

    def factory(self, function: FunctionType) -> CodeType:
        """The code of a function that makes the converted function, given the operators."""
        code = function.__code__
        key = id(code)
        known = self._known.get(key)
        if known is None:
            factory = _build(function)
            known = self._known[key] = (weakref.ref(code, lambda _: self._known.pop(key, None)), factory)
        return known[1]


_cache = _Cache()


def transpile(function: FunctionType) -> FunctionType:
    """The converted function, with the globals, closure cells and defaults of `function`.

    Raises NoSourceError or NotConvertibleError.
    """
    factory = _cache.factory(function)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    closure = tuple(cells[name] for name in factory.co_freevars)
    make = FunctionType(factory, function.__globals__, function.__name__, (), closure)
    converted = make(_operators())
    converted.__defaults__ = function.__defaults__
    converted.__kwdefaults__ = function.__kwdefaults__
    converted.__name__, converted.__qualname__ = function.__name__, function.__qualname__
    converted.__module__, converted.__doc__ = function.__module__, function.__doc__
    return converted


def generated_text(function: FunctionType) -> str:
    """The converted function, as Python."""
    with deep_recursion():
        node, _, found = _rewritten_function(function)
        return ast.unparse(assembled(ast.Module([node], []), Origin(found.node.lineno, 0, found.node.lineno, 0)))


def _build(function: FunctionType) -> CodeType:
    with deep_recursion():
        node, name, found = _rewritten_function(function)
        return _compiled(node, name, found, function)


def _rewritten_function(function: FunctionType) -> tuple[ast.stmt, str, FoundFunction]:
    found = find_function(function)
    code = function.__code__
    namer = Namer([*function.__globals__, *code.co_freevars, *code.co_varnames])
    name = namer.new_symbol(f"ag__{'lam' if isinstance(found.node, ast.Lambda) else found.node.name}", ())
    mark_origins(found.node)
    try:
        tree, kept = prepare(found)
        return restored(_rewritten(tree, name, namer, function), kept), name, found
    except (errors.PyCTError, NotImplementedError, ValueError, AssertionError) as error:
        raise NotConvertibleError(f"{code.co_name} at {code.co_filename}:{code.co_firstlineno}: {error}") from error


def _rewritten(node: Any, name: str, namer: Namer, function: FunctionType) -> ast.stmt:
    info = transformer.EntityInfo(name, "", function.__code__.co_filename, (), function.__globals__)
    context = transformer.Context(info, namer, converter.ProgramContext(converter.STANDARD_OPTIONS))
    mark_reads(node)
    node = functions.FunctionTransformer(context).visit(scopes(node, context))
    node = break_statements.BreakTransformer(context).visit(scopes(node, context))
    node = continue_statements.ContinueCanonicalizationTransformer(context).visit(scopes(node, context))
    node = return_statements.ConditionalReturnRewriter(context).visit(scopes(node, context))
    node = return_statements.ReturnStatementsTransformer(context, True).visit(scopes(node, context))
    node = Calls(context).visit(qual_names.resolve(node))
    node = rewrite_control_flow(node, context)
    node = rewrite_expressions(node, context)
    node = Variables(context).visit(node)
    if isinstance(node, ast.Lambda):
        return ast.Assign(targets=[ast.Name(name, ctx=ast.Store())], value=node)
    node.name = name
    return node


def _compiled(node: ast.stmt, name: str, found: FoundFunction, function: FunctionType) -> CodeType:
    """The code of the factory, a function of the operators inside of one that has the closure's variables."""
    code = function.__code__
    cells: list[ast.stmt] = [ast.Assign([ast.Name(cell, ast.Store())], ast.Constant(None)) for cell in code.co_freevars]
    inner = _definition("inner_factory", ["ag__"], [node, ast.Return(ast.Name(name, ast.Load()))])
    outer = _definition("outer_factory", [], [*cells, inner, ast.Return(ast.Name("inner_factory", ast.Load()))])
    tree = assembled(ast.Module([outer], []), Origin(found.node.lineno, 0, found.node.lineno, 0))
    compiled = compile(tree, found.file, "exec", flags=code.co_flags & _FUTURES, dont_inherit=True)
    return _renamed(_nested(_nested(compiled, "outer_factory"), "inner_factory"), name, code)


def _definition(name: str, arguments: list[str], body: list[ast.stmt]) -> ast.FunctionDef:
    parameters = ast.arguments([], [ast.arg(argument) for argument in arguments], None, [], [], None, [])
    return ast.FunctionDef(name, parameters, body, [], None, None)


def _nested(code: CodeType, name: str) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


def _renamed(factory: CodeType, name: str, original: CodeType) -> CodeType:
    """The factory, with the user's name on the function it makes."""

    def rename(code: object) -> object:
        if isinstance(code, CodeType) and code.co_name in (name, "<lambda>"):
            return code.replace(co_name=original.co_name, co_qualname=original.co_qualname)
        return code

    return factory.replace(co_consts=tuple(rename(constant) for constant in factory.co_consts))
