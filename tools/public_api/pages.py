"""`docs/reference/*.md`: the docstrings of public names, as pages."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping

from .annotations import source_of
from .definitions import Definition

_HEAD = "<!-- Written by `python -m stepwell.tools.public_api --write`. -->\n"
_SECTION = re.compile(r"(Args|Attributes|Raises|Returns|Example|Examples):\n")


def pages(found: Iterable[Definition], stubs: Mapping[str, str]) -> dict[str, str]:
    """The text of each page by the name of its file: one for each namespace, and a list of them."""
    found = list(found)
    names = {_file(namespace): _page(namespace, found, stub) for namespace, stub in stubs.items()}
    lines = [f"- [{_title(name)}]({_file(name)}): {_about(name)}" for name in stubs]
    return {"README.md": "\n".join([_HEAD, "# Reference", "", *lines]) + "\n", **names}


def _title(namespace: str) -> str:
    return f"sw.{namespace}" if namespace else "sw"


def _file(namespace: str) -> str:
    return f"{_title(namespace)}.md"


def _about(namespace: str) -> str:
    """The first line of the docstring of a module."""
    tree = source_of(namespace).tree if namespace else source_of("__init__").tree
    return (ast.get_docstring(tree) or "").partition("\n")[0]


def _page(namespace: str, found: list[Definition], stub: str) -> str:
    signatures = _signatures(stub)
    entries = sorted(
        (path.rpartition(".")[2], path, each)
        for each in found
        for path in each.paths
        if path.rpartition(".")[0] == namespace
    )
    lines = [_HEAD, f"# {_title(namespace)}", "", _about(namespace)]
    for name, path, each in entries:
        lines += ["", f"## {name}", "", *_entry(name, path, each, signatures)]
    return "\n".join(lines) + "\n"


def _entry(name: str, path: str, each: Definition, signatures: Mapping[str, str]) -> Iterator[str]:
    if path != each.home:
        home, _, original = each.home.rpartition(".")
        yield f"The same as [`sw.{each.home}`]({_file(home)}#{original.lower()})."
        return
    if name in signatures:
        yield from ("```python", signatures[name], "```", "")
    yield from markdown(each.text)
    others = [f"`sw.{other}`" for other in each.paths if other != path]
    if others:
        yield from ("", f"Also {' and '.join(others)}.")
    if isinstance(each.code, ast.ClassDef):
        for method in _methods(each.code):
            yield from ("", f"### {name}.{method.name}", "", *markdown(ast.get_docstring(method) or ""))


def _methods(code: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for node in code.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and ast.get_docstring(node):
            yield node


def _signatures(stub: str) -> dict[str, str]:
    """The signature of each function of a stub, the first of several, and of each class the one of `__init__`."""
    found: dict[str, str] = {}
    lines = stub.replace("builtins.", "").split("\n")
    for node in ast.parse(stub).body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, _declaration(node, lines))
        elif isinstance(node, ast.ClassDef):
            for inside in node.body:
                if isinstance(inside, ast.FunctionDef) and inside.name == "__init__":
                    found[node.name] = _of_class(node.name, _declaration(inside, lines))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found[ast.unparse(node.target)] = f"{ast.unparse(node.target)} = {ast.unparse(node.value)}"
    return found


def _declaration(node: ast.FunctionDef, lines: list[str]) -> str:
    """`f(x: int) -> int`, in lines as in the stub."""
    first, last = node.lineno - 1, max(node.body[0].lineno - 1, node.lineno)
    text = "\n".join(line[node.col_offset :] for line in lines[first:last])
    return text.removeprefix("def ").removesuffix(" ...").removesuffix(":")


def _of_class(name: str, declaration: str) -> str:
    plain = declaration.removeprefix("__init__").removesuffix(" -> None")
    return name + re.sub(r"^\((\s*)self,?\s*", r"(\1", plain)


def markdown(text: str) -> Iterator[str]:
    """A docstring as Markdown: its sections get titles, descriptions become lists, examples code."""
    for part in re.split(r"\n\n(?=(?:Args|Attributes|Raises|Returns|Examples?):\n)", text):
        section = _SECTION.match(part)
        if section is None:
            yield part
            continue
        body, rest = _split(part[section.end() :])
        yield ""
        if section[1].startswith("Example"):
            yield from ("```python", body, "```")
        else:
            yield from (f"**{section[1]}**", "")
            yield from _list(body)
        if rest:
            yield from ("", rest)


def _split(text: str) -> tuple[str, str]:
    """The indented lines of a section, and the text after them."""
    found = re.search(r"\n\n(?=\S)", text)
    end = found.start() if found else len(text)
    return inspect.cleandoc("\n" + text[:end]), text[end:].strip()


def _list(body: str) -> Iterator[str]:
    for line in body.split("\n"):
        item = re.match(r"(\*{0,2}\w+): (.*)", line)
        yield f"- `{item[1]}`: {item[2]}" if item else f"  {line.strip()}" if line.startswith(" ") else line
