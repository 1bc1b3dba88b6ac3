"""`dialects/hl/rules/functions.pyi`: what gradient rules may call, with types that dialects know."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .annotations import source_of
from .definitions import PACKAGE

_HEAD = """# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from ...dtypes import DType

class Value(Protocol):
    @property
    def dtype(self) -> DType: ...
    @property
    def shape(self) -> tuple[int | None, ...]: ...
    @property
    def ndim(self) -> int: ...

Operand: TypeAlias = Value | np.ndarray | np.generic | bool | int | float | Sequence[Any]
Sizes: TypeAlias = Value | int | Sequence[Any]
Gradients: TypeAlias = Sequence[Value | None]

class Functions(Protocol):
"""
_KNOWN = {
    "Tensor": "Value",
    "TensorLike": "Operand",
    "ShapeLike": "Sizes",
    "DTypeLike": "DType | np.dtype | type | str",
    "Axis": "int | Sequence[int] | None",
    "Size": "int | Value",
}
"""Types of the language, as types that dialects know."""
_PLAIN = ("DType", "int", "float", "bool", "str", "list", "tuple", "Sequence", "None", "np", "object", "Any")


def functions() -> str:
    """The text of the stub."""
    found: dict[str, str] = {}
    for path in sorted((PACKAGE / "compiler" / "frontend" / "ops").rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if {"strings", "sparse", "ragged"} & {*parts}:  # not offered to rules, as `namespace` says
            continue
        source = source_of(".".join(part for part in parts if part != "__init__"))
        for node in source.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                found[node.name] = _method(node)
    return _HEAD + "".join(f"    {found[name]}\n" for name in sorted(found))


def _method(code: ast.FunctionDef) -> str:
    args = code.args
    for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]:
        if arg is not None and arg.annotation is not None:
            arg.annotation = _translated(arg.annotation)
    returns = "None" if code.returns is None else ast.unparse(_translated(code.returns))
    defaults: list[ast.expr] = [ast.Constant(...) for _ in args.defaults]
    keywords: list[ast.expr | None] = [None if default is None else ast.Constant(...) for default in args.kw_defaults]
    args = ast.arguments(
        [ast.arg("self"), *args.posonlyargs], args.args, args.vararg, args.kwonlyargs, keywords, args.kwarg, defaults
    )
    return f"def {code.name}({ast.unparse(args).replace('self, /', 'self')}) -> {returns}: ..."


def _translated(node: ast.expr) -> ast.expr:
    """A type in terms of those that dialects know; Any for one that they do not."""
    if not {*_names(node)} <= {*_KNOWN, *_PLAIN}:
        return ast.Name("Any")
    return _Translator().visit(ast.parse(ast.unparse(node), mode="eval").body)


class _Translator(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.parse(_KNOWN[node.id], mode="eval").body if node.id in _KNOWN else node


def _names(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
