"""Fuzzing: what is said about programs that are wrong in one of the ways, and what is counted."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from stepwell.compiler.interchange.mlir_text import parse_module
from stepwell.dialects.hl.arithmetic import AddOp, SubOp
from stepwell.dialects.levels import LEVELS
from stepwell.runtime import engines
from stepwell.testing import Case
from stepwell.testing.engines import ENGINES, LEVEL_OF, WAYS, Descent
from stepwell.testing.fuzz.__main__ import summary
from stepwell.testing.fuzz.check import COMPARED, UNSUPPORTED, Mismatch, check
from stepwell.testing.fuzz.log import FOLDER, Log, total

TEXT = """
func.func @main(%v: !state.variable<tensor<2xf32>>, %x: tensor<2xf32>) -> tensor<2xf32> {
  %y = hl.add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  state.assign %v, %y : !state.variable<tensor<2xf32>>, tensor<2xf32>
  PRINT
  func.return %y : tensor<2xf32>
}
"""
PRINT = 'debug.print "y {0}" (%y) : (tensor<2xf32>)'


def case(text=""):
    """A program that doubles, with inputs."""
    module = parse_module(TEXT.replace("PRINT", text), "t.mlir")
    return Case(module, (np.zeros(2, np.float32), np.array([1, 2], np.float32)), Counter())


def test_there_is_one_list_of_ways():
    assert list(WAYS) == [*(f"interpreter at {level}" for level in LEVELS), "native", "onnx"]
    assert {*ENGINES, "interpreter"} == set(engines.ENGINES) and list(LEVEL_OF.values()) == list(LEVELS)
    assert list(COMPARED) == list(WAYS)[1:]


def test_nothing_is_wrong_with_what_is_right():
    assert check(case()) == dict.fromkeys(COMPARED)


def test_what_an_engine_cannot_run_is_no_mismatch():
    assert check(case(PRINT)) == {**dict.fromkeys(COMPARED), "onnx": UNSUPPORTED}


def test_a_wrong_lowering_is_told_once_at_the_first_level_that_shows_it(monkeypatch):
    monkeypatch.setattr(AddOp, "lower", classmethod(lambda cls, e, op: SubOp.lower(e, op)))
    found = check(case())
    assert list(found) == ["interpreter at linalg", "onnx"] and found["onnx"] is None
    mismatch = found["interpreter at linalg"]
    assert isinstance(mismatch, Mismatch)
    assert mismatch.problem == "result 0[1] is 0.0, expected 4.0 (off by 4)" and "hl.add" in mismatch.program


def test_a_lowering_that_fails_is_a_mismatch(monkeypatch):
    def fails(cls, e, op):
        raise IndexError("no such axis")

    monkeypatch.setattr(AddOp, "lower", classmethod(fails))
    found = check(case())
    mismatch = found["interpreter at linalg"]
    assert isinstance(mismatch, Mismatch) and "IndexError: no such axis" in mismatch.problem
    assert list(found) == ["interpreter at linalg", "onnx"]


def test_a_wrong_engine_is_told(monkeypatch):
    monkeypatch.setattr(AddOp, "onnx", classmethod(lambda cls, g, call: SubOp.onnx(g, call)))
    found = check(case())
    assert [way for way, verdict in found.items() if verdict is not None] == ["onnx"]


def test_what_was_seen_is_counted_kept_and_shown(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    log = Log()
    for text in ("", PRINT):
        log.note(case(text), check(case(text)))
    monkeypatch.setattr(AddOp, "onnx", classmethod(lambda cls, g, call: SubOp.onnx(g, call)))
    log.note(case(), check(case()))
    log.save()
    again = total(tmp_path)
    assert (again.programs, again.runs["native"], again.runs["onnx"], again.unsupported["onnx"]) == (3, 3, 2, 1)
    text = summary(again)
    assert "programs tried: 3" in text and "mismatches: 1" in text and "MISMATCH onnx: " in text
    (row,) = (line for line in text.splitlines() if line.startswith("interpreter at loops"))
    assert row.split()[3:6] == ["3", "0", "1"]
    (never,) = (line for line in text.splitlines() if line.startswith("ops never seen: "))
    never = never.removeprefix("ops never seen: ").split(", ")
    assert "hl.add" not in never and "hl.sub" in never


@pytest.mark.parametrize("level", LEVELS)
def test_programs_are_run_from_their_own_level_down(level):
    program = Descent(Descent(case().module).at(level))
    assert program.level == ("loops" if level == "cfg" else level)  # one block of it is both
    below = list(LEVELS)[list(LEVELS).index(program.level) :]
    assert program.ways == [
        *(f"interpreter at {each}" for each in below),
        "native",
        *(["onnx"] if level == "hl" else []),
    ]
    for way in program.ways:
        ran = program.observe(way, case().inputs)
        assert ran.results[0].tolist() == ran.variables[0].tolist() == [2, 4], way
