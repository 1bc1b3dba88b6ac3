"""All mutants, from the top level down."""

from __future__ import annotations

from . import of_algebra, of_elementary, of_engines, of_gradients, of_hl, of_loops, of_lowering_hl, of_tensors
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
"""Every mutant there is."""
