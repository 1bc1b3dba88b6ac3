"""Models that other libraries exported, with the results that these, or ONNX Runtime, had.

`tf_…` are by tf2onnx 1.17 of TensorFlow 2.21, with TensorFlow's results; `skl_…` by skl2onnx 1.20 of scikit-learn,
with ONNX Runtime's; `torch_…` by PyTorch. Next to each model, `.npz` has inputs and results.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.effort import by_turns, some

import stepwell as sw

MODELS = Path(__file__).parents[1] / "onnx" / "models"
NAMES = sorted(path.stem for path in MODELS.glob("*.onnx"))
ENGINES = ["native", "interpreter"]


def _recorded(name: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    with np.load(MODELS / f"{name}.npz") as file:
        columns = [[file[f"{kind}_{i}"] for i in range(sum(key.startswith(kind) for key in file))] for kind in _KINDS]
    return columns[0], columns[1]


_KINDS = ("in", "out")


@pytest.mark.parametrize(("name", "engine"), some(by_turns(NAMES, ENGINES), 6))
def test_a_model_of_another_library_computes_what_that_did(name: str, engine: str) -> None:
    inputs, expected = _recorded(name)
    found = sw.onnx.load(MODELS / f"{name}.onnx", engine=engine)(*inputs)
    results = found if isinstance(found, tuple) else (found,)
    for got, want in zip(results, expected, strict=True):
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got.numpy(), want, rtol=1e-4, atol=1e-5)


def test_a_model_of_another_library_is_compiled_once_for_all_batches() -> None:
    inputs, expected = _recorded("tf_cnn")
    model = sw.onnx.load(MODELS / "tf_cnn.onnx")
    for batch in (1, 2, 3):
        np.testing.assert_allclose(model(inputs[0][:batch]).numpy(), expected[0][:batch], rtol=1e-4, atol=1e-5)
    assert model.function.experimental_get_tracing_count() == 1


def test_a_model_of_another_library_is_exported_again(tmp_path: Path) -> None:
    inputs, expected = _recorded("tf_rnn")
    path = sw.onnx.export(sw.onnx.load(MODELS / "tf_rnn.onnx").function, tmp_path / "again.onnx")
    np.testing.assert_allclose(sw.onnx.run(path, *inputs)[0], expected[0], rtol=1e-4, atol=1e-5)


def test_a_model_of_another_library_learns() -> None:
    inputs, expected = _recorded("tf_cnn")
    model = sw.onnx.load(MODELS / "tf_cnn.onnx")
    images, labels = 0.02 * inputs[0], np.argmin(expected[0], axis=1)

    def loss() -> sw.Tensor:
        return -sw.reduce_mean(sw.math.log(sw.gather(model(images), labels, axis=1, batch_dims=1)))

    before = float(loss())
    for _ in range(20):
        with sw.GradientTape() as tape:
            error = loss()
        for variable, gradient in zip(model.trainable_variables, tape.gradient(error, model.trainable_variables)):
            variable.assign_sub(0.1 * gradient)
    assert float(loss()) < 0.5 * before
