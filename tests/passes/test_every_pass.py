"""Every pass there is leaves what generated programs mean as it was: whoever adds one has it validated."""

import pytest
from support.effort import examples, is_thorough

from stepwell.compiler.pipeline.registry import is_own_pass, pass_class, pass_names
from stepwell.testing import validate

PASSES = [name for name in pass_names() if is_own_pass(name)]
SELDOM = {"block-sums", "decompose-complex", "insert-runtime-checks"}
"""Passes for which few programs have anything; other tests give them more of those."""
LONG = {"convert-cfg-to-llvm", "convert-hl-to-linalg"}
"""Passes whose programs take a second each: all ops, as they are above machine code, and what becomes of them."""


@pytest.mark.parametrize("name", PASSES)
def test_a_pass_keeps_the_meaning_of_programs(name):
    count = examples(24 if name in LONG else 48)
    report = validate(name, max_examples=count, seed_=1, allow_unchanged=name in SELDOM)
    assert report.programs + report.stopped >= count - 1
    assert name in SELDOM or report.changed >= 2, f"{name} has changed {report.changed} programs of {count}"
    validate(name, max_examples=3 if is_thorough() else 2, seed_=None, allow_unchanged=True)


def test_only_checks_that_were_asked_for_stop_programs():
    assert [name for name in PASSES if getattr(pass_class(name), "adds_checks", False)] == [
        "insert-nan-checks",
        "insert-runtime-checks",
    ]
