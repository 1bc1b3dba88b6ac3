"""Records what the examples return in TensorFlow, for `examples/tensorflow.json`.

Run with a Python that has TensorFlow, Keras, scikit-learn and rich, from the project's folder:
`PYTHONPATH=tests python -m support.record_examples [small|full] [example ...]`. Each example is run in a process of its
own, as it is where it is called by its name.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from support.examples import RECORDED, SMALL, run_example

SIZES = ("small", "full")


def main(arguments: list[str]) -> None:
    """Record some examples, or all, at one size or both."""
    sizes = [each for each in arguments if each in SIZES] or SIZES
    for name in [each for each in arguments if each not in SIZES] or SMALL:
        for size in sizes:
            command = [sys.executable, "-m", "support.record_examples", "--one", name, size]
            output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            _keep(name, size, json.loads(output.splitlines()[-1]))
            print(name, size, output.splitlines()[-1][-200:])


def _keep(name: str, size: str, numbers: dict[str, Any]) -> None:
    """Put the numbers of a run into the file."""
    known = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    known.setdefault(name, {})[size] = numbers
    ordered = {each: known[each] for each in SMALL if each in known}
    RECORDED.write_text(json.dumps(ordered, indent=1) + "\n")


def one(name: str, size: str) -> None:
    """Run an example in TensorFlow, and print its numbers in a line of JSON."""
    import tensorflow

    sys.modules["stepwell"] = tensorflow
    _make_gradients_dense(tensorflow)
    run = run_example(name, size)
    curves = {curve: [_rounded(value) for value in values] for curve, values in run.curves.items()}
    results = {result: _rounded(value) for result, value in run.results.items()}
    print(json.dumps({"curves": curves, "results": results, "texts": run.texts}))


def _make_gradients_dense(tensorflow: Any) -> None:
    """Let optimizers add up the gradients of a row of an embedding that is read several times, before they square them.

    In TensorFlow the gradient of an embedding is sparse, and Keras's Adam takes squares of the parts, there alone.
    """
    optimizer: Any = tensorflow.keras.optimizers.Optimizer
    apply = optimizer.apply

    def apply_dense(self: Any, grads: Any, trainable_variables: Any = None) -> Any:
        return apply(self, [tensorflow.convert_to_tensor(each) for each in grads], trainable_variables)

    optimizer.apply = apply_dense


def _rounded(number: float) -> float:
    return float(f"{number:.7g}")


if __name__ == "__main__":
    one(*sys.argv[2:]) if sys.argv[1:2] == ["--one"] else main(sys.argv[1:])
