"""Errors for people: what went wrong, at which line of theirs, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.dialects.builtin import FileLineColLoc, LocationAttr

from .public import public


@public("errors")
class StepwellError(Exception):
    """The base of stepwell's own errors.

    Attributes:
        message: what went wrong.
        location: the user's line, where known.
        remedy: what to do about it, where known.
    """

    code = "error"

    def __init__(self, message: str, *, location: LocationAttr | None = None, remedy: str | None = None):
        self.message = message
        self.location = location
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = location_text(self.location)
        text = f"{place}: {self.message}" if place else self.message
        if not self.remedy:
            return text
        separator = "\n" if "\n" in text else "; "
        return f"{text}{separator}{self.remedy}"


def location_text(location: LocationAttr | None) -> str:
    """`file:line:column` of a location, empty for an unknown one."""
    if isinstance(location, FileLineColLoc):
        return f"{location.filename.data}:{location.line.data}:{location.column.data}"
    return ""


@public("errors")
class UnsupportedError(StepwellError):
    """Something that cannot be lowered, exported or run here."""

    code = "unsupported"


@public("errors")
class ExportError(StepwellError):
    """An exported file that does not pass its checks; it is not written."""

    code = "export"


@public("errors")
class OpError(StepwellError):
    """The base of the errors of operations, as in TensorFlow; most are also the class of Python that one would catch.

    It is made of a message, or of `node_def, op, message` as TensorFlow's.

    Attributes:
        message: what went wrong.
        error_code: TensorFlow's number of the kind of error.
        op: None; here operations are no objects.
        node_def: None.
    """

    code = "op"
    error_code = 2

    def __init__(
        self,
        *arguments: object,
        message: str | None = None,
        node_def: object = None,
        op: object = None,
        location: LocationAttr | None = None,
        remedy: str | None = None,
    ):
        if len(arguments) == 1:
            message = str(arguments[0])
        elif arguments:
            node_def, op, given = (*arguments, None)[:3]
            message = str(given) if given is not None else message
        self.node_def, self.op = node_def, op
        super().__init__(message or "", location=location, remedy=remedy)

    @property
    def experimental_payloads(self) -> dict[str, str]:
        """Nothing."""
        return {}


@public("errors")
class ExecutionError(OpError):
    """A program that cannot go on: the base of what is raised while a program runs, on every engine."""

    code = "execution"


@public("errors")
class InvalidArgumentError(ExecutionError, ValueError):
    """A value that an op refuses: a size or shape that does not fit, an index out of range, a failed assertion.

    The class is the same on all engines and for eager tensors.
    """

    code = "invalid-argument"
    error_code = 3


@public("errors")
class InvalidTypeError(InvalidArgumentError, TypeError):
    """A dtype that an operation does not have, or a value of a type that is none of a tensor."""

    code = "invalid-type"


@public("errors")
class InvalidIndexError(InvalidArgumentError, IndexError):
    """An index that is out of range."""

    code = "invalid-index"


@public("errors")
class OutOfRangeError(ExecutionError, IndexError):
    """An index beyond the end of a sequence, such as a TensorArray or a data set."""

    code = "out-of-range"
    error_code = 11


@public("errors")
class DivisionByZeroError(InvalidArgumentError, ZeroDivisionError):
    """An integer that was divided by 0."""

    code = "division-by-zero"


@public("errors")
class FailedAssertionError(InvalidArgumentError, AssertionError):
    """A condition of the user's own that does not hold: `Assert`, `sw.debugging.assert_…`, an `assert` statement."""

    code = "failed-assertion"


@public("errors")
class UnboundVariableError(ExecutionError, UnboundLocalError):
    """A Python variable that was read on a path on which it has no value."""

    code = "unbound-variable"


@public("errors")
class ResourceExhaustedError(ExecutionError, MemoryError):
    """Memory that a program asks for and that is not there."""

    code = "resource-exhausted"
    error_code = 8


_FAILED_CHECKS: dict[str, type[ExecutionError]] = {
    error.code: error
    for error in (
        InvalidArgumentError,
        InvalidIndexError,
        OutOfRangeError,
        DivisionByZeroError,
        FailedAssertionError,
        UnboundVariableError,
        ResourceExhaustedError,
    )
}


def add_failed_checks(*errors: type[ExecutionError]) -> None:
    """Make errors that are defined elsewhere those of the checks with their codes."""
    _FAILED_CHECKS.update((error.code, error) for error in errors)


def failed_check_class(kind: str) -> type[ExecutionError]:
    """The class of the error of a check; `kind` is that of `debug.assert`, or another error's code."""
    return _FAILED_CHECKS.get(kind, InvalidArgumentError)


def failed_check(kind: str, message: str, location: LocationAttr | None = None) -> ExecutionError:
    """The error of a check that failed while a program ran."""
    return failed_check_class(kind)(message, location=location)


@public("errors")
class UnknownPassError(StepwellError):
    """A pipeline names a pass that does not exist."""

    code = "unknown-pass"

    def __init__(self, name: str, nearest: str | None):
        remedy = f"did you mean '{nearest}'?" if nearest else "`stepwell opt --list-passes` shows all"
        super().__init__(f"there is no pass '{name}'", remedy=remedy)


@public("errors")
class PipelineError(StepwellError):
    """A pipeline that cannot be read, or whose passes do not fit the module's level."""

    code = "pipeline"


@public("errors")
class PassError(StepwellError):
    """A pass that failed, or that left a module that is not valid.

    Attributes:
        pass_name: the pass.
        op: the op it was rewriting, or that is not valid, where known.
        pattern: the pattern that was at it, where there was one.
        replay: what is to be checked, besides running the pass, so that the error occurs again.
    """

    code = "pass"

    def __init__(
        self,
        pass_name: str,
        message: str,
        *,
        location: LocationAttr | None = None,
        op: str | None = None,
        pattern: str | None = None,
        replay: Mapping[str, object] | None = None,
    ):
        self.pass_name, self.op, self.pattern = pass_name, op, pattern
        self.replay = dict(replay or {})
        super().__init__(f"pass '{pass_name}': {message}", location=location)


@public("errors")
class ParseError(StepwellError):
    """Text that is not IR; the message shows file, line and caret."""

    code = "parse"


class InputError(StepwellError):
    """What a program of text is to run with, or the function that is to run, is not there or does not fit."""

    code = "input"
