"""Programs that grow from a pass: narrow mistakes of users are noticed, and what changes nothing is no success."""

from collections import Counter
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from support.bugs.of_users import WRONG_PASSES
from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import VectorType, f64
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import RewritePattern, op_type_rewrite_pattern

from stepwell.compiler.interchange.mlir.text import print_module
from stepwell.compiler.pipeline.pipelines import parse
from stepwell.compiler.rewriting import apply_patterns, observe_rewrites
from stepwell.dialects.dtypes import COMPLEX, FLOAT64, NUMERIC_DTYPES
from stepwell.dialects.hl.arithmetic import AddOp, MulOp, SubOp
from stepwell.dialects.hl.registry import OPS
from stepwell.dialects.hl.rules.elementwise import BinaryOp
from stepwell.dialects.hl.special import TanhOp
from stepwell.runtime.outcomes import observe
from stepwell.testing import ValidationError, hl_modules, linalg_modules, loops_modules, validate
from stepwell.testing.inputs import generate_inputs
from stepwell.testing.numbers import notable_array, notable_numbers, partly_equal
from stepwell.testing.pass_programs.attention import Attention, variants
from stepwell.testing.pass_programs.focused import focused_modules
from stepwell.testing.pass_programs.interests import Interest, interests_of
from stepwell.testing.pass_programs.written import grown_modules, written_programs
from stepwell.testing.provider import register

BY_NAME = {wrong.name: wrong for wrong in WRONG_PASSES}


