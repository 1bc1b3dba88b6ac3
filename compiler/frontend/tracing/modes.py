"""What is in force that makes calls of compiled functions more than runs of compiled code.

A tape that records, a trace, a guard: each is a matter of one thread and is known there. A call has no time to ask for
all of them; it looks at one list, in which each thread that has one of them has put its name.
"""

from __future__ import annotations

IN_FORCE: list[str] = []
"""One word for each mode of each thread; while it is empty, calls in all threads are plain."""


def switch(mode: str, was: bool, is_now: bool) -> None:
    """Note that `mode`, which was in force in this thread or not, is about to be, or is no longer.

    Call it before a mode begins and after it has ended: what is listed too long costs time, and no more.
    """
    if is_now and not was:
        IN_FORCE.append(mode)
    elif was and not is_now:
        IN_FORCE.remove(mode)


__all__ = ["IN_FORCE", "switch"]
