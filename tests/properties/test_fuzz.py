"""Fuzzing: what is said about programs that are wrong in one of the ways, and what is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.internal.observability import with_observability_callback
from support.fuzz import targets, workers
from support.fuzz.__main__ import summary
from support.fuzz.apart import COMPILE, compiled_apart
from support.fuzz.check import COMPARED, UNSUPPORTED, Mismatch, check, smaller
from support.fuzz.log import FOLDER, LogFile, lost, total
from support.fuzz.workers import Worker
from support.long_programs import LENGTHS, long_module

from stepwell.compiler.interchange.mlir.text import parse_module, print_module
from stepwell.dialects.diagnostics import UnsupportedError
from stepwell.dialects.hl.arithmetic import AddOp, SubOp
from stepwell.dialects.hl.reduce import SumOp
from stepwell.dialects.hl.special import SinOp, TanhOp
from stepwell.dialects.levels import LEVELS
from stepwell.runtime import engines
from stepwell.testing import Case
from stepwell.testing.engines import ENGINES, LEVEL_OF, WAYS, Descent
from stepwell.testing.generation.hl.body import HlProgram
from stepwell.testing.python_programs import PythonProgram

TEXT = """
func.func @main(%v: !state.variable<tensor<2xf32>>, %x: tensor<2xf32>) -> tensor<2xf32> {
  %y = hl.add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  state.assign %v, %y : !state.variable<tensor<2xf32>>, tensor<2xf32>
  PRINT
  func.return %y : tensor<2xf32>
}
"""
PRINTS_ONLY = """
func.func @main(%x: tensor<2xf32>) {
  %y = hl.add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  debug.print "{0}" (%y) : (tensor<2xf32>)
  func.return
}
"""
ENDLESS = """
func.func @main() {
  %on = arith.constant true
  %r = scf.while (%a = %on) : (i1) -> i1 {
    scf.condition(%a) %a : i1
  } do {
  ^bb0(%b: i1):
    scf.yield %b : i1
  }
  func.return
}
"""
AMPLIFIED = """
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %amount = arith.constant dense<AMOUNT> : tensor<f32>
  %0 = hl.sin %x : (tensor<2xf32>) -> tensor<2xf32>
  %1 = hl.mul %0, %amount : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %2 = hl.floor %1 : (tensor<2xf32>) -> tensor<2xf32>
  %3 = hl.sub %1, %2 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  func.return %3 : tensor<2xf32>
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


def test_what_would_be_printed_is_a_result_in_onnx(monkeypatch):
    assert check(case(PRINT)) == dict.fromkeys(COMPARED)
    nothing_else = parse_module(PRINTS_ONLY, "t.mlir")
    monkeypatch.setattr(AddOp, "onnx", classmethod(lambda cls, g, call: SubOp.onnx(g, call)))
    found = check(Case(nothing_else, (np.float32([1, 2]),), Counter()))
    assert [way for way, verdict in found.items() if verdict is not None] == ["onnx"]


def test_what_an_engine_cannot_run_is_no_mismatch(monkeypatch):
    def refuses(cls, g, call):
        raise UnsupportedError("ONNX has no sums")

    monkeypatch.setattr(AddOp, "onnx", classmethod(refuses))
    assert check(case()) == {**dict.fromkeys(COMPARED), "onnx": UNSUPPORTED}


def test_a_failure_whose_result_nobody_needs_may_be_missing():
    text = TEXT.replace("PRINT", "%z = hl.reverse %w {axes = array<i64: 0>} : (tensor<2xf32>) -> tensor<2xf32>")
    text = text.replace("%x: tensor<2xf32>", "%x: tensor<2xf32>, %a: tensor<?xf32>, %b: tensor<?xf32>")
    text = text.replace("%y = ", "%w = hl.sum_to %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>\n%y = ")
    text = text.replace("(tensor<2xf32>) -> tensor<2xf32>\n  func", "(tensor<?xf32>) -> tensor<?xf32>\n  func")
    inputs = (np.zeros(2, np.float32), np.float32([1, 2]), np.zeros(2, np.float32), np.zeros(3, np.float32))
    assert check(Case(parse_module(text, "t.mlir"), inputs, Counter())) == dict.fromkeys(COMPARED)


