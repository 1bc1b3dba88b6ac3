"""scikit-learn's handwritten digits, which several examples learn to read: 1797 images of 8 × 8 grey values."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np


class Digits(NamedTuple):
    """Images `[count, 8, 8]` with values from 0 to 1, and the digits that they show."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load_digits(images: int = 1797) -> Digits:
    """The first of the images in a random order, which is the same each time; a fifth of them is for tests."""
    import sklearn.datasets  # takes longer than all else in the examples that do not read digits

    data = cast(Any, sklearn.datasets.load_digits())
    order = np.random.default_rng(0).permutation(len(data.images))[:images]
    pixels = (data.images[order] / 16).astype(np.float32)
    labels = data.target[order].astype(np.int32)
    test = images // 5
    return Digits(pixels[test:], labels[test:], pixels[:test], labels[:test])
