"""Facts about ops of `hl` are in their blocks: a list of ops anywhere else says why it is one."""

import ast
from pathlib import Path

import pytest

from stepwell.dialects.hl.registry import ALL_OPS as OPS

ROOT = Path(__file__).parents[2]
CLASSES = {op.__name__ for op in OPS.values()}
SHORT = {name.removeprefix("hl.") for name in OPS}
LEVELS_BELOW = {"math", "math_ops", "arith", "linalg", "tensor", "memref", "llvm", "vector", "simd", "scf"}
"""Modules whose ops have names of ops of `hl`."""
FEW = 3
"""So many ops in one collection are a list."""

REASONS = {
    "compiler/passes/algebra/": "a law of algebra is about the ops it names",
    "stepwell/testing/pass_programs/interests.py": "a choice of partners for what passes below hl look for",
    "tests/support/large_modules.py": "a program of few kinds of ops, on purpose",
    "tests/support/meaning.py": "an oracle beside the blocks, which says once more what the ops mean",
    "tests/support/proofs/": "proofs are about the laws of algebra, op by op",
    "tests/support/kernel_programs.py": "kernels that a tuner is shown: a choice",
}
"""Files, or folders, that may list ops, each with the reason."""


def lists_of_ops(tree):
    """The lines of collections of ops: by class, by name, or as `f"hl.{name}"` for names in a tuple."""
    for node in ast.walk(tree):
        items = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", None)
        if items and isinstance(node, ast.Dict | ast.Tuple | ast.List | ast.Set) and sum(map(is_op, items)) >= FEW:
            yield node.lineno
        if isinstance(node, ast.GeneratorExp | ast.SetComp | ast.ListComp | ast.DictComp):
            names = {item.value for item in ast.walk(node) if isinstance(item, ast.Constant)} & SHORT
            if len(names) >= FEW and any(starts_with_hl(item) for item in ast.walk(node)):
                yield node.lineno


def is_op(item):
    if isinstance(item, ast.Constant):
        return item.value in OPS
    if isinstance(item, ast.Attribute):
        module = item.value.id if isinstance(item.value, ast.Name) else ""
        return item.attr in CLASSES and module not in LEVELS_BELOW
    return isinstance(item, ast.Name) and item.id in CLASSES


def starts_with_hl(item):
    first = item.values[0] if isinstance(item, ast.JoinedStr) and item.values else None
    return isinstance(first, ast.Constant) and first.value == "hl."


def files():
    """All of the compiler, the runtime, the library and what tests are made of, by name."""
    found = {}
    for folder in ("dialects", "compiler", "runtime", "tools", "stepwell", "tests/support"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            linked = name.startswith(("stepwell/dialects", "stepwell/compiler", "stepwell/runtime", "stepwell/tools"))
            if not linked and not name.startswith("dialects/hl/"):
                found[name] = path
    return found


def lists_in(path):
    return list(lists_of_ops(ast.parse(path.read_text(encoding="utf-8"))))


def test_ops_are_listed_in_their_blocks_only():
    for name, path in files().items():
        reasons = [reason for start, reason in REASONS.items() if name.startswith(start)]
        assert reasons or not lists_in(path), f"{name}: a list of ops in lines {lists_in(path)}; make it a facet"


@pytest.mark.parametrize("start", REASONS)
def test_each_reason_is_for_a_list(start):
    assert any(lists_in(path) for name, path in files().items() if name.startswith(start))


@pytest.mark.parametrize(
    "text",
    [
        "A = ('hl.add', 'hl.mul', 'hl.sub')",
        "A = {AddOp: 1, MulOp: 2, arithmetic.SubOp: 3}",
        "A = frozenset(f'hl.{name}' for name in ('add', 'mul', 'sub'))",
    ],
)
def test_a_list_is_noticed(text):
    assert lists_of_ops(ast.parse(text))
    assert list(lists_of_ops(ast.parse(text))) == [1]
