"""Boxes of a graph: the Python functions that its operations are from."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

from ....dialects.locations import Place

_LIBRARIES = ("site-packages/keras/",)
"""Whose functions are of one operation each: a box around it would show nothing."""


def function_around(place: Place | None) -> str:
    """The name of the function that a line is in, such as `Model.call`; empty where it is in none that matters."""
    if place is None or any(part in place.file.replace("\\", "/") for part in _LIBRARIES):
        return ""
    found = ""
    for first, last, name in _functions(place.file):
        if first <= place.line <= last:
            found = name  # those inside come later
    return found


@lru_cache(maxsize=256)
def _functions(file: str) -> tuple[tuple[int, int, str], ...]:
    """The first line, the last line and the name of each function in a file, the outer ones first."""
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    return tuple(_in(tree, ""))


def _in(tree: ast.AST, prefix: str) -> list[tuple[int, int, str]]:
    found = []
    for node in ast.iter_child_nodes(tree):
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if is_function or isinstance(node, ast.ClassDef):
            name = f"{prefix}{node.name}"
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found += [(first, node.end_lineno or node.lineno, name)] if is_function else []
            found += _in(node, "" if is_function else f"{name}.")
        else:
            found += _in(node, prefix)
    return found
