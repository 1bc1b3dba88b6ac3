"""Wrong rewrites can be planted where the catalogue says, and `validate` notices them: a sample of `make mutants`."""

from dataclasses import replace

import pytest
from support.bugs.bug import run
from support.bugs.catalogue import MUTANTS
from support.effort import some

BY_NAME = {mutant.name: mutant for mutant in MUTANTS}

SAMPLE = (
    "swapped operands: computations on scalars",
    "arguments are written over",
    "off by one: loops start at 1",
    "off by one: the mask of the last vector",
    "swapped operands of comparisons",
)
"""One of each level."""


def test_there_are_enough_of_different_names():
    assert len(BY_NAME) == len(MUTANTS) >= 150


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_its_place_is_in_the_source_once_and_it_is_python(mutant):
    compile(mutant.planted(), str(mutant.file), "exec")


@pytest.mark.parametrize("name", some(SAMPLE))
def test_a_mistake_is_noticed(name):
    answer = run(BY_NAME[name]).answer
    assert answer.noticed, answer.how


def test_no_mistake_is_not_noticed():
    mutant = BY_NAME[SAMPLE[0]]
    answer = run(replace(mutant, after=mutant.before), examples=5).answer
    assert (answer.noticed, answer.spent, answer.how) == (False, 5, "not noticed")


def test_a_false_alarm_does_not_count(monkeypatch):
    monkeypatch.setattr("support.bugs.mutant._fails_without", lambda file: bool(file.unlink()) or True)
    answer = run(BY_NAME[SAMPLE[2]]).answer
    assert not answer.noticed and answer.how.startswith("a false alarm: ")
