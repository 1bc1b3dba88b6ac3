"""ONNX models as programs of the command."""

from pathlib import Path

import numpy as np
import pytest
from support.command import failure, output, program_folder

import stepwell as sw


@pytest.fixture
def folder(tmp_path):
    """A folder with a model, which is the current one."""
    with program_folder(tmp_path):
        w = sw.Variable(np.arange(6, dtype=np.float32).reshape(3, 2))
        function = sw.function(lambda x: sw.nn.relu(x @ w))
        sw.onnx.export(function, "model.onnx", sw.TensorSpec(["n", 3], name="x"))
        yield tmp_path


@pytest.mark.parametrize("engine", ["onnx", "native", "interpreter"])
def test_run_runs_a_model_on_an_engine(folder, engine):
    shown = output("run", "model.onnx", "[[1, 0, 1]]", "--engine", engine, "-o", "out.npz")
    assert shown == "output: float32[1, 2] [[4. 6.]]\n"
    assert np.load("out.npz")["output"].tolist() == [[4, 6]]
    message = "input x ([1]): expected float32[?, 3], got float32[1]"
    assert failure("run", "model.onnx", "[1]", "--engine", engine) == (2, message)


def test_a_model_is_text(folder):
    text = output("opt", "model.onnx", "-p", "canonicalize")
    assert "hl.matmul" in text and "dense<[[0.000000e+00, 1.000000e+00]" in text
    Path("model.mlir").write_text(text)
    assert output("run", "model.mlir", "[[1, 0, 1]]") == "result 0: float32[1, 2] [[4. 6.]]\n"
    output("opt", "model.onnx", "-p", "canonicalize,cse", "--validate", "--runs", "2", "--allow-unchanged")


def test_a_model_is_a_function(folder):
    assert "linalg.generic" in output("ir", "model.onnx", "--level", "linalg")
    assert output("bisect", "model.onnx", "[[1.0, 0.0, 1.0]]").startswith("nothing differs")


def test_a_file_that_is_no_model(folder):
    Path("no.onnx").write_bytes(b"\x00no")
    for command in (["run", "no.onnx", "--engine", "native"], ["opt", "no.onnx", "-p", "cse"], ["ir", "no.onnx"]):
        code, message = failure(*command)
        assert code == 2 and message.startswith("no.onnx: this is not an ONNX model")
