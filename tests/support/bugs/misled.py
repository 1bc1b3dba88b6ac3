"""Bugs planted in a pattern, a pass, a lowering and an export: `bisect` names them, the op and the user's line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np
from xdsl.context import Context
from xdsl.dialects import scf
from xdsl.dialects.builtin import ModuleOp

import stepwell as sw
from stepwell.compiler.passes import canonicalize
from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.hl.arithmetic import AddOp, MaximumOp, MinimumOp, MulOp, SubOp
from stepwell.testing.python_programs import PythonProgram

from .bug import EXAMPLES, Answer, NamedBug
from .failures import SubtractNegated

MODEL = PythonProgram("""\
def program(x, y):
    total = sw.reduce_sum(sw.tanh(x * y), axis=0)
    while sw.reduce_max(total) < 2.0:
        total = total * 1.5
    total = total - sw.negative(total * 0.5)
    if sw.reduce_max(total) > 0.0:
        total = sw.maximum(total, y[0] * 3.0) + 1.0
    return sw.exp(-total), sw.minimum(x, y)
""")
"""A program with a loop and a branch, for something to be wrong in."""


@dataclass(frozen=True)
class AddInLoopsPass(Pass):
    """Takes a product in a loop for a sum."""

    name = "add-in-loops"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """As it says."""
        for each in list(op.walk()):
            if isinstance(each, MulOp) and isinstance(each.parent_op(), scf.WhileOp):
                each.result.replace_all_uses_with(Emitter.before(each).value(AddOp.build(list(each.operands))))


@contextmanager
def wrong_pattern() -> Iterator[None]:
    """A wrong pattern among those of `canonicalize`."""
    with mock.patch.object(SubOp, "CANONICALIZATIONS", (*SubOp.CANONICALIZATIONS, SubtractNegated)):
        canonicalize._patterns.cache_clear()
        yield
    canonicalize._patterns.cache_clear()


def _rule(name: str) -> Callable[[], AbstractContextManager[Any]]:
    """The minimum has the rule of the maximum."""
    wrong = classmethod(lambda cls, *args: getattr(MaximumOp, name)(*args))
    return lambda: mock.patch.object(MinimumOp, name, wrong)


@dataclass(frozen=True)
class Misled:
    """A bug, and what `bisect` has to say of it.

    Attributes:
        name: of the bug.
        planted: lets it be there.
        culprit: the pass or engine to blame.
        rewrite: the pattern to blame; empty where the pass has none.
        op: the op to blame.
        line: what the user's line contains.
        options: of `bisect`.
    """

    name: str
    planted: Callable[[], AbstractContextManager[Any]]
    culprit: str
    rewrite: str
    op: str
    line: str
    options: dict[str, Any] = field(default_factory=dict)


MISLED: tuple[Misled, ...] = (
    Misled("a wrong pattern", wrong_pattern, "canonicalize", "SubtractNegated", "hl.sub", "total - sw.negative"),
    Misled(
        "a wrong pass on an op in a loop",
        nullcontext,
        "add-in-loops",
        "",
        "hl.mul",
        "total * 1.5",
        {"pipeline": [*parse("canonicalize,cse"), AddInLoopsPass(), *parse("dce")]},
    ),
    Misled("a wrong lowering", _rule("lower"), "convert-hl-to-linalg", "", "hl.minimum", "sw.minimum(x, y)"),
    Misled("a wrong export", _rule("onnx"), "onnx", "", "hl.minimum", "sw.minimum(x, y)", {"engine": "onnx"}),
)
"""The bugs."""


def found_by(misled: Misled) -> tuple[str, bool]:
    """What `bisect` says, and whether it names all that there is to name."""
    values = np.linspace(0.1, 1.1, 6, dtype=np.float32).reshape(3, 2)
    with MODEL.loaded() as model, misled.planted():
        found = sw.debugging.bisect(sw.function(model), values, values[::-1].copy(), **misled.options)
        text = str(found)
    rewrite = found.rewrite.rewrite.pattern if found.rewrite else ""
    lines = MODEL.source.splitlines()
    number = next(number for number, line in enumerate(lines, 1) if misled.line in line)
    named = (found.name, rewrite, found.op) == (misled.culprit, misled.rewrite, misled.op)
    return text, named and f":{number}:" in (found.line or "")


def bisected(name: str, _: int = EXAMPLES) -> Answer:
    """What `bisect` says of a bug."""
    (misled,) = (each for each in MISLED if each.name == name)
    text, right = found_by(misled)
    return Answer(right, int(right), " | ".join(text.splitlines()))


BUGS = tuple(NamedBug(each.name, "bisect", each.culprit, bisected, "named") for each in MISLED)
"""The same, as bugs."""
