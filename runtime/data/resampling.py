"""`Dataset.rejection_resample`: elements are left out, so that classes are as frequent as they are to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...compiler.frontend.ops.index import one_hot
from ...compiler.frontend.ops.reduce import reduce_max
from ...compiler.frontend.ops.select import cast
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.dtypes import FLOAT64, INT32, INT64

_WORDS = 2.0**32


def resampled(dataset: Any, class_func: Callable[..., Any], target: Any, initial: Any, seed: int | None) -> Any:
    """Pairs of a class and an element; each is kept with a probability that is 1 for the class most wanted.

    Where the frequencies are not given, they are those of the elements so far, with one more of each class.
    """
    what = "Dataset.rejection_resample"
    wanted = _distribution(f"{what}: target_dist", target)
    cls = type(dataset)
    labelled = dataset.map(lambda *element: (cast(class_func(*element), INT32), _packed(element)))
    numbers = cls.random(seed).map(lambda word: cast(word, FLOAT64) / _WORDS)
    if initial is None:
        start = np.ones(len(wanted), np.int64)
        labelled = labelled.scan(start, lambda counts, pair: _counted(counts, pair[0], pair[1], len(wanted)))
    else:
        known = _distribution(f"{what}: initial_dist", initial)
        if known.shape != wanted.shape:
            raise InvalidArgumentError(f"{what}: initial_dist: expected {len(wanted)} classes, got {len(known)}")
        labelled = labelled.map(lambda label, element: (label, element, known))

    def keeps(labelled: Any, draw: Tensor) -> Tensor:
        label, _, frequencies = labelled
        ratios = as_tensor(wanted) / (frequencies + 1e-12)
        return draw * reduce_max(ratios) < ratios[label]

    kept = cls.zip((labelled, numbers)).filter(keeps)
    return kept.map(lambda labelled, draw: (labelled[0], labelled[1]))


def _packed(element: tuple[Any, ...]) -> Any:
    return element[0] if len(element) == 1 else element


def _counted(counts: Any, label: Any, element: Any, classes: int) -> Any:
    counts = counts + one_hot(label, classes, dtype=INT64)
    total = cast(counts, FLOAT64)
    return counts, (label, element, total)


def _distribution(what: str, given: Any) -> np.ndarray:
    found = as_tensor(given, name=what).numpy().astype(np.float64)
    if found.ndim != 1 or not len(found) or (found < 0).any() or not found.any():
        raise InvalidArgumentError(f"{what}: expected a vector of frequencies, not all 0, got {found.tolist()}")
    return found
