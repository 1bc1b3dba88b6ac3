"""User code that runs as plain Python, though it was to be converted, and why."""

from __future__ import annotations

import weakref
from types import CodeType

from .source import user_frame

UNCONVERTED: weakref.WeakKeyDictionary[CodeType, str] = weakref.WeakKeyDictionary()
"""Code that AutoGraph cannot convert, and why."""


def why_not_converted() -> str | None:
    """Why the user's code that is running runs as plain Python, though it was to be converted; None: it was not."""
    frame = user_frame()
    return None if frame is None else UNCONVERTED.get(frame.f_code)
