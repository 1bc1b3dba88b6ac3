"""All planted bugs: wrong rewrites from the top level down, users' wrong passes, failures to reduce, bugs to bisect."""

from __future__ import annotations

from . import (
    failures,
    misled,
    of_algebra,
    of_elementary,
    of_engines,
    of_gradients,
    of_hl,
    of_loops,
    of_lowering_hl,
    of_tensors,
    of_users,
)
from .bug import Bug
from .mutant import Mutant

MUTANTS: tuple[Mutant, ...] = (
    *of_hl.MUTANTS,
    *of_algebra.MUTANTS,
    *of_lowering_hl.MUTANTS,
    *of_tensors.MUTANTS,
    *of_loops.MUTANTS,
    *of_elementary.MUTANTS,
    *of_gradients.MUTANTS,
    *of_engines.MUTANTS,
)
"""Every wrong rewrite."""

BUGS: tuple[Bug, ...] = (*MUTANTS, *of_users.BUGS, *failures.BUGS, *misled.BUGS)
"""Every planted bug."""
