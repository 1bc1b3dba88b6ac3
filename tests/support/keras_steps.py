"""`python -m support.keras_steps [ROUNDS]`: training steps of Keras models, with stepwell and with TensorFlow.

Each measurement is a process of its own on one core, and the contestants take turns. CPU seconds of compiling are those
of the first `fit` of a model, less those of its next: of the first model of a process, which also loads what the
compiler and the optimizer consist of, and of a second one of the same kind.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from typing import Any

import numpy as np

CONTESTANTS = {
    "stepwell": {"KERAS_BACKEND": "stepwell"},
    "TensorFlow, jit_compile": {"KERAS_BACKEND": "tensorflow", "JIT": "1"},
    "TensorFlow": {"KERAS_BACKEND": "tensorflow", "JIT": ""},
}
MODELS = ("mlp", "cnn", "lstm", "transformer")
GOALS = {"mlp": 0.8, "cnn": 1.2, "lstm": 1.0, "transformer": 2.0}
"""CPU seconds that compiling a step may take."""
BATCH, BATCHES, EPOCHS = 32, 100, 5


def model(name: str) -> tuple[Any, np.ndarray]:
    """A model that is not compiled yet, and data for it."""
    import keras
    from keras import layers

    source, count = np.random.default_rng(0), BATCH * BATCHES
    if name == "mlp":
        x = source.normal(size=(count, 64)).astype(np.float32)
        parts = [layers.Dense(64, "relu"), layers.Dense(64, "relu")]
    elif name == "cnn":
        x = source.normal(size=(count, 28, 28, 1)).astype(np.float32)
        parts = [part for n in (16, 32) for part in (layers.Conv2D(n, 3, activation="relu"), layers.MaxPooling2D())]
        parts.append(layers.Flatten())
    elif name == "lstm":
        x = source.normal(size=(count, 20, 16)).astype(np.float32)
        parts = [layers.LSTM(16)]
    else:
        return _transformer(), source.integers(0, 100, size=(count, 20)).astype(np.int32)
    return keras.Sequential([keras.Input(x.shape[1:]), *parts, layers.Dense(10)]), x


def _transformer() -> Any:
    import keras
    from keras import layers

    words = keras.Input((20,), dtype="int32")
    x = layers.Embedding(100, 32)(words)
    x = layers.LayerNormalization()(x + layers.MultiHeadAttention(4, 8)(x, x))
    x = layers.LayerNormalization()(x + layers.Dense(32)(layers.Dense(64, "relu")(x)))
    return keras.Model(words, layers.Dense(10)(layers.GlobalAveragePooling1D()(x)))


def measure(name: str, jit: bool) -> dict[str, Any]:
    """CPU seconds to compile the step, in a fresh process and again; seconds a step in `fit`; the loss of an epoch."""
    import keras

    compiling, steps, losses = [], [], []
    for _ in range(2):
        keras.utils.set_random_seed(1)
        net, x = model(name)
        y = np.random.default_rng(1).integers(0, 10, size=len(x))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        net.compile("adam", loss, metrics=["accuracy"], jit_compile=jit)
        spent = []
        for _ in range(EPOCHS):
            cpu, clock = time.process_time(), time.perf_counter()
            history = net.fit(x, y, batch_size=BATCH, verbose=0, shuffle=False)
            steps.append((time.perf_counter() - clock) / BATCHES)
            spent.append(time.process_time() - cpu)
            losses.append(history.history["loss"][0])
        compiling.append(spent[0] - min(spent[1:]))
    return {"compiling": compiling, "step": min(steps), "loss": losses[0]}


def _run(name: str, environment: dict[str, str]) -> dict[str, Any]:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-W", "ignore", "-m", "support.keras_steps", "--measure", name]
    if shutil.which("taskset"):
        command = ["taskset", "-c", "0", *command]
    found = subprocess.run(command, env=os.environ | quiet | environment, capture_output=True, text=True, check=True)
    return json.loads(found.stdout.splitlines()[-1])


def _row(name: str, contestant: str, runs: list[dict[str, Any]], ours: float | None) -> str:
    first, again = (statistics.median(run["compiling"][i] for run in runs) for i in (0, 1))
    steps = sorted(run["step"] for run in runs)
    step = statistics.median(steps)
    ratio = f"{ours / step:.2f}" if ours is not None else ""
    spread = (steps[-1] - steps[0]) / step
    goal = f"{GOALS[name]:.1f}" if contestant == "stepwell" else ""
    cells = (f"{first:.2f}", f"{again:.2f}", goal, f"{1e3 * step:.3f}", f"{spread:.0%}", ratio)
    return f"{name:<12} {contestant:<24}" + "".join(f"{cell:>10}" for cell in cells) + f"  {runs[0]['loss']:.5f}"


def main() -> None:
    """Print a table of all models and contestants."""
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], bool(os.environ.get("JIT", "1")))))
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    heads = ("CPU s", "again", "goal", "ms a step", "spread", "ours/its")
    print(f"{'model':<12} {'backend':<24}" + "".join(f"{head:>10}" for head in heads) + "  loss")
    for name in MODELS:
        runs: dict[str, list[dict[str, Any]]] = {each: [] for each in CONTESTANTS}
        for _ in range(rounds):
            for each, environment in CONTESTANTS.items():
                runs[each].append(_run(name, environment))
        ours = statistics.median(run["step"] for run in runs["stepwell"])
        for each, found in runs.items():
            print(_row(name, each, found, None if each == "stepwell" else ours), flush=True)


if __name__ == "__main__":
    main()
