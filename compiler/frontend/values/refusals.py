"""What an op refuses, as the error that users see: one class for one kind of refusal, eagerly and on every engine."""

from __future__ import annotations

from xdsl.dialects.builtin import LocationAttr

from ....dialects.diagnostics import InvalidArgumentError, InvalidTypeError, ResourceExhaustedError, failed_check
from ....dialects.hl.rules.base import HLOp, InferenceError

REFUSALS = InferenceError, ValueError, IndexError, OverflowError, MemoryError
"""What `HLOp.evaluate` raises for operands that the op does not accept, numpy's errors among it."""


def kind_of(error: Exception) -> str:
    """The kind of a check that refuses what `error`, one of `REFUSALS`, does."""
    if isinstance(error, MemoryError):
        return ResourceExhaustedError.code
    return error.kind if isinstance(error, InferenceError) else ""


def refused(op_class: type[HLOp], error: Exception, location: LocationAttr | None = None) -> Exception:
    """The error for users in place of `error`, one of `REFUSALS` that `op_class` raised, at the line of the op."""
    name = op_class.name.removeprefix("hl.")
    if isinstance(error, MemoryError):
        return ResourceExhaustedError(f"{name}: {str(error) or 'there is not enough memory'}", location=location)
    if not isinstance(error, InferenceError):
        return InvalidArgumentError(f"{name}: {error}", location=location)
    text = f"{name}: {error.message} [{op_class.name} {error.constraint}]"
    return InvalidTypeError(text) if error.kind == "dtype" else failed_check(error.kind, text, location)