def _drawn(strategy, count):
    """So many cases of a strategy, the same ones each time."""
    found = []

    @seed(0)
    @settings(
        max_examples=count,
        backend=register(),
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(case):
        found.append(case)

    draw()
    return found


# wrong passes


@pytest.mark.parametrize("name", ["root-of-square", "hoist-from-branch", "drop-repeated-print", "slice-of-concat"])
def test_a_narrow_mistake_is_noticed(name):
    """A sample; `make mutants` looks for all of them."""
    with pytest.raises(ValidationError) as failure:
        validate(BY_NAME[name], max_examples=200, shrink=False)
    assert failure.value.programs <= 200


def test_there_are_wrong_passes_of_each_kind():
    assert len(BY_NAME) == len(WRONG_PASSES) >= 12
    assert Counter(wrong.kind for wrong in WRONG_PASSES).keys() == {
        *("integer", "float", "shape", "control flow", "effects")
    }


# nothing changed


def test_a_pass_that_changes_nothing_is_not_validated():
    adds = hl_modules(ops=["hl.add"], effects=False, depth=0, dynamic=False, max_statements=2)
    with pytest.raises(ValidationError, match="it changed none of 5 programs") as failure:
        validate("inline", adds, max_examples=5)
    error = failure.value
    assert (error.programs, error.case, error.replay_file, error.inputs) == (5, None, None, ())
    assert validate("inline", adds, max_examples=5, allow_unchanged=True).changed == 0


def test_programs_are_those_of_the_seed_and_a_fresh_one_is_told():
    first, second = (validate("dce", max_examples=4, seed_=7, allow_unchanged=True) for _ in range(2))
    assert (first, first.seed) == (second, 7)
    fresh = [validate("dce", max_examples=1, seed_=None, allow_unchanged=True).seed for _ in range(2)]
    assert fresh[0] != fresh[1]


# what a pass looks for


def _is_power(number):
    return number in (8.0, 16.0)


class _Narrow(RewritePattern):
    """Names ops, numbers and a dtype."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SubOp, rewriter, /):
        if isinstance(op.x.owner, MulOp) and op.x.type.element_type == f64 and not isinstance(op.parent, scf.ForOp):
            _is_power(5)


@dataclass(frozen=True)
class _NarrowPass(ModulePass):
    name = "narrow"

    def apply(self, ctx, op):
        apply_patterns(op, [_Narrow()])


def test_the_code_of_a_pattern_tells_what_it_looks_for():
    (found,) = interests_of(_NarrowPass())
    assert found.name == "_Narrow"
    assert found.ops == ("hl.sub", "hl.mul") and found.others == {"scf.for"}
    assert {5, 8.0, 16.0} <= set(found.numbers) and found.dtypes == (np.float64,)


def test_each_rule_of_a_pass_and_each_op_that_is_lowered_is_looked_for():
    names = {interest.name for interest in interests_of(*parse("simplify-algebra"))}
    assert {"CombineDifferences", "RemainderByConstant", "ConcatOfConcat"} <= names
    assert {("hl.transpose",)} <= {each.ops for each in interests_of(*parse("canonicalize"))}
    assert {("hl.equal",), ("hl.cast",)} <= {each.ops for each in interests_of(*parse("convert-hl-to-linalg"))}
    (math,) = (each for each in interests_of(*parse("expand-math")) if each.name == "expand-math")
    assert {"hl.tanh", "hl.pow"} <= set(math.ops)


def test_programs_have_the_ops_and_numbers_looked_for():
    interest = Interest("test", ("hl.sub", "hl.mul"), frozenset({"scf.for"}), (24.0,), (FLOAT64,))
    cases = _drawn(focused_modules([interest]), 25)
    ops = sum((case.ops for case in cases), Counter())
    assert ops["hl.sub"] + ops["hl.mul"] > 0.6 * sum(ops.values())
    texts = [print_module(case.module) for case in cases]
    assert sum("dense<2.400000e+01> : tensor<" in text for text in texts) > 5
    assert sum("scf.for" in text for text in texts) > 5


def test_operands_are_distinct_as_often_as_equal_and_floats_have_all_digits_as_often_as_few():
    pairs, floats = Counter(), Counter()
    for case in _drawn(hl_modules(effects=False, depth=0), 40):
        for op in case.module.walk():
            if isinstance(op, BinaryOp):
                pairs[op.x is op.y] += 1
        for array in case.inputs:
            if array.dtype in (np.float32, np.float64) and array.size:
                floats[bool(np.any(array * 256 != np.round(array * 256)) and np.isfinite(array).all())] += 1
    assert pairs[False] >= pairs[True]
    assert floats[True] >= 0.35 * floats.total()


def test_every_pair_of_dtypes_is_cast():
    pairs = set()
    for case in _drawn(focused_modules([Interest("cast", ("hl.cast",))]), 25):
        for op in case.module.walk():
            if op.name == "hl.cast":
                pairs.add((str(op.operands[0].type.element_type), str(op.results[0].type.element_type)))
    assert len(pairs) == 13**2


def test_every_op_is_looked_for_on_the_result_of_every_other_one_and_on_every_dtype():
    (rounds,) = (each for each in interests_of(*parse("simplify-algebra")) if each.name == "OnceIsEnough")
    drawn = list(islice(variants(rounds), 400))
    assert {(each.outer, each.inner) for each in drawn} == set(product(rounds.ops, repeat=2))
    for name in rounds.ops:
        assert {each.dtype for each in drawn if each.inner == name} == set(OPS[name].DTYPES)


def test_ops_that_a_table_names_weigh_as_much_as_one_that_is_named_alone():
    (into,) = (each for each in interests_of(*parse("simplify-algebra")) if each.name == "BroadcastIntoOp")
    inner = Counter(each.inner for each in islice(variants(into), 1000))
    assert inner["hl.broadcast_to"] > 200 and len(into.ops) > 20


def test_what_a_pattern_made_and_refused_is_counted_apart():
    attention = Attention()
    with observe_rewrites(attention):
        report = validate("simplify-algebra", max_examples=20)
    assert report.changed
    made = {what[1:] for counts in attention.did.values() for what in counts}
    rewrote = {what[1:] for what in made if what[0] == "rewrote"}
    assert ("refused",) in made and {len(ops) for ops in rewrote} >= {1, 2}


def test_what_was_done_seldom_is_looked_for_more_often():
    attention = Attention()
    attention.did["Often"] = Counter({("hl.add", "rewrote"): 40})
    attention.did["Seldom one way"] = Counter({("hl.add", "rewrote"): 40, ("hl.add", "refused"): 1})
    names = Counter(each.name for each in attention.spread([Interest("Often"), Interest("Seldom one way")]))
    assert names["Seldom one way"] > 2 * names["Often"]


def test_some_programs_stop_behind_what_is_seen_in_a_loop_that_runs():
    stops = casts = 0
    for case in _drawn(focused_modules([Interest("add", ("hl.add",), frozenset({"scf.for"}))]), 100):
        inner = [op for loop in case.module.walk() if isinstance(loop, scf.ForOp) for op in loop.body.block.ops]
        names = [op.name for op in inner]
        casts += "tensor.cast" in names
        seen = observe(case.module, case.inputs, any_failure=True)
        stops += seen.failure is not None and names.count("debug.print") > 1
    assert stops >= 3 and casts >= 10


def test_operands_agree_in_some_elements():
    array = partly_equal(np.zeros(100), np.full(100, np.nan), 3)
    assert 20 < np.isnan(array).sum() < 80


def test_contractions_reach_the_passes_that_look_for_them():
    assert validate("lower-contractions", max_examples=24).changed >= 2


def test_plain_reductions_have_several_vectors_and_a_rest():
    counts = Counter()
    for case in _drawn(loops_modules(), 60):
        for op in case.module.walk():
            if isinstance(op, scf.ForOp) and "stepwell.reduction" in op.attributes:
                high = op.ub.owner
                counts[high.value.value.data if isinstance(high, arith.ConstantOp) else 0] += 1
    assert sum(count for size, count in counts.items() if size > 32 and size % 32) >= 3


def test_statements_that_make_what_a_pass_names_are_drawn_more_often():
    def pads(**options):
        cases = _drawn(linalg_modules(max_statements=8, depth=0, **options), 40)
        return sum(op.name == "tensor.pad" for case in cases for op in case.module.walk())

    assert pads(wanted=frozenset({"tensor.pad"})) > 1.5 * pads()


@given(st.integers(0, 2**32 - 1), st.sampled_from(NUMERIC_DTYPES))
@settings(max_examples=60, deadline=None, database=None)
def test_notable_numbers_are_of_the_dtype(seed_, dtype):
    array, numbers = notable_array((200,), dtype, seed_, [23]), notable_numbers(dtype, seed_, [23])
    assert array.dtype == dtype.dtype and array.shape == (200,)
    assert len(numbers) >= 2 and all(np.array(number).astype(dtype).dtype == dtype.dtype for number in numbers)


@pytest.mark.parametrize("dtype", COMPLEX, ids=str)
def test_notable_complex_numbers_have_notable_parts(dtype):
    arrays = np.concatenate([notable_array((200,), dtype, seed_) for seed_ in range(20)])
    for part, other in ((arrays.real, arrays.imag), (arrays.imag, arrays.real)):
        assert np.any(np.isnan(part) & ~np.isnan(other)) and np.any(np.isinf(part)) and np.any(part != other)


# programs that are written down


def test_docstrings_and_files_of_a_pass_are_programs():
    texts = written_programs(*parse("simplify-algebra"))
    assert len(texts) >= 5 and any("@remainder" in text for text in texts)
    grown = [print_module(case.module) for case in _drawn(grown_modules(texts), 30)]
    assert len(set(grown)) > len(texts)


class _TanhIsOdd(RewritePattern):
    """Wrong for the one program in the docstring of its pass."""

    def match_and_rewrite(self, op, rewriter, /):
        operand = op.operands[0].owner if isinstance(op, TanhOp) else None
        if isinstance(operand, AddOp) and operand.result.type.get_shape() == (7, 11):
            rewriter.replace(op, [], [operand.y])


@dataclass(frozen=True)
class _DocumentedPass(ModulePass):
    """What nobody draws stands here.

    Before:

        func.func @f(%x: tensor<7x11xf32>, %y: tensor<7x11xf32>) -> tensor<7x11xf32> {
          %0 = hl.add %x, %y : (tensor<7x11xf32>, tensor<7x11xf32>) -> tensor<7x11xf32>
          %1 = hl.tanh %0 : (tensor<7x11xf32>) -> tensor<7x11xf32>
          func.return %1 : tensor<7x11xf32>
        }
    """

    name = "documented"

    def apply(self, ctx, op):
        apply_patterns(op, [_TanhIsOdd()])


def test_what_a_docstring_shows_is_validated():
    with pytest.raises(ValidationError):
        validate(_DocumentedPass(), max_examples=40, shrink=False)


# what does not run


def test_ops_that_fail_stand_where_they_are_not_reached():
    skipped = 0
    for case in _drawn(focused_modules([Interest("loops", ("hl.add",), frozenset({"scf.for", "scf.while"}))]), 15):
        inside = [op for op in case.module.walk() if isinstance(op, scf.ForOp | scf.WhileOp | scf.IfOp)]
        prints = [op for loop in inside if not loop.results for op in loop.walk() if op.name == "debug.print"]
        skipped += bool(prints)
        assert observe(case.module, case.inputs, any_failure=True).undefined is False
    assert skipped >= 5


def test_vectors_are_given_as_many_numbers_as_they_have():
    (array,) = generate_inputs([VectorType(f64, [4])], 0)
    assert (array.shape, array.dtype) == ((4,), np.float64)
