"""`stepwell/*.pyi`: what type checkers and editors see of the public names."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from ...dialects.dtypes import DTYPE_NAMES
from .annotations import Imports, InternalNameError, import_lines, mentions, source_of
from .definitions import Definition, Source, namespaces

_HEAD = "# Written by `python -m stepwell.tools.public_api --write`.\n"
_KEPT = ("property", "staticmethod", "classmethod", "overload", "contextmanager", "dataclass")
"""Decorators that say something about types."""
_UNTYPED = ("__slots__", "__array_priority__", "__post_init__", "__init_subclass__", "__class_getitem__")
_WITH_DTYPES = ("", "dtypes")
"""The namespaces that have the dtypes themselves."""
_WIDTH = 120


def stubs(found: Sequence[Definition], modules: Sequence[str]) -> dict[str, str]:
    """The text of the stub of each namespace; `modules` are those of the package itself."""
    homes = {(each.source.module, each.name): each.home for each in found}
    return {name: _Stub(name, found, homes).text(modules) for name in ["", *namespaces(list(found))]}


class _Stub:
    """The stub of one namespace."""

    def __init__(self, namespace: str, found: Sequence[Definition], homes: dict[tuple[str, str], str]):
        self.namespace = namespace
        self.paths = {
            path.rpartition(".")[2]: (path, each)
            for each in found
            for path in each.paths
            if path.rpartition(".")[0] == namespace
        }
        own = {*self.paths, *(DTYPE_NAMES if namespace in _WITH_DTYPES else ())}
        self.imports = Imports(namespace, frozenset(own), homes, {("numpy", "", "np")})

    def text(self, modules: Sequence[str]) -> str:
        blocks = [block for name in sorted(self.paths) for block in self._block(name, *self.paths[name])]
        code = "\n\n".join(["\n".join(self._dtypes()), *blocks]).strip()
        variables = [text for name, text in sorted(self.imports.variables.items()) if mentions(code, name)]
        code = "\n".join([*variables, *([""] if variables else []), code])
        return "\n".join([_HEAD, *import_lines(self.imports.lines, code), *self._modules(modules), "", code]) + "\n"

    def _modules(self, modules: Sequence[str]) -> list[str]:
        inside = f"{self.namespace}." if self.namespace else ""
        own = [name.removeprefix(inside) for name in modules if name.startswith(inside)]
        return [f"from . import {name} as {name}" for name in own if "." not in name]

    def _dtypes(self) -> list[str]:
        names = DTYPE_NAMES if self.namespace in _WITH_DTYPES else ()
        return [*(f"{name}: DType" for name in names), *(() if self.namespace else ("__version__: str",))]

    def _block(self, name: str, path: str, definition: Definition) -> Iterator[str]:
        """The code of a name: its definition at home, an import elsewhere."""
        home, _, original = definition.home.rpartition(".")
        if path == definition.home:
            yield from self._definition(name, definition)
        elif home == self.namespace:
            yield f"{name} = {original}"
        else:
            self.imports.lines.add((".".join(filter(None, ("stepwell", home))), original, name))

    def _definition(self, name: str, definition: Definition) -> Iterator[str]:
        code, source = definition.code, definition.source
        if isinstance(code, ast.ClassDef):
            yield self._class(name, code, source)
        elif isinstance(code, ast.FunctionDef):
            for each in definition.overloads or (code,):
                yield "\n".join(self._function(name, each, source, definition.text))
        elif isinstance(constant := _without_sign(code.value), ast.Constant):
            kind = "None" if constant.value is None else type(constant.value).__name__
            yield f"{name}: {kind}\n{_quoted(definition.text)}"
        elif isinstance(code, ast.AnnAssign) and ast.unparse(code.annotation) != "TypeAlias":
            yield f"{name}: {self.imports.resolved(code.annotation, source)}\n{_quoted(definition.text)}"
        else:
            assert code.value is not None
            self.imports.lines.add(("typing", "TypeAlias", ""))
            yield f"{name}: TypeAlias = {self.imports.resolved(code.value, source)}\n{_quoted(definition.text)}"

    def _class(self, name: str, code: ast.ClassDef, source: Source) -> str:
        bases = [text for base in code.bases if (text := self._base(base, source))]
        after = f"({', '.join(bases)})" if bases else ""
        lines = [*self._decorators(code, source), f"class {name}{after}:"]
        members = dict(self._members(code, source))
        lines += [f"    {line}" for line in [_quoted(ast.get_docstring(code) or ""), *_lines(members.values())]]
        return "\n".join(lines)

    def _base(self, base: ast.expr, source: Source) -> str:
        try:
            return self.imports.resolved(base, source)
        except InternalNameError:
            return ""

    def _members(self, code: ast.ClassDef, source: Source) -> Iterator[tuple[str, str]]:
        """The public members; those whose types are internal are left out, those of internal bases are here."""
        for base in code.bases:
            if not self._base(base, source):
                yield from self._inherited(base, source)
        for node in _without_implementations(list(_statements(code.body))):
            try:
                yield from self._member(node, source)
            except InternalNameError:
                continue

    def _inherited(self, base: ast.expr, source: Source) -> Iterator[tuple[str, str]]:
        name = ast.unparse(base)
        module, original = source.imports.get(name, (f"stepwell.{source.module}", name))
        inside = source_of(module.removeprefix("stepwell."))
        for node in inside.tree.body:
            if isinstance(node, ast.ClassDef) and node.name == original:
                yield from self._members(node, inside)

    def _member(self, node: ast.stmt, source: Source) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.FunctionDef) and _is_offered(node.name):
            key = f"{node.name}{node.lineno}" if _is_overload(node) else node.name
            if node.name == "__init__":
                yield from self._attributes(node, source)
            yield key, "\n".join(self._function(node.name, node, source, ast.get_docstring(node) or ""))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _is_offered(node.target.id):
            name, default = node.target.id, " = ..." if node.value is not None else ""
            ignored = "  # type: ignore[assignment]" if name in ("count", "index") else ""  # methods of tuples
            yield name, f"{name}: {self.imports.resolved(node.annotation, source)}{default}{ignored}"
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_offered(node.targets[0].id):
            name, value = node.targets[0].id, node.value
            if isinstance(value, ast.Name):
                yield name, f"{name} = {value.id}"
            elif name == "__hash__":
                self.imports.lines.add(("typing", "ClassVar", ""))
                yield name, "__hash__: ClassVar[None]  # type: ignore[assignment]"
            elif isinstance(value, ast.Constant):
                yield name, f"{name} = {value.value!r}"  # a member of an enumeration has no annotation

    def _attributes(self, init: ast.FunctionDef, source: Source) -> Iterator[tuple[str, str]]:
        """Attributes that are parameters of `__init__`."""
        types = {arg.arg: arg.annotation for arg in [*init.args.args, *init.args.kwonlyargs] if arg.annotation}
        for node in init.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in types:
                target = node.targets[0]
                if isinstance(target, ast.Attribute) and _is_offered(target.attr):
                    yield target.attr, f"{target.attr}: {self.imports.resolved(types[node.value.id], source)}"

    def _function(self, name: str, code: ast.FunctionDef, source: Source, text: str) -> Iterator[str]:
        yield from self._decorators(code, source)
        returns = self.imports.resolved(code.returns, source) if code.returns else "None"
        parameters = self._parameters(code.args, source)
        line = f"def {name}({', '.join(parameters)}) -> {returns}:"
        overrides = name in ("__eq__", "__ne__") and not returns.endswith(("bool", "Any"))
        ignored = "  # type: ignore[override]" if overrides else ""
        if len(line) > _WIDTH - 4:
            yield from (f"def {name}(", *(f"    {each}," for each in parameters), f") -> {returns}:")
        else:
            yield f"{line}{ignored or '' if text else f' ...{ignored}'}"
        if text:
            yield f"    {_quoted(text)}"
        elif len(line) > _WIDTH - 4:
            yield "    ..."

    def _decorators(self, code: ast.FunctionDef | ast.ClassDef, source: Source) -> Iterator[str]:
        for node in code.decorator_list:
            name = _name(node)
            if name == "cached_property":
                yield "@property"
            elif name in _KEPT:
                self.imports.resolved(ast.Name(name), source)
                yield f"@{ast.unparse(node)}"
            elif name == "setter":
                yield f"@{ast.unparse(node)}"

    def _parameters(self, args: ast.arguments, source: Source) -> list[str]:
        positional = [*args.posonlyargs, *args.args]
        missing = [None] * (len(positional) - len(args.defaults))
        parts = [self._parameter(arg, default, source) for arg, default in zip(positional, [*missing, *args.defaults])]
        if args.posonlyargs:
            parts.insert(len(args.posonlyargs), "/")
        if args.vararg:
            parts.append(f"*{self._parameter(args.vararg, None, source)}")
        elif args.kwonlyargs:
            parts.append("*")
        parts += [self._parameter(arg, default, source) for arg, default in zip(args.kwonlyargs, args.kw_defaults)]
        return parts + ([f"**{self._parameter(args.kwarg, None, source)}"] if args.kwarg else [])

    def _parameter(self, arg: ast.arg, default: ast.expr | None, source: Source) -> str:
        if arg.annotation is None:
            return arg.arg if default is None else f"{arg.arg}={_default(default)}"
        value = "" if default is None else f" = {_default(default)}"
        return f"{arg.arg}: {self.imports.resolved(arg.annotation, source)}{value}"


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from node.body
        else:
            yield node


def _without_implementations(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements without the functions that have overloads before them."""
    overloads = {node.name for node in body if isinstance(node, ast.FunctionDef) and _is_overload(node)}
    for node in body:
        if not isinstance(node, ast.FunctionDef) or node.name not in overloads or _is_overload(node):
            yield node


def _is_overload(node: ast.FunctionDef) -> bool:
    return "overload" in map(_name, node.decorator_list)


def _is_offered(name: str) -> bool:
    return (not name.startswith("_") or name.startswith("__")) and name not in _UNTYPED


def _name(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _default(node: ast.expr) -> str:
    text = ast.unparse(node)
    try:
        ast.literal_eval(node)
    except ValueError:
        return text if text.startswith("np.") else "..."
    return text


def _without_sign(value: ast.expr | None) -> ast.expr | None:
    """The number of a negative one."""
    return value.operand if isinstance(value, ast.UnaryOp) else value


def _quoted(text: str) -> str:
    """The first line of a docstring, as one."""
    line = text.partition("\n")[0]
    prefix = "r" if "\\" in line else ""
    return f'{prefix}"""{line}"""' if line else "..."


def _lines(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from text.split("\n")
