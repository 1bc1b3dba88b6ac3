"""User code that runs as plain Python, though it was to be converted, and why."""

from __future__ import annotations

import sys
import weakref
from types import CodeType, FrameType

from .source import is_internal

UNCONVERTED: weakref.WeakKeyDictionary[CodeType, str] = weakref.WeakKeyDictionary()
"""Code that AutoGraph cannot convert, and why."""


def why_not_converted() -> str | None:
    """Why the user's code that is running runs as plain Python, though it was to be converted; None: it was not."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_internal(frame.f_code.co_filename, frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return None if frame is None else UNCONVERTED.get(frame.f_code)
