"""Rewrites of integers and booleans, proven by z3; wrong ones are refuted with a counterexample."""

import random

import numpy as np
import pytest
from support.proofs import TEMPLATES, TESTED_ONLY, TESTED_ONLY_ON, patterns, prove
from support.proofs.arith_to_smt import refutation
from support.proofs.scalars import NotScalarError, literals, scalar_program
from support.proofs.smtlib import solve
from support.proofs.snippets import Snippet, before_and_after
from support.proofs.table import row
from support.proofs.templates import reason
from xdsl.dialects.builtin import IntegerType
from xdsl.parser import Parser
from xdsl.pattern_rewriter import RewritePattern

from stepwell.compiler.passes.algebra import integers, numbers
from stepwell.compiler.passes.algebra.rule import Rule, number_of
from stepwell.dialects.context import make_context
from stepwell.dialects.dtypes import INT32, INT64
from stepwell.dialects.hl.arithmetic import AddOp, MaximumOp
from stepwell.dialects.hl.bitwise import BitwiseAndOp, RightShiftOp
from stepwell.dialects.hl.comparison import LessOp
from stepwell.dialects.hl.division import FloordivOp, ModOp
from stepwell.dialects.hl.registry import OPS

WIDTHS = (1, 2, 3, 7, 8, 16, 32, 33, 64)


def test_every_pattern_is_in_exactly_one_table():
    for op, pattern in patterns():
        proven = any(before_and_after(make, pattern, INT64)[2] == op for make in TEMPLATES.get(pattern, ()))
        assert proven != (reason(op, pattern) is not None), (
            f"{pattern.__name__} on {op}: expected snippets in TEMPLATES, or in TESTED_ONLY a reason why not"
        )


def test_the_tables_name_no_other_patterns():
    known = set(patterns())
    assert {*TEMPLATES, *TESTED_ONLY} <= {pattern for _, pattern in known}
    assert set(TESTED_ONLY_ON) <= known


def test_a_pattern_in_neither_table_is_noticed(monkeypatch):
    class New(RewritePattern):
        """One that nobody has thought about."""

        def match_and_rewrite(self, op, rewriter, /):
            pass

    monkeypatch.setattr(AddOp, "CANONICALIZATIONS", (*AddOp.CANONICALIZATIONS, New))
    with pytest.raises(AssertionError, match=r"New on hl\.add"):
        test_every_pattern_is_in_exactly_one_table()


@pytest.mark.parametrize("pattern", TEMPLATES, ids=lambda pattern: pattern.__qualname__)
def test_patterns_are_proven(pattern):
    makes = random.Random(pattern.__qualname__).sample(TEMPLATES[pattern], min(3, len(TEMPLATES[pattern])))
    for make in makes:
        for proof in prove(make, pattern, WIDTHS, seconds=30):
            assert proof.status == "proven", f"{proof.before}\n{proof.after}\n{proof.counterexample or proof.unknown}"


class DropOne(Rule):
    """Wrong: `x + 1` is `x`."""

    OPS = (AddOp,)

    def rewrite(self, match):
        return match.same(match.operands[0]) if number_of(match.operands[1]) == 1 else None


class HalveTowardsZero(Rule):
    """Wrong: `x // 2` is `(x + (x < 0)) >> 1`, which rounds towards zero."""

    OPS = (FloordivOp,)

    def rewrite(self, match):
        x, _ = match.operands
        negative = match.inner(LessOp, x, match.constant(np.array(0, match.dtype)))
        up = match.inner(AddOp, x, match.inner(OPS["hl.cast"], negative, dtype=match.dtype))
        return match.build(RightShiftOp, up, match.constant(np.array(1, match.dtype)))


class RemainderByAnyConstant(Rule):
    """Wrong: `x % 6` is `x & 5`."""

    OPS = (ModOp,)

    def rewrite(self, match):
        six = number_of(match.operands[1])
        return match.build(BitwiseAndOp, match.operands[0], match.constant(np.array(six - 1, match.dtype)))


class FirstIsGreater(Rule):
    """Wrong: the maximum is the first operand."""

    OPS = (MaximumOp,)

    def rewrite(self, match):
        return match.same(match.operands[0])


