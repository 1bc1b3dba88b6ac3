"""Proofs of rewrites: what a pattern replaces and what it puts there, compared for all integers of widths 1 to 64.

Before and after go the way that programs go, through the ops' own lowerings to scalar `arith`, from there to xDSL's
`smt` dialect, and as SMT-LIB to z3. `python -m support.proofs` prints the table of all patterns. z3 is in the
test extra.
"""

from .prove import Proof, prove
from .table import Row, rows
from .templates import TEMPLATES, TESTED_ONLY, TESTED_ONLY_ON, patterns

__all__ = ["TEMPLATES", "TESTED_ONLY", "TESTED_ONLY_ON", "Proof", "Row", "patterns", "prove", "rows"]
