"""`stepwell bisect`: what it prints about functions of programs and about text, and its exit codes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from support.command import PROGRAM, failure, program_folder, stepwell

import stepwell as sw
from stepwell.dialects.hl.arithmetic import AddOp, SubOp


@pytest.fixture
def folder(tmp_path: Path):
    """A folder with a program and texts, which is the current one."""
    with program_folder(tmp_path):
        yield tmp_path


@pytest.fixture
def wrong_lowering(monkeypatch):
    """Sums are lowered as differences."""
    monkeypatch.setattr(AddOp, "lower", classmethod(lambda cls, e, op: SubOp.lower(e, op)))


def test_nothing_differs(folder):
    ran = stepwell("bisect", "program.py:affine", "[1.0, 2.0]", "3.0")
    assert ran.exit_code == 0
    assert re.fullmatch(r"nothing differs \(\d+ passes, \d+ runs\)\n", ran.stdout)


def test_a_culprit_in_a_function(folder, wrong_lowering):
    ran = stepwell("bisect", "program.py:affine", "[1.0, 2.0]", "3.0")
    assert ran.exit_code == 1
    line = PROGRAM.splitlines().index("    return 2.0 * x + y") + 1
    lines = ran.stdout.splitlines()
    assert re.fullmatch(r"pass 'convert-hl-to-linalg' \(\d+ of \d+\) changes what the program computes", lines[0])
    assert lines[1].split() == ["op", "hl.add"]
    assert re.fullmatch(rf"  line +.*program\.py:{line}:\d+: return 2\.0 \* x \+ y", lines[2])
    assert lines[3].split(maxsplit=2)[2] == "result 0[0] is -1.0, expected 5.0 (off by 6)"


def test_a_culprit_in_a_text(folder, wrong_lowering):
    np.save("x.npy", np.array([1.0, 2.0], np.float32))
    ran = stepwell("bisect", "twice.mlir", "x.npy")
    assert ran.exit_code == 1
    assert "twice.mlir:2:3: %y = hl.add %x, %x" in ran.stdout
    assert stepwell("bisect", "twice.mlir", "x.npy", "--pipeline", "canonicalize,cse").exit_code == 0


def test_text_of_lower_levels(folder):
    assert stepwell("bisect", "bump.mlir", "[1, 2, 3]", "5").exit_code == 0


def test_oracles(folder):
    Path("right.py").write_text("def affine(x, y):\n    return 2.0 * x + y\n\ndef other(x, y):\n    return x\n")
    assert stepwell("bisect", "program.py:affine", "1.0", "3.0", "--oracle", "right.py:affine").exit_code == 0
    ran = stepwell("bisect", "program.py:affine", "1.0", "3.0", "--oracle", "right.py:other")
    assert ran.exit_code == 1
    assert ran.stdout.startswith("the traced program differs, compared with other\n")
    assert "result 0 is 5.0, expected 1.0 (off by 4)" in ran.stdout


def test_an_exported_file_and_engines(folder):
    sw.onnx.export(sw.function(lambda x, y: 2.0 * x + y), "affine.onnx", sw.TensorSpec([]), sw.TensorSpec([]))
    for options in (["--oracle", "affine.onnx"], ["--engine", "onnx"], ["--oracle", "onnx"], ["-e", "interpreter"]):
        assert stepwell("bisect", "program.py:affine", "1.0", "3.0", *options).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["program.py:nothing"], "program.py: there is no function 'nothing'"),
        (["nothing.mlir"], "nothing.mlir: no such file or directory"),
        (
            ["program.py:affine", "1.0", "2.0", "--oracle", "numpy"],
            "--oracle: expected one of native, onnx, interpreter",
        ),
        (["program.py:affine", "1.0", "2.0", "--oracle", "no.onnx"], "no.onnx: no such file or directory"),
        (["program.py:affine", "1.0", "2.0", "-p", "no-pass"], "there is no pass 'no-pass'"),
        (["program.py:affine", "1.0"], "missing a required argument: 'y'"),
        (["twice.mlir"], "@twice takes 1 inputs (tensor<?xf32>), got 0"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(folder, arguments: list[str], message: str):
    code, told = failure("bisect", *arguments)
    assert code == 2
    assert message in told and "\n" not in told