WRONG = [
    (DropOne, lambda s: s.add(s.x, s.c(1)), lambda x, y: (x + 1, x)),
    (HalveTowardsZero, lambda s: s.floordiv(s.x, s.c(2)), lambda x, y: (x // 2, (x + (x < 0)) >> 1)),
    (RemainderByAnyConstant, lambda s: s.mod(s.x, s.c(6)), lambda x, y: (x % 6, x & 5)),
    (FirstIsGreater, lambda s: s.maximum(s.x, s.y), lambda x, y: (max(x, y), x)),
]


@pytest.mark.parametrize("pattern, make, meaning", WRONG, ids=lambda value: getattr(value, "__name__", ""))
def test_wrong_rewrites_are_refuted_with_a_counterexample(pattern, make, meaning):
    proof = prove(make, pattern, [8])[0]
    assert proof.status == "refuted" and proof.counterexample is not None
    width, arguments = proof.counterexample
    assert width == 8
    one, other = meaning(arguments["x"], arguments.get("y"))
    assert one != other, f"the programs agree on {arguments}"
    shown = row(proof.root, pattern, [proof])
    assert shown.status == "refuted" and f"x = {arguments['x']}" in shown.details


def test_what_is_undefined_is_no_excuse_for_the_rewrite():
    """A division without the checks of the divisor is refuted even where SMT-LIB's value would do."""

    class Unchecked(Rule):
        """Wrong: `x >> y` by an amount that may be out of range."""

        OPS = (RightShiftOp,)

        def rewrite(self, match):
            return None

    before, _, _ = before_and_after(lambda s: s.right_shift(s.x, s.y), Unchecked, INT32)
    program, bare = scalar_program(before), scalar_program(before)
    shift = next(op for op in bare.ops if op.name == "arith.shrsi")
    shift.operands[1] = bare.block.args[1]
    answer = solve(refutation(program, bare, lambda type_: type_.width.data), 5)
    assert answer.status == "sat" and not 0 <= answer.model["y"] < 32


@pytest.mark.parametrize("name", ["hl.floordiv", "hl.mod", "hl.left_shift", "hl.right_shift"])
def test_lowerings_of_integer_ops_are_defined_for_all_operands(name):
    """No division by zero and no shift out of range is left in the scalar code of an op."""

    class Nothing(Rule):
        """Rewrites nothing."""

        OPS = (OPS[name],)

        def rewrite(self, match):
            return None

    module, _, _ = before_and_after(lambda s: s.op(OPS[name], s.x, s.y), Nothing, INT32)
    program, nothing = scalar_program(module), scalar_program(module)
    for op in reversed(nothing.ops):
        nothing.block.detach_op(op)
    nothing.results = []
    program.results = []
    assert solve(refutation(nothing, program, lambda type_: type_.width.data), 20).status == "unsat"


def test_the_snippet_has_to_be_one_that_the_pattern_matches():
    with pytest.raises(ValueError, match="SubtractItself does not apply"):
        prove(lambda s: s.sub(s.x, s.y), numbers.SubtractItself)


def test_constants_are_numbers_of_the_width():
    (proof,) = prove(lambda s: s.floordiv(s.x, s.c(8)), integers.DivideIntegerByConstant, range(1, 9))
    assert proof.proven == [5, 6, 7, 8]


def test_nothing_follows_for_other_widths_from_a_lowering_that_does_something_for_each_bit():
    programs = []
    for dtype in ("int32", "int64"):
        snippet = Snippet(dtype)
        programs.append(scalar_program(snippet.finish(snippet.pow(snippet.x, snippet.y))))
    assert literals(*programs) is None


def test_tensors_with_axes_are_refused():
    text = "func.func @main(%x: tensor<3xi32>) -> tensor<3xi32> { func.return %x : tensor<3xi32> }"
    with pytest.raises(NotScalarError, match="no single integer"):
        scalar_program(Parser(make_context(), text).parse_module())


def test_the_smt_module_verifies_and_is_text():
    make, pattern = TEMPLATES[integers.DivideIntegerByConstant][2], integers.DivideIntegerByConstant
    before, after, _ = before_and_after(make, pattern, INT32)

    def width(type_: IntegerType) -> int:
        return type_.width.data

    module = refutation(scalar_program(before), scalar_program(after), width)
    module.verify()
    assert "smt.bv.sdiv" in str(module) and "smt.bv.cmp" in str(module)
