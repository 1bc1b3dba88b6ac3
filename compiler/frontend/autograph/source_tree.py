"""Finds the syntax tree of a Python function: by its position in the file, so that lambdas may share a line."""

from __future__ import annotations

import ast
import copy
import inspect
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType

FunctionNode = ast.FunctionDef | ast.Lambda


class NoSourceError(Exception):
    """A function whose source text cannot be found: it was typed interactively, or made by `exec`."""


@dataclass(frozen=True)
class FoundFunction:
    """A function's syntax tree.

    Attributes:
        node: a tree of the caller's own.
        file: the file it comes from.
        class_name: the class around it, if any.
    """

    node: FunctionNode
    file: str
    class_name: str | None


def find_function(function: FunctionType) -> FoundFunction:
    """The syntax tree of `function`; NoSourceError if its file cannot be read or no longer fits."""
    code = function.__code__
    file = code.co_filename
    lines = linecache.getlines(file, function.__globals__)
    if not lines:
        raise NoSourceError(f"the source of {code.co_name} in {file} is not available")
    try:
        tree = _parsed("".join(lines))
    except SyntaxError as error:
        raise NoSourceError(f"{file} cannot be parsed: {error}") from None
    found = [(node, owner) for node, owner in _functions(tree, None) if _starts_at(node, code)]
    if len(found) > 1:
        found = [(node, owner) for node, owner in found if _spans(node, code)]
    if not found:
        raise NoSourceError(f"{code.co_name} is no longer at line {code.co_firstlineno} of {file}")
    node, owner = found[0]
    return FoundFunction(copy.deepcopy(node), file, owner)


@lru_cache(maxsize=16)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _functions(node: ast.AST, owner: str | None) -> Iterator[tuple[FunctionNode, str | None]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FunctionNode):
            yield child, owner
        yield from _functions(child, child.name if isinstance(child, ast.ClassDef) else owner)


def _starts_at(node: FunctionNode, code: CodeType) -> bool:
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and node.lineno == code.co_firstlineno
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return node.name == code.co_name and first == code.co_firstlineno


def _spans(node: FunctionNode, code: CodeType) -> bool:
    """Whether what the code returns last is the body of the lambda, or its statements lie in the definition."""
    positions = [p for p in code.co_positions() if p[0] is not None and p[2] is not None]
    if isinstance(node, ast.Lambda):
        body = node.body
        return positions[-1] == (body.lineno, body.end_lineno, body.col_offset, body.end_col_offset)
    end = node.end_lineno or node.lineno
    return all(node.lineno <= (p[0] or 0) <= end for p in positions[1:])


def is_generator(function: FunctionType) -> bool:
    """Whether a call gives a generator or a coroutine."""
    return inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function)
