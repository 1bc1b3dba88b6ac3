"""Mutation testing of the validator: wrong rewrites, planted one at a time, that `validate` has to notice."""

from .mutant import Mutant, Outcome, run_mutant, run_wrong_pass

__all__ = ["Mutant", "Outcome", "run_mutant", "run_wrong_pass"]
