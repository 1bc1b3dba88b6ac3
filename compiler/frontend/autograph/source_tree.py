"""Finds the syntax tree of a Python function: by its position in the file, so that lambdas may share a line."""

from __future__ import annotations

import ast
import copy
import dis
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
        found.sort(key=lambda pair: _size(pair[0]))
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


def _size(node: FunctionNode) -> tuple[int, int]:
    """How much text a function has: of two that contain the same code, the smaller one is its own."""
    lines = (node.end_lineno or node.lineno) - node.lineno
    return lines, (node.end_col_offset or 0) - (0 if lines else node.col_offset)


def _spans(node: FunctionNode, code: CodeType) -> bool:
    """Whether all that the code does is written in the body of the lambda, or in the statements of the definition."""
    body: list[ast.expr] | list[ast.stmt] = [node.body] if isinstance(node, ast.Lambda) else node.body
    start, end = (body[0].lineno, body[0].col_offset), (body[-1].end_lineno, body[-1].end_col_offset)
    for instruction in dis.get_instructions(code):
        place = instruction.positions
        if place is None or None in place:
            continue
        first, last = (place.lineno, place.col_offset), (place.end_lineno, place.end_col_offset)
        if first == last:  # an instruction that stands for no text
            continue
        inside = start <= first and last <= end  # pyright: ignore[reportOperatorIssue]
        if not inside and (isinstance(node, ast.Lambda) or (place.lineno or 0) > (end[0] or 0)):
            return False
    return True


def is_generator(function: FunctionType) -> bool:
    """Whether a call gives a generator or a coroutine."""
    return inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function)
