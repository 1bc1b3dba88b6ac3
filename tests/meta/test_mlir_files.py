"""Tests in `.mlir` files: what is collected, what fails and how it is told, and what rewriting golden files does."""

import os
import subprocess
import sys

import pytest

from stepwell.testing.mlir_files import MlirFile, MlirTestError, run_command
from stepwell.testing.mlir_results import RTOL, Expectation, run_expectation, ways_of

TEXT = """func.func @twice(%x: tensor<?xf32>) -> tensor<?xf32> {
  %y = hl.add %x, %x : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  func.return %y : tensor<?xf32>
}
func.func @both(%x: tensor<i32>, %y: tensor<2xf32>) -> (tensor<i32>, tensor<2xf32>) {
  func.return %x, %y : tensor<i32>, tensor<2xf32>
}
func.func @bump(%v: !state.variable<tensor<i32>>, %by: tensor<i32>) -> tensor<i32> {
  state.assign_add %v, %by : !state.variable<tensor<i32>>, tensor<i32>
  func.return %by : tensor<i32>
}
func.func @loud(%x: tensor<f32>) -> tensor<f32> {
  debug.print "x is {0}"(%x) : (tensor<f32>)
  func.return %x : tensor<f32>
}
"""


def file(folder, *lines, text=TEXT):
    path = folder / "t.mlir"
    path.write_text("\n".join([*lines, "", text]))
    return MlirFile.read(path)


# what is in a file


def test_what_is_in_a_file(tmp_path):
    found = file(
        tmp_path,
        "// RUN: stepwell opt %s \\",
        "// RUN:   | filecheck %s",
        "// RUN-EXPECT: @twice([1]) == [2]",
        "// UNSUPPORTED: onnx (it prints)",
    )
    (run,) = found.runs
    assert (run.line, run.command.split()) == (1, ["stepwell", "opt", "%s", "|", "filecheck", "%s"])
    assert [(expect.line, expect.text) for expect in found.expects] == [(3, "@twice([1]) == [2]")]
    assert found.unsupported == {"onnx"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("// nothing", "t.mlir: there is no line '// RUN: …' or '// RUN-EXPECT: …'"),
        ("// RUN stepwell opt %s", "t.mlir:1: this line cannot be read: // RUN stepwell opt %s"),
        ("// UNSUPPORTED: onnx", "t.mlir:1: this line cannot be read: // UNSUPPORTED: onnx"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, line, message):
    with pytest.raises(MlirTestError) as caught:
        file(tmp_path, line)
    assert str(caught.value).endswith(message)


# commands


def run(folder, command, *lines, update=False):
    found = file(folder, f"// RUN: {command}", *lines)
    run_command(found, found.runs[0], update)


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("stepwell opt %s | filecheck %s", ["// CHECK-LABEL: func.func @twice", "// CHECK-NEXT: hl.add %x, %x"]),
        ("stepwell opt %s | filecheck %s --check-prefix=ADD", ["// ADD: hl.add"]),
        ("stepwell opt %s -p 'func.func(cse,dce)'", []),
        ("not stepwell opt %s -p bufferize 2>&1 | filecheck %s", ["// CHECK: error: t.mlir:[[# @LINE + 3]]:3: pass"]),
        ("stepwell opt %s -p O1 | stepwell opt - -p O1 | filecheck %s", ["// CHECK: @twice"]),
        ("stepwell opt %s -o %t.mlir", []),
        ("stepwell opt %s --verify-diagnostics", []),
    ],
)
def test_commands_that_succeed(tmp_path, command, lines):
    run(tmp_path, command, *lines)
    assert [path.name for path in tmp_path.iterdir()] == ["t.mlir"]


@pytest.mark.parametrize(
    ("command", "lines", "message"),
    [
        ("stepwell opt %s | filecheck %s", ["// CHECK: hl.sub"], "filecheck t.mlir\nt.mlir:2: error: Couldn't match"),
        ("stepwell opt %s | filecheck %s", [], "No check strings found with prefix CHECK"),
        ("stepwell opt %s -p cze", [], "stepwell opt t.mlir -p cze\nexit code 2\nerror: there is no pass 'cze'"),
        ("not stepwell opt %s", [], "not stepwell opt t.mlir\nexit code 0"),
        ("not filecheck %s", [], "'not' must precede 'stepwell'"),
        ("cat %s | filecheck %s", ["// CHECK: f"], "a stage is 'stepwell …', 'not stepwell …', 'filecheck …' or"),
        ("stepwell opt %s | golden absent.golden", [], "the output differs; pytest --update-golden accepts it"),
    ],
)
def test_commands_that_fail(tmp_path, command, lines, message):
    with pytest.raises(MlirTestError) as caught:
        run(tmp_path, command, *lines)
    assert str(caught.value).startswith(f"{tmp_path / 't.mlir'}:1: ")
    assert message in str(caught.value)


def test_golden_files_are_compared_and_rewritten(tmp_path):
    command, golden = "stepwell opt %s | golden t.golden", tmp_path / "t.golden"
    run(tmp_path, command, update=True)
    first = golden.read_text()
    assert first.startswith("builtin.module {\n  func.func @twice")
    run(tmp_path, command)
    golden.write_text(first.replace("@twice", "@thrice"))
    with pytest.raises(MlirTestError, match=r"-  func.func @thrice\(.*\n\+  func.func @twice\("):
        run(tmp_path, command)
    run(tmp_path, command, update=True)
    assert golden.read_text() == first


# results


def expect(folder, text, *lines, way=None):
    """Run a `RUN-EXPECT` line, in every way unless one is given; the names of the ways."""
    found = file(folder, f"// RUN-EXPECT: {text}", *lines)
    programs = {}
    ways = ways_of(found, found.expects[0], programs)
    for name in ways if way is None else [way]:
        run_expectation(found, found.expects[0], name, programs)
    return ways


