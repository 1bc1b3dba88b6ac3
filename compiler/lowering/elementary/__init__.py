"""Elementary functions as arithmetic: one file a family of formulas, all of them on scalars and on vectors.

`lanes.py` is the notation the formulas are written in, `coefficients.py` holds the polynomials, made by
`tools/fit_polynomials.py`, and `functions.py` says which op each formula is for and how large its error is.
"""

from .functions import ERRORS, EXPANSIONS
from .lanes import Constants, Scope, Value

__all__ = ["ERRORS", "EXPANSIONS", "Constants", "Scope", "Value"]
