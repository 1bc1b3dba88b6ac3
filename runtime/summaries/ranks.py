"""Ranks of what users give, asked without making a tensor of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...compiler.frontend.values.tensor import is_tensor, represented
from ...dialects.diagnostics import InvalidArgumentError


def known_rank(data: Any) -> int | None:
    """The rank of a tensor, a number, an array or nested lists; None where it is not known."""
    data = represented(data)
    if isinstance(data, list | tuple):
        first = next((known_rank(item) for item in data), 0)
        return None if first is None else 1 + first
    if is_tensor(data) or isinstance(data, np.ndarray | np.generic):
        shape: Any = data.shape
        return shape.rank if hasattr(shape, "rank") else len(shape)
    return 0


def check_rank(what: str, data: Any, rank: int, axes: str) -> None:
    """Refuse data of another rank; `axes` names those that are expected."""
    found = known_rank(data)
    if found not in (rank, None):
        raise InvalidArgumentError(f"{what}: data: expected {axes}, a tensor of rank {rank}, got rank {found}")
