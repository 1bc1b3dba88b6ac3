"""How Keras finds its backend, each in a process of its own."""

import os
import subprocess
import sys

import pytest


def run(code, **environment):
    command = [sys.executable, "-W", "error", "-c", code]
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"} | environment
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


PRINT = "; print(keras.backend.backend(), keras.Variable(1.0).value.__class__.__module__.split('.')[0])"


@pytest.mark.parametrize(
    "code,environment",
    [
        ("from stepwell import keras", {}),
        ("import stepwell as sw; keras = sw.keras", {}),
        ("import stepwell.keras; import keras", {}),
        ("import keras", {"KERAS_BACKEND": "stepwell"}),
        ("import os; os.environ['KERAS_BACKEND'] = 'stepwell'; import keras", {"KERAS_BACKEND": "jax"}),
        ("from stepwell import keras", {"KERAS_BACKEND": "numpy"}),
    ],
)
def test_each_way_gives_keras_with_this_backend(code, environment):
    found = run(code + PRINT, **environment)
    assert found.stdout.split() == ["stepwell", "stepwell"], found.stderr


def test_keras_imported_before_with_another_backend_is_refused():
    code = (
        "import sys, types\n"
        "config = types.ModuleType('keras.src.backend.config')\n"
        "config.backend = lambda: 'jax'\n"
        "sys.modules[config.__name__] = config\n"
        "try:\n    import stepwell.keras\nexcept ImportError as error:\n    print(error)"
    )
    found = run(code)
    assert "with the backend 'jax'" in found.stdout, found.stderr


def test_modules_have_both_names():
    code = (
        "import stepwell.keras.layers as a, stepwell.keras.preprocessing.text as b\n"
        "import keras, keras._tf_keras.keras.layers as c\n"
        "from stepwell.keras.layers import Dense\n"
        "import stepwell.keras.saving as d\n"
        "same = d.load_model is keras.saving.load_model\n"
        "print(a is c, Dense is keras.layers.Dense, b.Tokenizer.__name__, a.__spec__.name, same)"
    )
    found = run(code)
    assert found.stdout.split() == ["True", "True", "Tokenizer", "keras._tf_keras.keras.layers", "True"], found.stderr


def test_names_of_keras_and_of_tf_keras_are_there():
    code = (
        "import stepwell as sw; sw.keras; import keras\n"
        "from stepwell.keras import saving, preprocessing\n"
        "print(saving.load_model is keras.models.load_model, sw.keras.losses.mean_squared_error.__name__)\n"
        "print(sw.keras.metrics.mean_absolute_error.__name__, sw.keras.losses.Reduction.NONE, preprocessing.__name__)"
    )
    found = run(code)
    expected = "True mean_squared_error mean_absolute_error none keras._tf_keras.keras.preprocessing"
    assert found.stdout.split() == expected.split(), found.stderr


def test_namespaces_of_keras_in_the_package_itself():
    code = (
        "import stepwell as sw\n"
        "from stepwell.losses import MSE\n"
        "import stepwell.initializers as initializers\n"
        "names = ('losses', 'metrics', 'optimizers', 'initializers')\n"
        "print(all(getattr(sw, name) is getattr(sw.keras, name) for name in names), MSE.__name__)\n"
        "print(initializers.GlorotUniform is sw.keras.initializers.GlorotUniform, sw.compat.v2.metrics.Mean.__name__)"
    )
    found = run(code)
    assert found.stdout.split() == ["True", "mean_squared_error", "True", "Mean"], found.stderr
