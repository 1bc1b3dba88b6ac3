"""Tracebacks of users' errors: without the frames of stepwell and of the libraries that it calls."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import linecache
import os
from collections.abc import Iterator
from types import TracebackType

from ....dialects.public import public

VARIABLE = "STEPWELL_TRACEBACK_FILTERING"
"""The environment variable that shows all frames: `STEPWELL_TRACEBACK_FILTERING=off`."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
_OURS = ("compiler", "dialects", "runtime", "stepwell", "tools")
_LIBRARIES = ("malt", "optree", "xdsl")
"""Packages that stepwell calls between two lines of the user's, or between the user's line and an error."""

_enabled = os.environ.get(VARIABLE, "").lower() not in ("off", "0", "false")


@public("debugging")
def enable_traceback_filtering() -> None:
    """Leave stepwell's own frames out of the tracebacks of errors; this is the default.

    What is left is the user's lines, down to the one that the error is about.
    """
    global _enabled
    _enabled = True


@public("debugging")
def disable_traceback_filtering() -> None:
    """Show all frames in the tracebacks of errors, as the environment variable STEPWELL_TRACEBACK_FILTERING=off does.

    Example:
        >>> import stepwell as sw
        >>> sw.debugging.disable_traceback_filtering()
        >>> sw.debugging.is_traceback_filtering_enabled()
        False
        >>> sw.debugging.enable_traceback_filtering()
    """
    global _enabled
    _enabled = False


@public("debugging")
def is_traceback_filtering_enabled() -> bool:
    """Whether stepwell's own frames are left out of the tracebacks of errors."""
    return _enabled


def trim(error: BaseException) -> None:
    """Take the frames of the machinery out of the traceback of `error`, and out of those of its causes.

    To be followed by a bare `raise`, which, unlike `raise error`, adds no line for the frame that it is in. An
    `assert` of stepwell's that fails is a bug, to be reported with all its frames.
    """
    if not _enabled or _is_bug(error):
        return
    for part in _chain(error):
        part.__traceback__ = _of_user(part.__traceback__)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and all that is printed above it."""
    seen: set[int] = set()
    part: BaseException | None = error
    while part is not None and id(part) not in seen:
        seen.add(id(part))
        yield part
        part = part.__cause__ or (None if part.__suppress_context__ else part.__context__)


def _of_user(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    inside = False
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        # a context manager of ours that is used as a decorator has a frame of contextlib between two of ours
        inside = _is_machinery(file) or (inside and file == contextlib.__file__)
        if not inside:
            kept.append(traceback)
        traceback = traceback.tb_next
    chain = None
    for part in reversed(kept):
        chain = TracebackType(chain, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return chain


def _is_bug(error: BaseException) -> bool:
    """Whether it is from an `assert` of stepwell's, not from one of the user's that AutoGraph or `sw.Assert` runs."""
    traceback = error.__traceback__
    if not isinstance(error, AssertionError) or traceback is None:
        return False
    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    file = traceback.tb_frame.f_code.co_filename
    line = linecache.getline(file, traceback.tb_lineno, traceback.tb_frame.f_globals)
    runs_users = os.path.basename(os.path.dirname(file)) == "autograph"
    return _is_machinery(file) and line.lstrip().startswith("assert ") and not runs_users


@functools.cache
def _is_machinery(file: str) -> bool:
    return not file.startswith("<") and os.path.realpath(file).startswith(_machinery())


@functools.cache
def _machinery() -> tuple[str, ...]:
    """The folders that the code of stepwell and of the libraries is in."""
    found = [os.path.join(_PACKAGE, name) for name in _OURS]
    for name in _LIBRARIES:
        spec = importlib.util.find_spec(name)
        found += [os.path.realpath(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    return tuple(os.path.join(folder, "") for folder in found)
