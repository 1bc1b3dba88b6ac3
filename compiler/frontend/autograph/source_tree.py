"""Finds the syntax tree of a Python function: by its position in the file, so that lambdas may share a line."""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
from collections import OrderedDict
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

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
    found = [
        pair for pair in _index(file, function.__globals__, code).get(code.co_name, ()) if _starts_at(pair[0], code)
    ]
    if len(found) > 1:
        found = [(node, owner) for node, owner in found if _spans(node, code)]
        found.sort(key=lambda pair: _size(pair[0]))
    if not found:
        raise NoSourceError(f"{code.co_name} is no longer at line {code.co_firstlineno} of {file}")
    node, owner = found[0]
    return FoundFunction(_copied(node), file, owner)


_Index = dict[str, list[tuple[FunctionNode, "str | None"]]]
_FILES = 64
_indexes: OrderedDict[str, tuple[list[str], _Index]] = OrderedDict()
"""For the files used last: their lines, as `linecache` holds them until the file is read anew, and their functions."""


def _index(file: str, namespace: dict[str, object], code: CodeType) -> _Index:
    """The functions of a file by name; the file is parsed once."""
    lines = linecache.getlines(file, namespace)
    if not lines:
        raise NoSourceError(f"the source of {code.co_name} in {file} is not available")
    known = _indexes.get(file)
    if known is not None and known[0] is lines:
        return known[1]
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError as error:
        raise NoSourceError(f"{file} cannot be parsed: {error}") from None
    index: _Index = {}
    waiting: list[tuple[ast.AST, str | None]] = [(tree, None)]
    while waiting:
        node, owner = waiting.pop()
        if isinstance(node, FunctionNode):
            name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
            index.setdefault(name, []).append((node, owner))
        owner = node.name if isinstance(node, ast.ClassDef) else owner
        waiting.extend((child, owner) for child in ast.iter_child_nodes(node))
    _indexes[file] = lines, index
    _indexes.move_to_end(file)
    while len(_indexes) > _FILES:
        _indexes.popitem(last=False)
    return index


def _copied(node: object) -> Any:
    """A copy of a tree; nodes without fields (contexts, operators) are shared, as the parser shares them."""
    if isinstance(node, list):
        return [_copied(part) for part in node]
    if not isinstance(node, ast.AST) or not node.__dict__:
        return node
    made = type(node)()
    made.__dict__.update({name: _copied(value) for name, value in node.__dict__.items()})
    return made


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
        if first == last:  # an instruction that represents no text
            continue
        inside = start <= first and last <= end  # pyright: ignore[reportOperatorIssue]
        if not inside and (isinstance(node, ast.Lambda) or (place.lineno or 0) > (end[0] or 0)):
            return False
    return True


_CONVERTED = frozenset(
    number
    for name, number in dis.opmap.items()
    if name.startswith(
        ("CALL", "PRECALL", "STORE_ATTR", "STORE_SUBSCR", "STORE_GLOBAL", "STORE_DEREF", "MAKE_FUNCTION")
    )
    or "JUMP" in name
    or name in ("UNARY_NOT", "TO_BOOL", "FOR_ITER", "LOAD_BUILD_CLASS", "STORE_SLICE", "DELETE_FAST", "RAISE_VARARGS")
)
"""Instructions of which code has one if it has control flow, calls or assignments that outlive it."""


def needs_conversion(code: CodeType) -> bool:
    """Whether converted code would do anything else than the code itself."""
    return not _CONVERTED.isdisjoint(code.co_code[::2])


def is_generator(function: FunctionType) -> bool:
    """Whether a call returns a generator or a coroutine."""
    return inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function)
