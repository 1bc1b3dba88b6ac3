# Written by `python -m stepwell.tools.public_api --write`.

from collections.abc import Mapping
from xdsl.dialects.builtin import LocationAttr

class ControlFlowError(StepwellError, TypeError, ValueError):
    """Paths of a branch or loop on a tensor that do not fit together."""
    code: str
    def __init__(self, message: str, *, remedy: str | None = None) -> None: ...

class ControlFlowGradientError(TypeError):
    """A gradient was asked for through a loop or branch of a compiled function that has none."""

class ExecutionError(StepwellError):
    """A program that cannot go on: the base of what is raised while a program runs, on every engine."""
    code: str

class ExportError(StepwellError):
    """An exported file that does not pass its checks; it is not written."""
    code: str

class FailedAssertionError(InvalidArgumentError, AssertionError):
    """A condition of the user's own that does not hold: `Assert`, `sw.debugging.assert_…`, an `assert` statement."""
    code: str

class InvalidArgumentError(ExecutionError, ValueError):
    """A value that an op refuses: a size or shape that does not fit, an index out of range, a failed assertion."""
    code: str

class InvalidIndexError(InvalidArgumentError, IndexError):
    """An index that is out of range."""
    code: str

class ParseError(StepwellError):
    """Text that is not IR; the message shows file, line and caret."""
    code: str

class PassError(StepwellError):
    """A pass that failed, or that left a module that is not valid."""
    code: str
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

class PipelineError(StepwellError):
    """A pipeline that cannot be read, or whose passes do not fit the module's level."""
    code: str

class ResourceExhaustedError(ExecutionError, MemoryError):
    """Memory that a program asks for and that is not there."""
    code: str

class ScopeError(StepwellError):
    """A tensor made inside a branch, a loop or another function is used where it does not exist."""
    code: str

class StepwellError(Exception):
    """The base of stepwell's own errors."""
    code: str
    message: str
    location: LocationAttr | None
    remedy: str | None
    def __init__(self, message: str, *, location: LocationAttr | None = None, remedy: str | None = None) -> None: ...
    def __str__(self) -> str: ...

class SymbolicTensorError(TypeError):
    """A value that is known only when the function runs was needed while it was traced."""

class UnboundVariableError(ExecutionError, UnboundLocalError):
    """A Python variable that was read on a path on which it has no value."""
    code: str

class UnknownPassError(StepwellError):
    """A pipeline names a pass that does not exist."""
    code: str
    def __init__(self, name: str, nearest: str | None) -> None: ...

class UnsupportedError(StepwellError):
    """Something that cannot be lowered, exported or run here."""
    code: str
