"""What goes wrong while a program is interpreted, and where in the user's source."""

from __future__ import annotations

from functools import cache

from xdsl.dialects.builtin import FileLineColLoc, LocationAttr, UnknownLoc
from xdsl.ir import Operation

from ....dialects.diagnostics import ExecutionError, failed_check, failed_check_class


def location_text(location: LocationAttr | None) -> str | None:
    """A location for people, `file:line:column`, or None where it is not known."""
    if isinstance(location, FileLineColLoc):
        return f"{location.filename.data}:{location.line.data}:{location.column.data}"
    if location is None or isinstance(location, UnknownLoc):
        return None
    return str(location)


class InterpreterError(ExecutionError):
    """A program that cannot go on: a failed assertion, an access out of range, a division by zero.

    Of a check or an op that refuses its operands it is also the class of error that all engines raise, such as
    `InvalidArgumentError`; compiled functions raise just that.

    Attributes:
        kind: the kind of the check that failed, as `debug.assert` has it.
        message: what happened.
        location: the location of the op in the user's source; None while not known.
        op_name: the op that was running.
    """

    kind = ""

    def __init__(self, message: str, location: LocationAttr | None = None):
        self.op_name: str | None = None
        super().__init__(message, location=location)

    def happened_at(self, op: Operation) -> None:
        """Note the op that was running, unless one nested in it is noted already."""
        if self.op_name is None:
            self.op_name = op.name
            self.location = op.location

    def __str__(self) -> str:
        where = location_text(self.location)
        during = f" [{self.op_name}]" if self.op_name else ""
        return f"{where}: {self.message}{during}" if where else f"{self.message}{during}"

    def of_engine(self) -> ExecutionError:
        """The error that every engine raises for this."""
        return failed_check(self.kind, self.message, self.location)


def refusal(kind: str, message: str, location: LocationAttr | None = None) -> InterpreterError:
    """The error of a failed check of that kind, or of an op that refuses its operands."""
    return _refusal_class(kind)(message, location)


@cache
def _refusal_class(kind: str) -> type[InterpreterError]:
    error = failed_check_class(kind)
    return type(InterpreterError.__name__, (InterpreterError, error), {"kind": kind, "__doc__": error.__doc__})