def test_a_program_that_does_not_end_is_a_mismatch():
    found = check(Case(parse_module(ENDLESS, "t.mlir"), (), Counter()), max_ops=1000)
    (mismatch,) = found.values()
    assert isinstance(mismatch, Mismatch) and "does not end" in mismatch.problem


@pytest.mark.parametrize("amount, agrees", [("1.0e5", True), ("1.0", False)])
def test_what_rounding_makes_large_is_no_mismatch(monkeypatch, amount, agrees):
    """The sine is 3e-5 too large in one engine; its fraction is as good as random after a factor of 1e5."""
    monkeypatch.setattr(SinOp, "onnx", classmethod(lambda cls, g, call: [_nearly_sine(g, call)]))
    program = parse_module(AMPLIFIED.replace("AMOUNT", amount), "t.mlir")
    verdict = check(Case(program, (np.float32([0.3, 0.7]),), Counter()), ["onnx"])["onnx"]
    assert (verdict is None) == agrees


def test_sums_that_overflow_in_another_order_are_no_mismatch(monkeypatch):
    monkeypatch.setattr(SumOp, "onnx", classmethod(lambda cls, g, call: [g.constant(np.float32(np.nan))]))
    text = """
    func.func @main(%x: tensor<3xf32>) -> tensor<f32> {
      %0 = hl.sum %x {axes = array<i64: 0>, keepdims = false} : (tensor<3xf32>) -> tensor<f32>
      func.return %0 : tensor<f32>
    }
    """
    for x, agrees in (([3e38, 3e38, -3e38], True), ([3e30, 3e30, -3e30], False)):
        verdict = check(Case(parse_module(text, "t.mlir"), (np.float32(x),), Counter()), ["onnx"])["onnx"]
        assert (verdict is None) == agrees


def test_the_sign_of_a_zero_that_onnx_chooses_is_no_mismatch():
    text = """
    func.func @main(%x: tensor<1xf32>, %y: tensor<1xf32>) -> tensor<1xf32> {
      %one = arith.constant dense<1.0> : tensor<f32>
      %0 = hl.maximum %x, %y : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
      %1 = hl.div %one, %0 : (tensor<f32>, tensor<1xf32>) -> tensor<1xf32>
      func.return %1 : tensor<1xf32>
    }
    """
    for signs in ((0.0, -0.0), (-0.0, 0.0)):
        inputs = tuple(np.float32([zero]) for zero in signs)
        assert check(Case(parse_module(text, "t.mlir"), inputs, Counter())) == dict.fromkeys(COMPARED)


@pytest.mark.parametrize("op", ["sum %x {axes = array<i64>, keepdims = false}", "log1p %x"])
def test_the_sign_of_a_zero_that_is_inexact_is_no_mismatch_in_onnx(op):
    text = f"""
    func.func @main(%x: tensor<1xf32>) -> tensor<1xf32> {{
      %0 = hl.{op} : (tensor<1xf32>) -> tensor<1xf32>
      %1 = hl.rsqrt %0 : (tensor<1xf32>) -> tensor<1xf32>
      func.return %1 : tensor<1xf32>
    }}
    """
    found = check(Case(parse_module(text, "t.mlir"), (np.float32([-0.0]),), Counter()))
    assert found == dict.fromkeys(COMPARED)


def _nearly_sine(g, call):
    return g.node("Add", [g.node("Sin", call.inputs), g.constant(np.float32(2e-4))])


