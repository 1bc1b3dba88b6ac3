"""A classifier of handwritten digits: the program that the demonstration and the benchmarks share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

import stepwell as sw

LAYERS = (64, 128, 10)
BATCH = 32


@dataclass(frozen=True)
class Digits:
    """Images of 8 × 8 grey values from 0 to 1 as rows of 64 floats, and the digits they show."""

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray

    def batches(self, seed: int, size: int = BATCH) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The training images in a random order, in batches of one size; the remainder is left out."""
        order = np.random.default_rng(seed).permutation(len(self.train_x))
        for start in range(0, len(order) - size + 1, size):
            chosen = order[start : start + size]
            yield self.train_x[chosen], self.train_y[chosen]


def load_digits(test_share: float = 0.2) -> Digits:
    """scikit-learn's handwritten digits (1797 images), split by a fixed seed."""
    from sklearn.datasets import load_digits as load

    data = cast(Any, load())
    x = (data.data / 16.0).astype(np.float32)
    y = data.target.astype(np.int32)
    order = np.random.default_rng(0).permutation(len(x))
    count = int(len(x) * test_share)
    test, train = order[:count], order[count:]
    return Digits(x[train], y[train], x[test], y[test])


class Classifier(sw.Module):
    """A perceptron with one hidden layer."""

    def __init__(self, seed: int = 0):
        random = np.random.default_rng(seed)

        def glorot(rows: int, columns: int) -> np.ndarray:
            limit = np.sqrt(6.0 / (rows + columns))
            return random.uniform(-limit, limit, (rows, columns)).astype(np.float32)

        inputs, hidden, outputs = LAYERS
        self.w1 = sw.Variable(glorot(inputs, hidden), name="w1")
        self.b1 = sw.Variable(np.zeros(hidden, np.float32), name="b1")
        self.w2 = sw.Variable(glorot(hidden, outputs), name="w2")
        self.b2 = sw.Variable(np.zeros(outputs, np.float32), name="b2")

    def logits(self, x: Any) -> Any:
        """Scores for the ten digits."""
        hidden = sw.nn.relu(sw.matmul(x, self.w1) + self.b1)
        return sw.matmul(hidden, self.w2) + self.b2


def make_step(model: Classifier, rate: float = 0.3, engine: str = "native") -> Callable[[Any, Any], Any]:
    """A compiled step of gradient descent on a batch; returns the loss."""
    variables = model.trainable_variables

    @sw.function(engine=engine)
    def train_step(x, labels):
        with sw.GradientTape() as tape:
            logits = model.logits(x)
            losses = sw.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = sw.reduce_mean(losses)
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(rate * gradient)
        return loss

    return train_step


def make_predict(model: Classifier, engine: str = "native") -> Any:
    """A compiled function from any number of images to the probabilities of the digits."""

    @sw.function(input_signature=[sw.TensorSpec([None, LAYERS[0]], np.float32)], engine=engine)
    def predict(images):
        return sw.nn.softmax(model.logits(images))

    return predict
