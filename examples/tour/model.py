"""The model of the tour, and its data."""

from __future__ import annotations

import functools

import numpy as np
from digits import load_digits

import stepwell as sw

EPOCHS = 8


class Perceptron(sw.Module):
    """Two layers: 64 pixels, 64 hidden neurons, a score for each of the ten digits."""

    def __init__(self):
        super().__init__()
        random = np.random.default_rng(0)
        self.hidden = sw.Variable(random.normal(0, 0.15, (64, 64)).astype(np.float32))
        self.bias = sw.Variable(sw.zeros([64]))
        self.output = sw.Variable(random.normal(0, 0.15, (64, 10)).astype(np.float32))

    @sw.function(input_signature=[sw.TensorSpec([None, 64], name="images")])
    def scores(self, images):
        """The scores of images."""
        return {"scores": sw.nn.relu(images @ self.hidden + self.bias) @ self.output}


@functools.cache
def images_and_labels() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images and labels to train on, and others to test on."""
    data = load_digits()
    rows = (data.train_images.reshape(-1, 64), data.train_labels, data.test_images.reshape(-1, 64), data.test_labels)
    return rows[0], rows[1], rows[2], rows[3]
