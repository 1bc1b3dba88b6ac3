"""Words that texts for users avoid, each with the standard one: `python -m support.words`, which `make lint` runs.

It reads pages (`README.md`, `CONTRIBUTING.md`, `docs/*.md`) and, in code, the texts that users see: messages, remedies,
reasons of refusals, help of options, and docstrings of passes, commands and public functions.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("dialects", "compiler", "runtime", "stepwell", "tools")
PAGES = ("README.md", "CONTRIBUTING.md", "docs/*.md")

WORDS: dict[str, str] = {
    r"(?:gives?|gave|given|giving) (?:\w+ )?back": "returns",
    r"gives(?! up)": "returns, produces",
    r"(?:comes?|came|coming) to(?! an end)": "evaluates to, computes, reaches",
    r"(?:stands?|stood) for": "represents, means",
    r"(?:stands?|stood)(?!-)": "is, precedes, follows",
    r"dear(?:er|est)?": "expensive",
    r"nobody": "unused, no op, no caller",
    r"in vain": "unused",
    r"sides? of (?:an?|the|its|one) (?:branch|if|condition)|(?:two|both|other|one) sides?(?! (?:of|by) )"
    r"|(?:if|else|left|right) sides?": "branch, operand",
    r"(?:in the|the|in|takes?|took|its|their|an?|whose|same|no|other|one|what|which|are) places?"
    r"(?<!in place)(?<!last place)(?! of decimals)": "location (source), position (order), buffer (memory), instead of",
    r"(?:its|their|whose|for|at|with) numbers?(?! of)(?= |$|[,.;:)])": "index, count",
    r"number (?:\{\}|\d+)(?! of)|number of (?:the|an?) (?:axis|argument|op|operand|result|branch|line)": "index",
    r"numbered": "indexed",
    r"(?:is|are|be|was|were|been) told": "receives, is passed",
    r"(?:held|holds? [\w ']+) against": "compared with, checks",
    r"mend(?:s|ed|ing)?": "fix",
    r"at last": "finally",
    r"beside": "next to, in addition to, besides",
    r"seldom": "rarely",
    r"truth values?": "boolean",
    r"of one's own": "custom, your own",
    r"(?:each|every|first|last|many|few|fewer|of|per|a) rounds?(?! of)"
    r"|rounds of (?:an?|the|its) loop": "iteration, repetition",
    r"way down": "lowering, pipeline",
    r"what (?:becomes|became) of": "the result of",
}
"""Wrong words (regular expressions of whole words, in lower case), each with what the field says."""

_PATTERNS = [(re.compile(rf"\b(?:{wrong})\b"), right) for wrong, right in WORDS.items()]


@dataclass(frozen=True)
class Finding:
    """A wrong word: where it is, what it is, and the standard word."""

    path: str
    line: int
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: '{self.wrong}': say {self.right}"


def wrong_words(text: str) -> Iterator[tuple[int, str, str]]:
    """Wrong words of a text: the lines after its first, the word, the standard word."""
    flat = re.sub(r"\s", " ", text.lower())
    for pattern, right in _PATTERNS:
        for match in pattern.finditer(flat):
            yield text.count("\n", 0, match.start()), match[0], right


def prose(page: str) -> str:
    """A page without its blocks of code and what is between backticks, line by line."""
    page = re.sub(r"^```.*?^```", _blank, page, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`]*`", _blank, page)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", "x", match[0])


def texts_for_users(source: str) -> Iterator[tuple[int, str]]:
    """Texts that users meet, of a module of Python: literals of several words, and docstrings of what is public.

    A literal is a message, a reason, a remedy or the help of an option wherever it is: many are returned by a function
    first, and raised by another.
    """
    tree = ast.parse(source)
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from _strings(tree, bare)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and _is_public(node):
            yield from _docstrings(node)


def _strings(node: ast.AST, bare: set[int]) -> Iterator[tuple[int, str]]:
    """Literals of several words that are not docstrings, with `{}` for what a formatted one inserts."""
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
        yield node.lineno, "".join(str(part) for part in parts)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare and " " in node.value:
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _strings(child, bare)


def _is_public(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether users read the docstring: of a pass, a command, what `@public` offers, or `stepwell.testing` exports."""
    if node.name in _exports():
        return True
    if isinstance(node, ast.ClassDef) and node.name.endswith("Pass"):
        return True
    if isinstance(node, ast.FunctionDef) and any("Annotated" in ast.dump(each) for each in node.args.args):
        return True
    return any(isinstance(each, ast.Call) and getattr(each.func, "id", "") == "public" for each in node.decorator_list)


@cache
def _exports() -> set[str]:
    """The public names of `stepwell.testing`, as its package lists them."""
    return set(
        re.findall(r'^    "(\w+)": "[\w.]+",$', (ROOT / "stepwell/testing/__init__.py").read_text(), re.MULTILINE)
    )


def _docstrings(node: ast.FunctionDef | ast.ClassDef) -> Iterator[tuple[int, str]]:
    """The docstring of a definition, and those of the public methods of a class."""
    methods = [node] if isinstance(node, ast.FunctionDef) else [node, *node.body]
    for each in methods:
        if isinstance(each, ast.FunctionDef | ast.ClassDef) and not each.name.startswith("_"):
            text = ast.get_docstring(each, clean=False)
            if text is not None:
                yield each.body[0].lineno, prose(text)


def findings(root: Path = ROOT) -> list[Finding]:
    """All wrong words under a folder, in the order of paths."""
    found = set()
    for pattern in PAGES:
        for path in sorted(root.glob(pattern)):
            for line, wrong, right in wrong_words(prose(path.read_text())):
                found.add(Finding(path.relative_to(root).as_posix(), line + 1, wrong, right))
    for path in _modules(root):
        name = path.relative_to(root).as_posix()
        for start, text in texts_for_users(path.read_text()):
            found |= {Finding(name, start + line, wrong, right) for line, wrong, right in wrong_words(text)}
    return sorted(found, key=lambda each: (each.path, each.line, each.wrong))


def _modules(root: Path) -> Iterator[Path]:
    for folder in CODE:
        for path in sorted((root / folder).rglob("*.py")):
            if not (root / folder / path.relative_to(root / folder).parts[0]).is_symlink():
                yield path


def main() -> int:
    """Print every wrong word; the exit code is 1 if there is one."""
    found = findings()
    print(*found, sep="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
