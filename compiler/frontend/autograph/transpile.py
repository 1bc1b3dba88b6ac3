"""Rewrites a Python function so that its control flow calls operators: the analysis and rewriting are malt's.

The new code is compiled for the user's file with the user's lines: tracebacks, debuggers and IR locations see those.
"""

from __future__ import annotations
import __future__

import ast
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import CodeType, FunctionType
from typing import Any, cast

from malt.converters import (
    break_statements,
    call_trees,
    continue_statements,
    functions,
    return_statements,
    variables,
)
from malt.core import converter
from malt.pyct import anno, cfg, errors, naming, parser, qual_names, transformer, transpiler
from malt.pyct.static_analysis import activity, reaching_definitions

from .prepare import prepare
from .rewriting import rewrite_control_flow, rewrite_expressions
from .source_tree import FoundFunction, find_function

_FUTURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)


class NotConvertibleError(Exception):
    """A function that uses Python that cannot be rewritten."""


@dataclass(frozen=True)
class Origin:
    """Where a syntax tree's node is in the user's file; malt copies it to what it makes of the node."""

    line: int
    column: int
    end_line: int
    end_column: int


@cache
def _operators() -> Any:
    from . import operators

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
    node, _, _ = _rewritten_function(function)
    return parser.unparse(node, include_encoding_marker=False)


def _build(function: FunctionType) -> CodeType:
    node, name, found = _rewritten_function(function)
    return _compiled(node, name, found, function)


def _rewritten_function(function: FunctionType) -> tuple[ast.stmt, str, FoundFunction]:
    found = find_function(function)
    code = function.__code__
    namer = naming.Namer(dict.fromkeys([*function.__globals__, *code.co_freevars, *code.co_varnames]))
    name = namer.new_symbol(f"ag__{'lam' if isinstance(found.node, ast.Lambda) else found.node.name}", ())
    _mark_origins(found.node)
    try:
        return _rewritten(prepare(found), name, namer, function), name, found
    except (errors.PyCTError, NotImplementedError, ValueError, AssertionError) as error:
        raise NotConvertibleError(f"{code.co_name} at {code.co_filename}:{code.co_firstlineno}: {error}") from error


def _rewritten(node: Any, name: str, namer: naming.Namer, function: FunctionType) -> ast.stmt:
    info = transformer.EntityInfo(name, "", function.__code__.co_filename, (), function.__globals__)
    context = transformer.Context(info, namer, converter.ProgramContext(converter.STANDARD_OPTIONS))
    graphs = cfg.build(node)
    node = qual_names.resolve(node)
    node = activity.resolve(node, context, None)
    node = reaching_definitions.resolve(node, context, graphs)
    anno.dup(node, {anno.Static.DEFINITIONS: anno.Static.ORIG_DEFINITIONS})
    node = functions.transform(node, context)
    node = break_statements.transform(node, context)
    node = continue_statements.transform(node, context)
    node = return_statements.transform(node, context)
    node = call_trees.transform(node, context)
    node = rewrite_control_flow(node, context)
    node = rewrite_expressions(node, context)
    node = variables.transform(node, context)
    if isinstance(node, ast.Lambda):
        return ast.Assign(targets=[ast.Name(name, ctx=ast.Store())], value=node)
    node.name = name
    return node


def _compiled(node: ast.stmt, name: str, found: FoundFunction, function: FunctionType) -> CodeType:
    """The code of the factory: the innermost function of the module that malt wraps around `node`."""
    code = function.__code__
    wrapped = transpiler._wrap_into_factory(  # pyright: ignore[reportPrivateUsage]
        node, name, "inner_factory", "outer_factory", code.co_freevars, ["ag__"], ()
    )
    tree = ast.parse(parser.unparse(wrapped, include_encoding_marker=False))
    _restore_lines(wrapped, tree, found.node.lineno)
    compiled = compile(tree, found.file, "exec", flags=code.co_flags & _FUTURES, dont_inherit=True)
    outer = _nested(compiled, "outer_factory")
    return _renamed(_nested(outer, "inner_factory"), name, code)


def _nested(code: CodeType, name: str) -> CodeType:
    return next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)


def _renamed(factory: CodeType, name: str, original: CodeType) -> CodeType:
    """The factory, with the user's name on the function it makes."""

    def rename(code: Any) -> Any:
        if isinstance(code, CodeType) and code.co_name in (name, "<lambda>"):
            return code.replace(co_name=original.co_name, co_qualname=original.co_qualname)
        return code

    return factory.replace(co_consts=tuple(rename(constant) for constant in factory.co_consts))


def _mark_origins(root: ast.AST) -> None:
    for node in ast.walk(root):
        if isinstance(node, ast.expr | ast.stmt | ast.arg | ast.ExceptHandler):
            end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
            anno.setanno(node, anno.Basic.ORIGIN, Origin(node.lineno, node.col_offset, end_line, end_column))


def _restore_lines(generated: Any, parsed: ast.AST, line: int) -> None:
    """Give each node of `parsed` the user's place of the node of `generated` that it was written from."""
    for node in ast.walk(parsed):
        for attribute in ("lineno", "end_lineno", "col_offset", "end_col_offset"):
            if hasattr(node, attribute):
                delattr(node, attribute)
    roots: Sequence[Any] = generated if isinstance(generated, list | tuple) else [generated]
    for before, after in zip(roots, getattr(parsed, "body", [])):
        for old, new in _pairs(before, after):
            origin = cast("Origin | None", anno.getanno(old, anno.Basic.ORIGIN, default=None))
            if origin is not None and isinstance(new, ast.expr | ast.stmt | ast.arg | ast.ExceptHandler):
                _place(new, origin)
    _fill(parsed, Origin(line, 0, line, 0))
    for node in ast.walk(parsed):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ag__":
            # Python gives the call of an attribute the line where the attribute ends.
            node.end_lineno, node.end_col_offset = node.lineno, node.col_offset


def _place(node: Any, origin: Origin) -> None:
    node.lineno, node.col_offset = origin.line, origin.column
    node.end_lineno, node.end_col_offset = origin.end_line, origin.end_column


def _pairs(old: Any, new: Any) -> Iterator[tuple[Any, Any]]:
    """Nodes at the same place of two trees of the same shape."""
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        for a, b in zip(old, new):
            yield from _pairs(a, b)
    elif isinstance(old, ast.AST) and type(old) is type(new):
        yield old, new
        for field in old._fields:
            yield from _pairs(getattr(old, field, None), getattr(new, field, None))


_Visit = Callable[[ast.AST], "Origin | None"]


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
    if own is None and isinstance(node, ast.expr | ast.stmt | ast.arg | ast.ExceptHandler | ast.keyword | ast.alias):
        own = inside or around
        _place(node, own)
        node._placed = inside is not None  # pyright: ignore
    elif own is not None:
        node._placed = True  # pyright: ignore
    return own or around


def _origin(node: ast.AST) -> Origin | None:
    if not hasattr(node, "lineno"):
        return None
    return Origin(node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)  # pyright: ignore