def test_a_mismatch_is_made_smaller(monkeypatch):
    monkeypatch.setattr(AddOp, "onnx", classmethod(lambda cls, g, call: SubOp.onnx(g, call)))
    whole = case(PRINT)
    (mismatch,) = [verdict for verdict in check(whole).values() if isinstance(verdict, Mismatch)]
    tried = []
    least = smaller(whole, mismatch, tried.append)
    assert least.way == "onnx" and "hl.add" in least.program and len(tried) > 3
    assert "state.assign" not in least.program and len(least.program) < len(mismatch.program)


def test_an_error_while_a_program_is_drawn_is_kept_and_does_not_end_the_run(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(targets, "_file", LogFile())

    def fails(self):
        raise KeyError("no such statement")

    monkeypatch.setattr(HlProgram, "settle", fails)
    monkeypatch.setattr(targets, "try_long", lambda seed: None)
    targets.run_fresh(0, 2.0)
    log = total(tmp_path)
    assert log.programs == 0 and len(log.mismatches) > 1
    assert log.mismatches[0]["way"] == "drawing" and "no such statement" in log.mismatches[0]["problem"]


def test_programs_with_loops_are_differentiated_and_counted(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(targets, "_file", LogFile())
    targets.run_gradients(0, 0.1)
    monkeypatch.setattr(TanhOp, "gradient", SinOp.gradient)
    monkeypatch.setattr(targets, "loop_program", lambda seed: PythonProgram(LOOP))
    targets.try_gradients(1)
    log = total(tmp_path)
    assert log.differentiated >= 2 and log.gradients["native beside the eager tape"] == 2 * log.differentiated
    (found,) = log.mismatches
    assert found["way"] == "derivatives, central differences" and found["program"] == LOOP
    text = summary(log, 2.0)
    assert f"programs with loops differentiated: {log.differentiated} in 2 s" in text and "programs tried" not in text


LOOP = "def program(x, v, n):\n    for _ in sw.range(n):\n        x = sw.tanh(x * v)\n    return x\n"


def test_programs_at_which_a_process_ended_are_told_once(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f"at-{gone.pid}.mlir").write_text("the program")
    (tmp_path / f"at-{os.getpid()}.mlir").write_text("another")
    assert lost(tmp_path, 60.0) == [gone.pid] and lost(tmp_path, 60.0) == []
    assert lost(tmp_path, -1.0) == [os.getpid()]
    found = total(tmp_path).mismatches
    assert {each["program"] for each in found} == {"the program", "another"}
    assert any("does not end within" in each["problem"] for each in found)


def test_workers_that_end_are_started_again_and_those_that_hang_are_ended(tmp_path):
    ends = Worker(lambda _: [sys.executable, "-c", "print('started')"], tmp_path / "ends.txt")
    hangs = Worker(lambda _: [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "hangs.txt")
    for _ in range(2):
        ends.keep_running(1.0)
        ends.stop(patience=30.0)
    hangs.keep_running(1.0)
    hangs.stop()
    assert (tmp_path / "ends.txt").read_text() == "started\nstarted\n"


def test_a_guided_worker_that_does_not_start_is_told(monkeypatch, tmp_path):
    broken = Worker(lambda _: [sys.executable, "-c", "import no_such_module"], tmp_path / "guided.txt")
    monkeypatch.setattr(workers, "workers", lambda folder, target: (broken, []))
    complaint = workers.run(tmp_path, 3.5)
    assert "with exit code 1: ModuleNotFoundError: No module named 'no_such_module'" in complaint
    assert 1 <= broken.failures <= workers.MOST_FAILURES
    fine = Worker(lambda _: [sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "guided.txt")
    monkeypatch.setattr(workers, "workers", lambda folder, target: (fine, []))
    assert workers.run(tmp_path, 0.5) is None


@pytest.mark.parametrize(
    "end, problem",
    [
        ("import os, sys; print('why', file=sys.stderr, flush=True); os.abort()", "ended by SIGABRT: why"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended by SIGSEGV: it said nothing"),
        ("raise KeyError('no such pass')", "KeyError: 'no such pass'"),
        ("import time; time.sleep(60)", "is not compiled within 2 s"),
    ],
)
def test_a_compilation_that_ends_its_process_is_a_mismatch(end, problem):
    """What the process does last is injected into its program."""
    mismatch = compiled_apart(case().module, 2.0 if "sleep" in end else 60.0, f"import sys; sys.stdin.read(); {end}")
    assert mismatch is not None and mismatch.way == "native" and "hl.add" in mismatch.program
    assert problem in mismatch.problem


def test_a_compilation_that_ends_its_process_is_told_with_the_long_program(monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setattr(targets, "_file", LogFile())
    abort = "from stepwell.runtime.engines.native import jit; import os; jit.optimised = lambda *texts: os.abort(); "
    for program, count in ((COMPILE, 0), (abort + COMPILE, 1)):
        monkeypatch.setattr(
            targets, "compiled_apart", lambda module, seconds, program=program: compiled_apart(module, seconds, program)
        )
        targets.try_long(1)
        assert len(total(tmp_path).mismatches) == count
    (found,) = total(tmp_path).mismatches
    assert "SIGABRT" in found["problem"] and found["program"].count("hl.tanh") in LENGTHS


@pytest.mark.parametrize("seed", range(5))
def test_long_programs_are_the_same_for_the_same_seed(seed):
    first, second = print_module(long_module(seed)), print_module(long_module(seed))
    assert first == second and first.count("hl.") >= min(LENGTHS)


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
    file = LogFile()
    monkeypatch.setattr(targets, "_file", file)
    for text in ("", PRINT):
        targets.try_out(case(text))
    file.log.note(case(), {**dict.fromkeys(COMPARED), "onnx": UNSUPPORTED})
    monkeypatch.setattr(AddOp, "lower", classmethod(lambda cls, e, op: SubOp.lower(e, op)))
    targets.try_out(case())
    file.save()
    again = total(tmp_path)
    assert (again.programs, again.runs["native"], again.runs["onnx"], again.unsupported["onnx"]) == (4, 3, 3, 1)
    text = summary(again, 2.0)
    assert "programs tried: 4 in 2 s (2.0 a second)" in text
    assert "mismatches: 1" in text and "MISMATCH interpreter at linalg: " in text
    (row,) = (line for line in text.splitlines() if line.startswith("interpreter at loops"))
    assert row.split()[3:6] == ["3", "0", "1"]
    (never,) = (line for line in text.splitlines() if line.startswith("ops never seen: "))
    never = never.removeprefix("ops never seen: ").split(", ")
    assert "hl.add" not in never and "hl.sub" in never


def test_observers_of_hypothesis_are_told_of_a_program_in_a_line():
    found = []

    @settings(max_examples=3, database=None, deadline=None)
    @given(st.just(case()))
    def check_it(case):
        assert case.module

    with with_observability_callback(found.append):
        check_it()
    assert {each.arguments["case"] for each in found if each.type == "test_case"} == {repr(case())}


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
    sparing = Descent(program.module, keep=False)
    for descent, way in [*((program, way) for way in program.ways), *((sparing, way) for way in sparing.ways)]:
        ran = descent.observe(way, case().inputs)
        assert ran.results[0].tolist() == ran.variables[0].tolist() == [2, 4], way


def test_the_sign_of_a_zero_that_onnx_runtime_chooses_is_no_mismatch():
    module = parse_module(
        """
        func.func @main(%c: tensor<2xi1>, %x: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
          %0 = hl.select %c, %x, %y : (tensor<2xi1>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
          %1 = hl.div %y, %0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
          func.return %1 : tensor<2xf32>
        }
        """,
        "text",
    )
    inputs = (np.array([True, True]), np.float32([-0.0, 1]), np.float32([1, 1]))
    assert check(Case(module, inputs, Counter()), ["native", "onnx"]) == {"native": None, "onnx": None}
