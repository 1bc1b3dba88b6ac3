"""`histogram`: how values are distributed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...compiler.frontend.ops.arguments import shown
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidTypeError
from ...dialects.dtypes import INT32
from ...dialects.public import public
from .writing import PluginMetadata, summary_scope, write_encoded

_WHAT = "summary.histogram"
_BUCKETS = 30


@public("summary")
def histogram(name: str, data: Any, step: Any = None, buckets: Any = None, description: str | None = None) -> Tensor:
    """Write how the elements of a tensor are distributed to the default writer, if there is one.

    Args:
        name: its tag, after the name scopes around.
        data: numbers, in a tensor of any shape.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        buckets: the number of intervals, of equal widths, between the least and the greatest element; 30 by default.
        description: a text about it, in Markdown.

    What is written is a tensor `[buckets, 3]` of float64 with the limits of each interval and the number of elements in
    it. Where all elements are equal they are in the last one; where there is none, all is 0.

    Returns whether it was written, as a tensor. Raises ValueError where there is a writer and no step.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> with sw.summary.create_file_writer(tempfile.mkdtemp()).as_default(step=0):
        ...     sw.summary.histogram("weights", sw.random.normal([100])).numpy()
        np.True_
    """

    def inputs() -> list[Tensor]:
        values = as_tensor(data, name=f"{_WHAT}: data")
        if values.dtype.is_string:
            raise InvalidTypeError(f"{_WHAT}: data: expected numbers, got {shown(data)}")
        return [values, as_tensor(_BUCKETS if buckets is None else buckets, INT32, f"{_WHAT}: buckets")]

    with summary_scope(name, "histogram_summary") as (tag, _):
        metadata = PluginMetadata("histograms", description=description)
        return write_encoded(_WHAT, tag, inputs, _buckets, step, metadata)


def _buckets(tensors: Sequence[Tensor]) -> np.ndarray:
    """The limits of the intervals, and the number of elements in each."""
    values, count = np.asarray(tensors[0]._array).reshape(-1), max(0, int(tensors[1]._array))
    numbers = np.asarray(np.real(values) if tensors[0].dtype.is_complex else values).astype(np.float64)
    if not count or not numbers.size:
        return np.zeros((count, 3))
    low, high = numbers.min(), numbers.max()
    if low == high and np.isfinite(low):
        return np.stack([np.full(count, high), np.full(count, high), [0.0] * (count - 1) + [numbers.size]], 1)
    with np.errstate(invalid="ignore", over="ignore"):
        width = (high - low) / count
        edges = low + width * np.arange(count + 1)
        edges[0], edges[-1] = low, high  # exactly, and where the width is infinite
        indices = np.floor((numbers - low) / width)
    inside = indices[indices >= 0]  # no interval has an element that is NaN
    counts = np.bincount(np.minimum(inside, count - 1).astype(int), minlength=count)
    return np.stack([edges[:-1], edges[1:], counts.astype(np.float64)], 1)
