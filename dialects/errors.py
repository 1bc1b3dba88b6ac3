"""TensorFlow's other classes of errors of operations, each also the class of Python that one would catch."""

from __future__ import annotations

from .diagnostics import ExecutionError, OpError, add_failed_checks
from .public import public, public_values


@public("errors")
class CancelledError(OpError):
    """An operation was cancelled."""

    code, error_code = "cancelled", 1


@public("errors")
class UnknownError(OpError, RuntimeError):
    """An error of which nothing more is known."""

    code, error_code = "unknown", 2


@public("errors")
class DeadlineExceededError(OpError, TimeoutError):
    """An operation did not end in time."""

    code, error_code = "deadline-exceeded", 4


@public("errors")
class NotFoundError(ExecutionError, FileNotFoundError):
    """Something that was asked for, such as a file, is not there."""

    code, error_code = "not-found", 5


@public("errors")
class AlreadyExistsError(OpError, FileExistsError):
    """Something that was to be made is there already."""

    code, error_code = "already-exists", 6


@public("errors")
class PermissionDeniedError(ExecutionError, PermissionError):
    """The caller may not do this."""

    code, error_code = "permission-denied", 7


@public("errors")
class FailedPreconditionError(ExecutionError, RuntimeError):
    """The state of the program does not allow an operation now."""

    code, error_code = "failed-precondition", 9


@public("errors")
class AbortedError(OpError, RuntimeError):
    """An operation was ended by another one."""

    code, error_code = "aborted", 10


@public("errors")
class UnimplementedError(OpError, NotImplementedError):
    """An operation that does not exist for such operands."""

    code, error_code = "unimplemented", 12


@public("errors")
class InternalError(OpError, RuntimeError):
    """Something that should never be is."""

    code, error_code = "internal", 13


@public("errors")
class UnavailableError(OpError, RuntimeError):
    """A service is not there now."""

    code, error_code = "unavailable", 14


@public("errors")
class DataLossError(ExecutionError, RuntimeError):
    """Data are lost or damaged."""

    code, error_code = "data-loss", 15


@public("errors")
class UnauthenticatedError(OpError, PermissionError):
    """The caller is not known."""

    code, error_code = "unauthenticated", 16


add_failed_checks(NotFoundError, PermissionDeniedError, FailedPreconditionError, DataLossError)

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16
"""TensorFlow's numbers of kinds of errors."""
public_values(
    "errors",
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
)
