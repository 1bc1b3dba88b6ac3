"""`scalar`: a number for each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...compiler.frontend.ops.arguments import shown
from ...compiler.frontend.values.dispatch import as_tensor
from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError, InvalidTypeError
from ...dialects.public import public
from .ranks import known_rank
from .writing import PluginMetadata, summary_scope, write_encoded

_WHAT = "summary.scalar"


@public("summary")
def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> Tensor:
    """Write a number to the default writer, if there is one: a point of a curve in TensorBoard.

    Args:
        name: its tag, after the name scopes around.
        data: one number, which becomes float32.
        step: an integer, or a tensor or Variable of one; by default what `set_step` or `as_default` have set.
        description: a text about it, in Markdown.

    Returns whether it was written, as a tensor. In a `function` it is written on each run, to the writer that was the
    default one when the function was traced. Raises ValueError for more than one number, and where there is a writer
    and no step.

    Example:
        >>> import tempfile
        >>> import stepwell as sw
        >>> writer = sw.summary.create_file_writer(tempfile.mkdtemp())
        >>> with writer.as_default():
        ...     for step in range(3):
        ...         written = sw.summary.scalar("loss", 1 / (step + 1), step=step)
        >>> written.numpy()
        np.True_
    """
    if known_rank(data) not in (0, None):
        raise InvalidArgumentError(f"{_WHAT}: data: expected one number, got {shown(data)}")
    with summary_scope(name, "scalar_summary") as (tag, _):
        metadata = PluginMetadata("scalars", description=description)
        return write_encoded(_WHAT, tag, lambda: [_number(data)], _float, step, metadata)


def _number(data: Any) -> Tensor:
    tensor = as_tensor(data, name=f"{_WHAT}: data")
    if tensor.dtype.is_string:
        raise InvalidTypeError(f"{_WHAT}: data: expected a number, got {shown(data)}")
    return tensor


def _float(tensors: Sequence[Tensor]) -> np.ndarray:
    """The number as float32; of a complex one its real part, and infinity for one that is too large."""
    array = np.asarray(tensors[0]._array)
    with np.errstate(over="ignore"):
        return np.asarray(np.real(array) if tensors[0].dtype.is_complex else array).astype(np.float32)
