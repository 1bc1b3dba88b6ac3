"""What goes wrong while a program is interpreted, and where in the user's source."""

from __future__ import annotations

from xdsl.dialects.builtin import FileLineColLoc, LocationAttr, UnknownLoc
from xdsl.ir import Operation

from ....compiler.diagnostics import ExecutionError


def location_text(location: LocationAttr | None) -> str | None:
    """A location for people, `file:line:column`, or None where it is not known."""
    if isinstance(location, FileLineColLoc):
        return f"{location.filename.data}:{location.line.data}:{location.column.data}"
    if location is None or isinstance(location, UnknownLoc):
        return None
    return str(location)


class InterpreterError(ExecutionError):
    """A program that cannot go on: a failed assertion, an access out of range, a division by zero.

    Attributes:
        message: what happened.
        location: the location of the op in the user's source; None while not known.
        op_name: the op that was running.
    """

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
