"""The public definitions, read from the source: what `public` and `public_values` say, and the code below them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import stepwell

PACKAGE = Path(stepwell.__file__).parent
_FOLDERS = ("dialects", "compiler", "runtime")
_MARKS = ("@public(", "public_values(")

Code = ast.FunctionDef | ast.ClassDef | ast.AnnAssign | ast.Assign
"""What can be public: functions, classes, and type aliases."""


@dataclass(frozen=True)
class Source:
    """A module that defines public names.

    Attributes:
        module: its name below the package: `compiler.frontend.ops.math`.
        tree: its code.
    """

    module: str
    tree: ast.Module

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Names that it imports: from which module, and what they are called there; modules have no second name."""
        found: dict[str, tuple[str, str]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.asname or alias.name: (alias.name, "") for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                found |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}
        return found

    @cached_property
    def names(self) -> dict[str, ast.expr | None]:
        """Names that it defines: the values of aliases, None for functions and classes."""
        found: dict[str, ast.expr | None] = {}
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found[node.name] = None
            elif isinstance(node, ast.Assign | ast.AnnAssign) and (name := _target(node)):
                found[name] = node.value
        return found

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.split(".") if self._is_package else self.module.split(".")[:-1]
        base = package[: len(package) - (node.level - 1)]
        return ".".join(["stepwell", *base, *([node.module] if node.module else [])])

    @cached_property
    def _is_package(self) -> bool:
        return PACKAGE.joinpath(*self.module.split(".")).is_dir()


@dataclass(frozen=True)
class Definition:
    """Something public.

    Attributes:
        source: the module that defines it.
        name: its name there.
        paths: its public names: `add`, `math.add`.
        code: the function, class or assignment.
        text: its docstring.
        overloads: the declarations of `typing.overload` before a function.
    """

    source: Source
    name: str
    paths: tuple[str, ...]
    code: Code
    text: str
    overloads: tuple[ast.FunctionDef, ...] = ()

    @property
    def home(self) -> str:
        """The public name under which a stub defines it; others import it from there."""
        own = [path for path in self.paths if path.rpartition(".")[2] == self.name]
        return min(own or self.paths, key=lambda path: (path.count(".") == 0, path.count("."), path))


class PublicNameError(Exception):
    """A decorator that cannot be read, or two definitions of one public name."""


def definitions() -> list[Definition]:
    """All public definitions, by module and name. Raises PublicNameError where two have one name."""
    found = sorted(_all(), key=lambda each: (each.source.module, each.name))
    owners: dict[str, Definition] = {}
    for each in found:
        for path in each.paths:
            if path in owners:
                raise PublicNameError(f"sw.{path} is both in {owners[path].source.module} and {each.source.module}")
            owners[path] = each
    return found


def namespaces(found: list[Definition]) -> list[str]:
    """The modules that have public names, and those around them: `data` for `data.experimental`."""
    names = {path.rpartition(".")[0] for each in found for path in each.paths} - {""}
    return sorted(names | {name.rpartition(".")[0] for name in names if "." in name})


def _all() -> Iterator[Definition]:
    for folder in _FOLDERS:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            text = path.read_text()
            if any(mark in text for mark in _MARKS):
                parts = path.relative_to(PACKAGE).with_suffix("").parts
                name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
                yield from _of_module(Source(name, ast.parse(text)))


def _of_module(source: Source) -> Iterator[Definition]:
    values: dict[str, tuple[str, ...]] = {}
    overloads: list[ast.FunctionDef] = []
    for node in source.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            declared = tuple(each for each in overloads if each.name == node.name)
            for mark in [call for mark in node.decorator_list if (call := _call_of(mark, "public"))]:
                node.decorator_list.remove(mark)
                text = ast.get_docstring(node) or ""
                yield Definition(source, node.name, _paths(source, node.name, mark), node, text, declared)
            overloads += [node] if isinstance(node, ast.FunctionDef) else []
        elif isinstance(node, ast.Expr) and (call := _call_of(node.value, "public_values")):
            namespace, *names = _strings(source, call.args)
            for name in names:
                values[name] = (*values.get(name, ()), f"{namespace}.{name}".lstrip("."))
    yield from _values(source, values)


def _values(source: Source, paths: dict[str, tuple[str, ...]]) -> Iterator[Definition]:
    body = source.tree.body
    for node, after in zip(body, [*body[1:], None]):
        target = _target(node)
        if target in paths:
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            assert isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(text, str)
            yield Definition(source, target, paths.pop(target), node, text)
    if paths:
        raise PublicNameError(f"{source.module}: public_values names {', '.join(paths)}, which it does not define")


def _target(node: ast.stmt) -> str:
    """The name that a statement defines; empty for all but assignments of one."""
    targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
    return targets[0].id if targets and isinstance(targets[0], ast.Name) else ""


def _call_of(node: ast.expr, name: str) -> ast.Call | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
        return node
    return None


def _strings(source: Source, nodes: list[ast.expr]) -> list[str]:
    found = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    if len(found) < len(nodes):
        raise PublicNameError(f"{source.module}, line {nodes[0].lineno}: expected literal strings")
    return found


def _paths(source: Source, name: str, mark: ast.Call) -> tuple[str, ...]:
    options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in mark.keywords}
    paths = [f"{namespace}.{name}" for namespace in _strings(source, mark.args)]
    paths += [name] if options.pop("top", False) else []
    paths += options.pop("aliases", ())
    if options or not paths:
        raise PublicNameError(f"{source.module}: {name}: expected namespaces, top or aliases")
    return tuple(sorted(paths, key=lambda path: (path.count("."), path)))
