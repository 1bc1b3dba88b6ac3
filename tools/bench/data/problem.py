"""The data and the model of the epoch, for both libraries: this module imports NumPy alone."""

from __future__ import annotations

import itertools

import numpy as np

COUNT, SIZES, BATCH = 60_000, (784, 128, 10), 128
RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-8


def data() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Inputs, labels that depend on them, and what the weights are at first."""
    random = np.random.default_rng(18)
    x = random.random((COUNT, SIZES[0]), dtype=np.float32)
    direction = random.standard_normal((SIZES[0], SIZES[-1])).astype(np.float32)
    y = (x @ direction + 2 * random.standard_normal((COUNT, SIZES[-1]))).argmax(-1).astype(np.int32)
    weights = []
    for before, after in itertools.pairwise(SIZES):
        weights.append((random.standard_normal((before, after)) * np.sqrt(2 / before)).astype(np.float32))
        weights.append(np.zeros(after, np.float32))
    return x, y, weights
