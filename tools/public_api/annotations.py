"""Annotations as stubs have them: in terms of public names, of Python's and of other libraries'."""

from __future__ import annotations

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from .definitions import PACKAGE, Source

_VARIABLES = ("TypeVar", "ParamSpec")


class InternalNameError(Exception):
    """A name that is neither public, nor Python's, nor another library's."""


@cache
def source_of(module: str) -> Source:
    """A module of the package by its name below it."""
    path = PACKAGE.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return Source(module, ast.parse(file.read_text()))


@dataclass
class Imports:
    """What one stub needs from elsewhere.

    Attributes:
        namespace: the stub's namespace.
        own: the names that it defines, which hide Python's own.
        homes: where each public definition is found, by module and name.
        lines: what may be imported, as module, name there, and name here; a module as a whole has no name there.
        variables: definitions of type variables.
    """

    namespace: str
    own: frozenset[str]
    homes: dict[tuple[str, str], str]
    lines: set[tuple[str, str, str]] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)

    def resolved(self, node: ast.expr, source: Source) -> str:
        """The text of an annotation of `source` in this stub. Raises InternalNameError."""
        return ast.unparse(_Resolver(self, source).visit(ast.parse(ast.unparse(node), mode="eval").body))

    def public(self, path: str) -> str:
        """How the stub calls a public definition, imported from its home where that is another stub."""
        namespace, _, name = path.rpartition(".")
        if namespace == self.namespace:
            return name
        module = ".".join(filter(None, ("stepwell", namespace)))
        if name in self.own and f"{self.namespace}.{name}" in self.homes.values():  # the stub defines another one
            self.lines.add((module, "", ""))
            return f"{module}.{name}"
        self.lines.add((module, name, ""))
        return name


class _Resolver(ast.NodeTransformer):
    def __init__(self, imports: Imports, source: Source):
        self.imports = imports
        self.source = source

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, str):
            return self.visit(ast.parse(node.value, mode="eval").body)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if isinstance(node.value, ast.Name) and node.value.id == "Literal":
            node.value = self.visit(node.value)
            return node
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._named(node.id, self.source)

    def _named(self, name: str, source: Source) -> ast.expr:
        public = self.imports.homes.get((source.module, name))
        if public is not None:
            return ast.Name(self.imports.public(public))
        if name in source.names:
            return self._internal(name, source.names[name], source)
        if name in source.imports:
            return self._imported(name, *source.imports[name])
        if not hasattr(builtins, name):
            raise InternalNameError(f"{source.module}: {name} is not defined")
        if name not in self.imports.own:
            return ast.Name(name)
        self.imports.lines.add(("builtins", "", "builtins"))
        return ast.Attribute(ast.Name("builtins"), name)

    def _imported(self, alias: str, module: str, name: str) -> ast.expr:
        if module.split(".")[0] == "stepwell" and name:
            return self._named(name, source_of(module.removeprefix("stepwell.")))
        self.imports.lines.add((module, name, alias if alias != name else ""))
        return ast.Name(alias)

    def _internal(self, name: str, value: ast.expr | None, source: Source) -> ast.expr:
        """An alias is replaced by what it means, a type variable is defined again; a class stays internal."""
        if value is None:
            raise InternalNameError(f"{source.module}: {name} is not public")
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _VARIABLES:
            self.imports.lines.add(("typing", value.func.id, ""))
            self.imports.variables[name] = f"{name} = {ast.unparse(value)}"
            return ast.Name(name)
        return _Resolver(self.imports, source).visit(ast.parse(ast.unparse(value), mode="eval").body)


def mentions(code: str, name: str) -> bool:
    """Whether code uses a name."""
    return re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", code) is not None


def import_lines(imports: Iterable[tuple[str, str, str]], code: str) -> list[str]:
    """Import statements for what `code` uses, and for names that are offered again under `as`."""
    whole, parts = set(), defaultdict(set)
    for module, name, alias in imports:
        if not name and mentions(code, alias or module):
            whole.add(f"import {module}" if alias in ("", module) else f"import {module} as {alias}")
        elif name and (alias or mentions(code, name)):
            parts[module].add(f"{name} as {alias}" if alias else name)
    ordered = sorted(parts, key=lambda module: (module.startswith("stepwell"), module))
    return [*sorted(whole), *(_from(module, sorted(parts[module])) for module in ordered)]


def _from(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    return (
        line if len(line) <= 120 else "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
    )
