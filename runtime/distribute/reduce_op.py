"""How values of replicas are combined."""

from __future__ import annotations

from enum import Enum

from ...dialects.diagnostics import InvalidArgumentError
from ...dialects.public import public


@public("distribute")
class ReduceOp(Enum):
    """How values of replicas are combined: their sum or their mean, which with one replica are its value."""

    SUM = "SUM"
    MEAN = "MEAN"


def operation_of(what: str, given: object) -> ReduceOp:
    """A ReduceOp, which may be given as its name."""
    if isinstance(given, ReduceOp):
        return given
    name = given.upper() if isinstance(given, str) else ""
    if name not in ReduceOp.__members__:
        raise InvalidArgumentError(f"{what}: reduce_op: expected 'SUM', 'MEAN' or a ReduceOp, got {given!r}")
    return ReduceOp[name]
