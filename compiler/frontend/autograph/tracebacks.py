"""Errors of user code that ran converted: without the frames of the machinery."""

from __future__ import annotations

import os
from types import TracebackType
from typing import TypeVar

_HERE = os.path.dirname(os.path.realpath(__file__))
_MACHINERY = (_HERE, os.path.join(os.path.dirname(_HERE), "control_flow"))

E = TypeVar("E", bound=BaseException)


def _is_machinery(traceback: TracebackType) -> bool:
    return os.path.realpath(traceback.tb_frame.f_code.co_filename).startswith(_MACHINERY)


def trimmed(error: E) -> E:
    """`error` with a traceback of the user's frames, and stepwell's public ones."""
    kept: list[TracebackType] = []
    traceback = error.__traceback__
    while traceback is not None:
        if not _is_machinery(traceback):
            kept.append(traceback)
        traceback = traceback.tb_next
    chain = None
    for part in reversed(kept):
        chain = TracebackType(chain, part.tb_frame, part.tb_lasti, part.tb_lineno)
    return error.with_traceback(chain)
