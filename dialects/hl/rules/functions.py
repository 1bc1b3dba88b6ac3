"""The functions on tensors that gradient rules are given, for type checkers: the stub beside this file lists them.

`python -m stepwell.tools.public_api --write` writes the stub from `compiler/frontend/ops`, which this floor does not
import.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from ...dtypes import DType


class Value(Protocol):
    """A tensor, as gradient rules see it.

    Attributes:
        dtype: the dtype of the elements.
        shape: the sizes, None where known only at run time.
        ndim: the number of dimensions.
    """

    @property
    def dtype(self) -> DType: ...  # noqa: D102
    @property
    def shape(self) -> tuple[int | None, ...]: ...  # noqa: D102
    @property
    def ndim(self) -> int: ...  # noqa: D102


Gradients: TypeAlias = Sequence[Value | None]
"""A gradient for each operand; None where there is none."""


class Functions(Protocol):
    """All functions on tensors by name."""
