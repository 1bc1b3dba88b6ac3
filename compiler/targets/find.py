"""The target of a name."""

from __future__ import annotations

import difflib
import os

from ...dialects.diagnostics import PipelineError
from .host import detected
from .named import NAMED
from .target import HOST, Target

VARIABLE = "STEPWELL_TARGET"
"""The environment variable that makes another CPU the host, one whose code runs here: `STEPWELL_TARGET=haswell`."""


def find_target(name: str) -> Target:
    """The CPU of a name; `host` is the one this runs on, or the one that STEPWELL_TARGET names.

    Raises PipelineError, with the nearest of the names there are, where there is none.

    Example:
        >>> find_target("haswell").vector_bits
        256
    """
    if name == HOST:
        configured = os.environ.get(VARIABLE) or HOST
        return detected() if configured == HOST else _named(configured, f"{VARIABLE}: ")
    return _named(name)


def _named(name: str, where: str = "") -> Target:
    if name in NAMED:
        return NAMED[name]
    known = [HOST, *NAMED]
    near = difflib.get_close_matches(name, known, n=1)
    remedy = f"did you mean '{near[0]}'?" if near else f"targets are {', '.join(known)}"
    raise PipelineError(f"{where}there is no target '{name}'", remedy=remedy)


def runs_here(target: Target) -> bool:
    """Whether the CPU this runs on has all that code for `target` may use."""
    here = detected()
    return target.architecture == here.architecture and target.has <= here.has
