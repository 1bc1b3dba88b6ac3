"""`stepwell saved-model`: what a saved model has, its results, its export."""

import numpy as np
import pytest
from support.command import failure, output

import stepwell as sw


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    class Line(sw.Module):
        def __init__(self):
            super().__init__()
            self.w = sw.Variable([[1.0], [2.0]], name="w")
            self.steps = sw.Variable(0, trainable=False, name="steps")

        @sw.function(input_signature=[sw.TensorSpec([None, 2])])
        def __call__(self, x):
            return {"y": x @ self.w, "n": sw.shape(x)[0]}

        @sw.function
        def train(self, x, rate=0.5):
            return x * rate

    path = tmp_path_factory.mktemp("m") / "line"
    line = Line()
    line.train(sw.ones([2]))
    sw.saved_model.save(line, path)
    return str(path)


SHOWN = """\
signature serving_default
  input  x: float32[?, 2]
  output n: int32[]
  output y: float32[?, 1]
function __call__
  (x: TensorSpec(shape=(None, 2), dtype=tf.float32, name=None)) -> Dict[['n', TensorSpec(shape=(), dtype=tf.int32, \
name=None)], ['y', TensorSpec(shape=(None, 1), dtype=tf.float32, name=None)]]
function train
  (x: TensorSpec(shape=(2,), dtype=tf.float32, name=None), rate: Literal[0.5]) -> TensorSpec(shape=(2,), \
dtype=tf.float32, name=None)
variable steps: int32[]  not trainable
variable w: float32[2, 1]
"""


def test_show_lists_signatures_functions_and_variables(model):
    assert output("saved-model", "show", model) == SHOWN


def test_run_prints_results(model, tmp_path):
    np.save(tmp_path / "x.npy", np.ones([1, 2], np.float32))
    expected = "n: int32[] 1\ny: float32[1, 1] [[3.]]\n"
    assert output("saved-model", "run", model, "--inputs", f"x={tmp_path / 'x.npy'}") == expected
    results = tmp_path / "r.npz"
    assert output("saved-model", "run", model, "--input_exprs", "x=[[1, 1.0]]", "-o", results) == expected
    assert np.load(results)["y"].tolist() == [[3.0]]


def test_export_writes_one_file(model, tmp_path):
    output("saved-model", "export", model, tmp_path / "line.onnx")
    [n, y] = sw.onnx.run(tmp_path / "line.onnx", np.ones([2, 2], np.float32))
    assert n == 2 and y.tolist() == [[3], [3]]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("show", "nothing"), "nothing: there is no saved model"),
        (("run", "MODEL"), "signature 'serving_default' takes the inputs x, got none"),
        (("run", "MODEL", "-e", "y=1"), "takes the inputs x, got y"),
        (("run", "MODEL", "-e", "x=__import__('os')"), "is neither a file (.npy, .npz) nor a Python literal"),
        (("run", "MODEL", "-e", "x"), "'x': expected NAME=LITERAL"),
        (("run", "MODEL", "-i", "x=1"), "'x=1': expected NAME=FILE.npy"),
        (("run", "MODEL", "-i", "x=none.npy"), "none.npy: no such file or directory"),
        (("run", "MODEL", "-e", "x=[1]"), "expected float32[?, 2], got float32[1]"),
        (("run", "MODEL", "-s", "other"), "there is no signature 'other'; there are: serving_default"),
        (("export", "MODEL", "out.onnx", "-s", "other"), "there is no signature 'other'"),
    ],
)
def test_what_is_wrong_is_said(words, text, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, message = failure("saved-model", *[model if word == "MODEL" else word for word in words])
    assert code == 2 and text in message
