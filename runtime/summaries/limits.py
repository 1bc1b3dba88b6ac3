"""How many of several things are written."""

from __future__ import annotations

from ...compiler.frontend.values.tensor import Tensor
from ...dialects.diagnostics import InvalidArgumentError


def limit_of(what: str, max_outputs: Tensor) -> int:
    """The number that `max_outputs` is."""
    limit = max_outputs._array
    if limit.ndim or limit < 0:
        raise InvalidArgumentError(f"{what}: max_outputs: expected 0 or more, got {limit.tolist()}")
    return int(limit)
