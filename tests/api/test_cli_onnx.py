"""ONNX models as programs of the command."""

from pathlib import Path

import numpy as np
import pytest
from support.command import failure, output, program_folder, stepwell

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


def test_weights_of_eight_bits_and_their_accuracy(folder):
    rng = np.random.default_rng(0)
    np.save("x.npy", rng.normal(size=(4, 64)).astype(np.float32))
    np.save("w.npy", rng.normal(size=(64, 32)).astype(np.float32))
    Path("program.py").write_text("import numpy as np\nw = np.load('w.npy')\ndef layer(x):\n    return x @ w\n")
    error = stepwell("export", "program.py:layer", "layer.onnx", "x.npy", "--quantize", "int8").stderr
    assert "output: at most " in error and "same argmax in 100.0% of rows" in error
    assert Path("layer.onnx").stat().st_size < 64 * 32 * 2
    code, message = failure("export", "program.py:layer", "small", "x.npy", "--format", "npm", "--quantize", "int8")
    assert (code, message) == (2, "--quantize is not an option of --format=npm")


def test_saved_models_are_exported(folder):
    model = sw.Module()
    model.w = sw.Variable(np.eye(3, dtype=np.float32))

    @sw.function(input_signature=[sw.TensorSpec([None, 3], name="x")])
    def double(x):
        return {"y": x @ model.w * 2}

    sw.saved_model.save(model, "saved", signatures={"serving_default": double, "other": double})
    for reference in ("saved", "saved:other"):
        output("export", reference, "double.onnx")
        assert output("run", "double.onnx", "[[1, 0, 1]]") == "y: float32[1, 3] [[2. 0. 2.]]\n"
    assert failure("export", "saved:no", "no.onnx") == (
        2,
        "saved: there is no signature 'no'; there are: other, serving_default",
    )
    assert failure("export", ".", "no.onnx") == (2, ".: there is no saved model")
