"""`data.experimental.ignore_errors`."""

from __future__ import annotations

from collections.abc import Callable

from ...dialects.public import public
from .dataset import Dataset


@public("data.experimental")
def ignore_errors(log_warning: bool = False) -> Callable[[Dataset], Dataset]:
    """What `Dataset.apply` makes a dataset of that skips elements with errors: see `Dataset.ignore_errors`.

    Example:
        >>> import stepwell as sw
        >>> dataset = sw.data.Dataset.from_tensor_slices(["1", "x", "3"]).map(lambda text: sw.strings.to_number(text))
        >>> [float(x) for x in dataset.apply(sw.data.experimental.ignore_errors())]
        [1.0, 3.0]
    """
    return lambda dataset: dataset.ignore_errors(log_warning)
