"""What passes share, beside xDSL's own: elimination of common subexpressions, the rewrite driver, lists of ops."""

import pytest
from hypothesis import given, settings
from support.effort import examples
from xdsl.pattern_rewriter import PatternRewriteWalker
from xdsl.transforms.common_subexpression_elimination import cse

from stepwell.compiler.passes.canonicalize import CanonicalizePass, _Canonicalize
from stepwell.compiler.passes.cse import CsePass
from stepwell.compiler.passes.dce import DcePass
from stepwell.compiler.pipeline.manager import PassManager
from stepwell.compiler.pipeline.named import STEPS
from stepwell.compiler.pipeline.pipelines import parse, steps_between
from stepwell.dialects.context import make_context
from stepwell.dialects.walk import ops_in, ops_of
from stepwell.testing.modules import hl_modules, modules_at

CONTEXT = make_context()
LEVELS = ("hl", "linalg", "loops")


def without_cse(case, level):
    """A module of `hl` at a level, to which it was taken by all passes but `cse`."""
    module = case.module.clone()
    steps = f"{STEPS['hl']},{steps_between('hl', level)}".strip(",")
    PassManager(CONTEXT).run(module, [pass_ for pass_ in parse(steps) if pass_.name != "cse"])
    return module


@pytest.mark.parametrize("level", LEVELS)
def test_cse_leaves_no_more_ops_than_xdsl(level):
    merged = 0

    @settings(max_examples=examples(60), deadline=None)
    @given(hl_modules())
    def check(case):
        nonlocal merged
        module = without_cse(case, level)
        ours, theirs = module.clone(), module.clone()
        CsePass().apply(CONTEXT, ours)
        cse(theirs)
        DcePass().apply(CONTEXT, theirs)
        ours.verify()
        assert len(ops_in(ours)) <= len(ops_in(theirs))
        DcePass().apply(CONTEXT, module)
        merged += len(ops_in(ours)) < len(ops_in(module))

    check()
    assert merged, "no program had anything to merge"


@pytest.mark.parametrize("level", LEVELS)
def test_the_driver_rewrites_as_xdsls_walker(level):
    @settings(max_examples=examples(60), deadline=None)
    @given(modules_at(level))
    def check(case):
        ours, theirs = case.module.clone(), case.module.clone()
        CanonicalizePass().apply(CONTEXT, ours)
        PatternRewriteWalker(_Canonicalize()).rewrite_module(theirs)
        CanonicalizePass().apply(CONTEXT, theirs)  # removes blocks that are not reached
        assert str(ours) == str(theirs)

    check()


@pytest.mark.parametrize("level", LEVELS)
def test_lists_of_ops_are_walks(level):
    @settings(max_examples=examples(30), deadline=None)
    @given(modules_at(level))
    def check(case):
        found = list(case.module.walk())
        assert ops_in(case.module) == found
        for kind in {type(op) for op in found}:
            assert ops_of(case.module, kind) == [op for op in found if isinstance(op, kind)]
        kinds = sorted({type(op) for op in found}, key=lambda kind: kind.name)[:2]
        assert ops_of(case.module, *kinds) == [op for op in found if isinstance(op, tuple(kinds))]

    check()
