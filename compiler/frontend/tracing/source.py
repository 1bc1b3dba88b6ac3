"""Where in the user's program are we? The only place that invents locations."""

from __future__ import annotations

import inspect
import os
import sys
import sysconfig
from functools import lru_cache
from types import CodeType, FrameType

from xdsl.dialects.builtin import LocationAttr, UnknownLoc

from ....dialects.locations import Place

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
_INTERNAL_FOLDERS = tuple(
    os.path.join(_PACKAGE, folder, "") for folder in ("compiler", "dialects", "runtime", "stepwell")
)
"""Not `tools`: the programs there are users of the public names, as everybody else."""
_INTERNAL_MODULES = ("malt.", "optree.", "xdsl.")
_STDLIB = os.path.join(os.path.realpath(sysconfig.get_paths()["stdlib"]), "")


@lru_cache(maxsize=4096)
def is_internal(file: str, module: str) -> bool:
    """Whether code is stepwell's own, Python's, or that of a library stepwell runs user code through."""
    if module.startswith(_INTERNAL_MODULES) or file.startswith("<frozen "):
        return True
    path = os.path.realpath(file)
    return path.startswith(_INTERNAL_FOLDERS) or (path.startswith(_STDLIB) and "site-packages" not in path)


@lru_cache(maxsize=4096)
def _column(code: CodeType, instruction: int) -> int:
    for index, (_, _, column, _) in enumerate(code.co_positions()):
        if index == instruction // 2:
            return column or 0
    return 0


def _place_of_frame(frame: FrameType) -> Place | None:
    file = frame.f_code.co_filename
    if is_internal(file, frame.f_globals.get("__name__", "")):
        return None
    return Place(file, frame.f_lineno, _column(frame.f_code, frame.f_lasti))


def user_frame(depth: int = 1) -> FrameType | None:
    """The innermost frame on the call stack that is the user's own, not stepwell's or a library's it uses."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None and is_internal(frame.f_code.co_filename, frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return frame


def user_place(depth: int = 1) -> Place | None:
    """The innermost place on the call stack that is the user's own, not stepwell's or a library's it uses."""
    frame: FrameType | None = sys._getframe(depth)
    while frame is not None:
        place = _place_of_frame(frame)
        if place is not None:
            return place
        frame = frame.f_back
    return None


def definition_location(function: object) -> LocationAttr:
    """The location of a Python function's definition; where that is not the user's, of the user's current line."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)  # pyright: ignore
    if not isinstance(code, CodeType) or is_internal(code.co_filename, getattr(function, "__module__", None) or ""):
        place = user_place(2)
        return place.location if place is not None else UnknownLoc()
    return Place(code.co_filename, code.co_firstlineno).location


def user_location() -> LocationAttr:
    """The location of the user's line that is running now."""
    place = user_place(2)
    return place.location if place is not None else UnknownLoc()
