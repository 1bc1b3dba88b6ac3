"""What the command says when something is wrong: one line on standard error and an exit code, never a traceback."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager

FAILED = 1
"""Exit code: the program, or the compilation of it, failed."""
BAD_INPUT = 2
"""Exit code: the command line, a file or an input is not what it should be."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_OURS = tuple(os.path.join(_PACKAGE, name, "") for name in ("compiler", "dialects", "runtime", "stepwell", "tools"))


class CommandError(Exception):
    """What stops a command.

    Attributes:
        message: for people.
        code: the exit code.
    """

    def __init__(self, message: str, code: int = BAD_INPUT):
        self.message, self.code = message, code
        super().__init__(message)


def explain(error: Exception) -> CommandError:
    """Any error of a command as what to say about it."""
    from ..dialects.diagnostics import InputError, ParseError, PipelineError, StepwellError, UnknownPassError
    from ..dialects.plugins import PluginError

    if isinstance(error, CommandError):
        return error
    if isinstance(error, InputError | ParseError | PipelineError | UnknownPassError | PluginError):
        return CommandError(str(error))
    if isinstance(error, StepwellError):
        return CommandError(str(error), FAILED)
    if isinstance(error, OSError) and error.filename is not None:
        return CommandError(f"{error.filename}: {(error.strerror or str(error)).lower()}")
    if isinstance(error, RecursionError):
        return CommandError("the program is nested too deeply; `stepwell --traceback …` shows where", FAILED)
    if isinstance(error, MemoryError):
        return CommandError(_out_of_memory(error), FAILED)
    return CommandError(f"internal error, {_described(error)}; `stepwell --traceback …` shows where", FAILED)


def _out_of_memory(error: MemoryError) -> str:
    """What is said when there is not enough memory; numpy says how much was asked for."""
    message = " ".join(str(error).split())
    return f"not enough memory: {message[:1].lower()}{message[1:]}" if message else "not enough memory"


@contextmanager
def users_program() -> Iterator[None]:
    """Errors inside the `with` block are the user's: they are reported with the user's line.

    Where no line of the user's is involved, as when arguments do not fit a function's parameters, the input is wrong.
    """
    from ..dialects.diagnostics import StepwellError

    try:
        yield
    except CommandError:
        raise
    except StepwellError as error:
        place = _users_place(error) if error.location is None else None
        if place is None:
            raise
        raise CommandError(f"{place}: {error}", FAILED) from error
    except SyntaxError as error:
        raise CommandError(f"{error.filename}:{error.lineno}: {type(error).__name__}: {error.msg}", FAILED) from error
    except (Exception, SystemExit) as error:
        place = _users_place(error)
        if place is not None:
            raise CommandError(f"{place}: {_described(error)}", FAILED) from error
        if isinstance(error, TypeError | ValueError):
            raise CommandError(" ".join(str(error).split()) or type(error).__name__) from error
        raise


def _described(error: BaseException) -> str:
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _users_place(error: BaseException) -> str | None:
    """`file:line` of the innermost frame on the traceback that is the user's own."""
    paths = sysconfig.get_paths()
    foreign = (*_OURS, *(os.path.join(os.path.realpath(paths[name]), "") for name in ("stdlib", "purelib", "platlib")))
    place, traceback = None, error.__traceback__
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith("<") and not os.path.realpath(file).startswith(foreign):
            place = f"{file}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
