"""Models of Keras as saved models: run, trained on, and without Keras where they are loaded."""

import subprocess
import sys

import numpy as np
import pytest

import stepwell as sw
from stepwell import keras

X = np.linspace(-1, 1, 20, dtype=np.float32).reshape(5, 4)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((4,), name="x"),
        keras.layers.Dense(300, activation="relu"),
        keras.layers.BatchNormalization(),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(3),
    ]
    return keras.Sequential(layers)


def test_a_model_is_called_and_trained_without_keras(model, tmp_path):
    sw.saved_model.save(model, tmp_path / "m")
    code = f"""
import sys
import numpy as np
import stepwell as sw
x = np.linspace(-1, 1, 20, dtype=np.float32).reshape(5, 4)
m = sw.saved_model.load({str(tmp_path / "m")!r})
np.save({str(tmp_path / "y.npy")!r}, m(x).numpy())
losses = []
assert m(x, training=True).shape == (5, 3)
for _ in range(5):
    with sw.GradientTape() as tape:
        losses.append(sw.reduce_mean((m(x) - 1.0) ** 2))
    for v, g in zip(m.trainable_variables, tape.gradient(losses[-1], m.trainable_variables)):
        v.assign_sub(0.001 * g)
print(len(m.variables), len(m.trainable_variables), float(losses[-1]) < float(losses[0]), "keras" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["9", "6", "True", "False"], done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model(X), rtol=1e-5, atol=1e-6)


def test_export_writes_a_saved_model(model, tmp_path, capsys):
    model.export(tmp_path / "m", format="tf_saved_model")
    assert "Saved artifact at" in capsys.readouterr().out
    loaded = sw.saved_model.load(tmp_path / "m")
    assert list(loaded.signatures) == ["serve", "serving_default"]
    np.testing.assert_allclose(loaded.serve(X), model(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(loaded.signatures["serve"](x=X)["output_0"], model(X), rtol=1e-5, atol=1e-6)
    (found,) = sw.onnx.run(tmp_path / "m" / "serve.onnx", X)
    np.testing.assert_allclose(found, model(X), rtol=1e-5, atol=1e-6)
    assert [len(each) for each in (loaded.variables, loaded.trainable_variables)] == [9, 6]


def test_endpoints_of_an_archive(model, tmp_path):
    from keras.src.export.saved_model import ExportArchive

    archive = ExportArchive()
    archive.track(model)
    spec = [keras.InputSpec(shape=(None, 4), dtype="float32")]
    archive.add_endpoint("infer", lambda x: model(x, training=False), spec)
    half = sw.function(lambda x: model(x) / 2.0)
    with pytest.raises(ValueError, match="was called, or an input_signature"):
        archive.add_endpoint("half", half)
    half(X)
    archive.add_endpoint("half", half)
    archive.add_variable_collection("first", model.variables[:2])
    for wrong in (lambda: archive.add_endpoint("half", half), lambda: archive.add_endpoint("g", lambda x: x)):
        with pytest.raises(ValueError, match=r"ExportArchive\.add_endpoint: "):
            wrong()
    archive.write_out(tmp_path / "m", verbose=False)
    loaded = sw.saved_model.load(tmp_path / "m")
    assert sorted(loaded.signatures) == ["half", "infer", "serving_default"]
    np.testing.assert_allclose(loaded.half(X) * 2.0, loaded.infer(X), rtol=1e-5, atol=1e-6)
    assert loaded.first[0] is loaded.variables[0] and len(loaded.first) == 2


def test_what_is_not_built_is_refused(tmp_path):
    with pytest.raises(ValueError, match="built"):
        keras.Sequential([keras.layers.Dense(1)]).export(tmp_path / "m")


def test_a_training_step_with_an_optimizer_goes_on(tmp_path):
    class Training(sw.Module):
        def __init__(self):
            super().__init__()
            keras.utils.set_random_seed(2)
            self.model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
            self.optimizer = keras.optimizers.Adam(0.1)
            self.optimizer.build(self.model.trainable_variables)
            self.loss = keras.metrics.Mean()

        @sw.function(input_signature=[sw.TensorSpec([None, 4])])
        def step(self, x):
            with sw.GradientTape() as tape:
                loss = sw.reduce_mean((self.model(x) - 1.0) ** 2)
            variables = self.model.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
            self.loss.update_state(loss)
            return loss

    training = Training()
    training.step(X)
    sw.saved_model.save(training, tmp_path / "m", options=sw.saved_model.SaveOptions(onnx=False))
    loaded = sw.saved_model.load(tmp_path / "m")
    for _ in range(3):
        assert float(loaded.step(X)) == float(training.step(X))
    assert loaded.optimizer.variables[0].name.endswith("iteration:0") and int(loaded.optimizer.variables[0]) == 4