def test_results_in_every_way(tmp_path):
    levels = [f"interpreter at {level}" for level in ("hl", "linalg", "loops", "cfg", "llvm")]
    assert expect(tmp_path, "@twice([1.5, inf, -0.0]) == [3, inf, -0.0]") == [*levels, "native", "onnx"]
    assert expect(tmp_path, "@twice([]) == []") == [*levels, "native", "onnx"]
    expect(tmp_path, "@both(3, [1, nan]) == (3, [1, nan])")
    expect(tmp_path, "@bump(3, 4) == (4, 7)")
    expect(tmp_path, f"@twice([1]) ~= [{2 + RTOL}]")


def test_a_way_that_is_not_supported_must_say_so(tmp_path):
    with pytest.raises(MlirTestError, match=r"t.mlir:1: @loud \[onnx\]: "):
        expect(tmp_path, "@loud(1) == 1", way="onnx")
    expect(tmp_path, "@loud(1) == 1", "// UNSUPPORTED: onnx (it prints)")
    with pytest.raises(MlirTestError, match=r"t.mlir:1: @twice \[native\]: the file says that this is not supported"):
        expect(tmp_path, "@twice([1]) == [2]", "// UNSUPPORTED: native (why not)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@twice([1]) == [3]", "@twice [interpreter at hl]: result 0[0] is 2.0, expected 3.0 (off by 1); got [2.0]"),
        ("@twice([-0.0]) == [0.0]", "result 0[0] is -0.0, expected 0.0; got [-0.0]"),
        ("@twice([1]) ~= [2.1]", "result 0[0] is 2.0, expected 2.1 (off by 0.1); got [2.0]"),
        ("@twice([1]) == [2, 2]", "result 0 is float32[1], expected float32[2]; got [2.0]"),
        ("@both(3, [1, 2]) == 3", "2 results instead of 1"),
        ("@twice([1], 2) == [2]", "@twice takes 1 inputs (tensor<?xf32>), got 2"),
        ("@both(1.5, [1, 2]) == (1, [1, 2])", "input 0: expected int32[], which cannot hold '1.5'"),
        ("@both(1, [1, 2, 3]) == (1, [1, 2])", "input 1 ([1, 2, 3]): expected float32[2], got float32[3]"),
        ("@thrice([1]) == [3]", "t.mlir: there is no function 'thrice'; there are twice, both, bump, loud"),
        ("twice([1]) == [3]", "expected '@function(arguments) == results' (or ~= to 1e-05), got 'twice([1]) == [3]'"),
        ("@twice([one]) == [3]", "is neither a file (.npy, .npz) nor a Python literal"),
    ],
)
def test_results_that_are_not_those(tmp_path, text, message):
    with pytest.raises(MlirTestError) as caught:
        expect(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 't.mlir'}:1: ")
    assert message in str(caught.value)


def test_texts_of_lower_levels_are_run_from_there_down(tmp_path):
    text = """func.func @f(%x: memref<2xi32>) {
      %i = arith.constant 1 : index
      %a = memref.load %x[%i] : memref<2xi32>
      %b = arith.addi %a, %a : i32
      memref.store %b, %x[%i] : memref<2xi32>
      cf.br ^bb1
    ^bb1:
      func.return
    }
    func.func @g(%x: memref<2xi32>) {
      func.call @f(%x) : (memref<2xi32>) -> ()
      func.return
    }"""
    path = tmp_path / "t.mlir"
    path.write_text(f"// RUN-EXPECT: @f([1, 2]) == [1, 4]\n// RUN-EXPECT: @g([1, 0]) == ()\n{text}")
    found = MlirFile.read(path)
    programs = {}
    for line in found.expects:
        ways = ways_of(found, line, programs)
        assert ways == ["interpreter at cfg", "interpreter at llvm", "native"]
        for way in ways:
            run_expectation(found, line, way, programs)


def test_expectations_are_read():
    assert Expectation.of("@f(1, (2), [inf]) == (True, -1.5)") == Expectation(
        "f", (1, 2, [float("inf")]), True, (True, -1.5)
    )
    assert Expectation.of("@a.b() ~= 1") == Expectation("a.b", (), False, 1)


# pytest


CONFTEST = 'pytest_plugins = ["stepwell.testing.pytest_plugin"]\n'


def pytest_in(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout


def test_pytest_collects_the_tests_and_rewrites_golden_files(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    good, bad, odd = (tmp_path / f"{name}.mlir" for name in ("good", "bad", "odd"))
    good.write_text(f"// RUN: stepwell opt %s | golden good.golden\n// RUN-EXPECT: @twice([1]) == [2]\n{TEXT}")
    bad.write_text(f"// RUN: stepwell opt %s | filecheck %s\n// CHECK: hl.sub\n{TEXT}")
    odd.write_text(f"// RUN stepwell\n{TEXT}")
    (tmp_path / "data.mlir").write_text(TEXT)
    code, out = pytest_in(tmp_path, "--update-golden", "--continue-on-collection-errors", "-rA")
    out = out.replace(f"{tmp_path}/", "")
    assert code == 1 and "1 failed, 8 passed, 1 error" in out
    assert "bad.mlir:1: filecheck bad.mlir\nbad.mlir:2: error: Couldn't match" in out
    assert "odd.mlir:1: this line cannot be read: // RUN stepwell" in out
    assert "PASSED good.mlir::@twice([1]) == [2] [native]" in out
    assert "Traceback" not in out and "runtest" not in out and "data.mlir" not in out
    assert (tmp_path / "good.golden").read_text().startswith("builtin.module")
