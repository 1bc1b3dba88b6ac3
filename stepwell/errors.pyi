# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Mapping
from xdsl.dialects.builtin import LocationAttr

ABORTED: int
...

ALREADY_EXISTS: int
...

class AbortedError(OpError, RuntimeError):
    """An operation was ended by another one."""

class AlreadyExistsError(OpError, FileExistsError):
    """Something that was to be made is there already."""

CANCELLED: int
...

class CancelledError(OpError):
    """An operation was cancelled."""

class ControlFlowError(StepwellError, TypeError, ValueError):
    """Paths of a branch or loop on a tensor that do not fit together."""
    code = 'control-flow'
    def __init__(self, message: str, *, remedy: str | None = None) -> None: ...

class ControlFlowGradientError(TypeError):
    """A gradient was asked for through control flow or an op of a compiled function that has none."""

DATA_LOSS: int
...

DEADLINE_EXCEEDED: int
...

class DataLossError(ExecutionError, RuntimeError):
    """Data are lost or damaged."""

class DeadlineExceededError(OpError, TimeoutError):
    """An operation did not end in time."""

class DivisionByZeroError(InvalidArgumentError, ZeroDivisionError):
    """An integer that was divided by 0."""
    code = 'division-by-zero'

class ExecutionError(OpError):
    """A program that cannot go on: the base of what is raised while a program runs, on every engine."""
    code = 'execution'

class ExportError(StepwellError):
    """An exported file that does not pass its checks; it is not written."""
    code = 'export'

FAILED_PRECONDITION: int
...

class FailedAssertionError(InvalidArgumentError, AssertionError):
    """A condition of the user's own that does not hold: `Assert`, `sw.debugging.assert_…`, an `assert` statement."""
    code = 'failed-assertion'

class FailedPreconditionError(ExecutionError, RuntimeError):
    """The state of the program does not allow an operation now."""

INTERNAL: int
...

INVALID_ARGUMENT: int
...

class InternalError(OpError, RuntimeError):
    """Something that should never be is."""

class InvalidArgumentError(ExecutionError, ValueError):
    """A value that an op refuses: a size or shape that does not fit, an index out of range, a failed assertion."""
    code = 'invalid-argument'
    error_code = 3

class InvalidIndexError(InvalidArgumentError, IndexError):
    """An index that is out of range."""
    code = 'invalid-index'

class InvalidTypeError(InvalidArgumentError, TypeError):
    """A dtype that an operation does not have, or a value of a type that is none of a tensor."""
    code = 'invalid-type'

NOT_FOUND: int
...

class NotFoundError(ExecutionError, FileNotFoundError):
    """Something that was asked for, such as a file, is not there."""

OK: int
...

OUT_OF_RANGE: int
...

class OpError(StepwellError):
    """The base of the errors of operations, as in TensorFlow; most are also the class of Python that one would catch."""
    code = 'op'
    error_code = 2
    def __init__(
        self,
        *arguments: object,
        message: str | None = None,
        node_def: object = None,
        op: object = None,
        location: LocationAttr | None = None,
        remedy: str | None = None,
    ) -> None:
        ...
    @property
    def experimental_payloads(self) -> dict[str, str]:
        """Nothing."""

class OperatorNotAllowedInGraphError(SymbolicTensorError):
    """A symbolic tensor was used as a Python bool, or iterated over, in code that is not compiled."""

class OutOfRangeError(ExecutionError, IndexError):
    """An index beyond the end of a sequence, such as a TensorArray or a data set."""
    code = 'out-of-range'
    error_code = 11

PERMISSION_DENIED: int
...

class ParseError(StepwellError):
    """Text that is not IR; the message shows file, line and caret."""
    code = 'parse'

class PassError(StepwellError):
    """A pass that failed, or that left a module that is not valid."""
    code = 'pass'
    def __init__(
        self,
        pass_name: str,
        message: str,
        *,
        location: LocationAttr | None = None,
        op: str | None = None,
        pattern: str | None = None,
        replay: Mapping[str, object] | None = None,
    ) -> None:
        ...

class PermissionDeniedError(ExecutionError, PermissionError):
    """The caller may not do this."""

class PipelineError(StepwellError):
    """A pipeline that cannot be read, or whose passes do not fit the module's level."""
    code = 'pipeline'

RESOURCE_EXHAUSTED: int
...

class ResourceExhaustedError(ExecutionError, MemoryError):
    """Memory that a program asks for and that is not there."""
    code = 'resource-exhausted'
    error_code = 8

class ScopeError(StepwellError):
    """A tensor made inside a branch, a loop or another function is used where it does not exist."""
    code = 'scope'

class StepwellError(Exception):
    """The base of stepwell's own errors."""
    code = 'error'
    message: str
    location: LocationAttr | None
    remedy: str | None
    def __init__(self, message: str, *, location: LocationAttr | None = None, remedy: str | None = None) -> None: ...
    def __str__(self) -> str: ...

class SymbolicTensorError(TypeError):
    """A value that is known only when the function runs was needed while it was traced."""

UNAUTHENTICATED: int
"""TensorFlow's numbers of kinds of errors."""

UNAVAILABLE: int
...

UNIMPLEMENTED: int
...

UNKNOWN: int
...

class UnauthenticatedError(OpError, PermissionError):
    """The caller is not known."""

class UnavailableError(OpError, RuntimeError):
    """A service is not there now."""

class UnboundVariableError(ExecutionError, UnboundLocalError):
    """A Python variable that was read on a path on which it has no value."""
    code = 'unbound-variable'

class UnimplementedError(OpError, NotImplementedError):
    """An operation that does not exist for such operands."""

class UnknownError(OpError, RuntimeError):
    """An error of which nothing more is known."""

class UnknownPassError(StepwellError):
    """A pipeline names a pass that does not exist."""
    code = 'unknown-pass'
    def __init__(self, name: str, nearest: str | None) -> None: ...

class UnsupportedError(StepwellError):
    """Something that cannot be lowered, exported or run here."""
    code = 'unsupported'
