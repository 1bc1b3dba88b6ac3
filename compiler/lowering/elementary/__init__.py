"""Elementary functions as arithmetic: one file a family of formulas, all of them on scalars and on vectors.

`lanes.py` is the notation the formulas are written in, `coefficients.py` holds the polynomials, made by
`tools/fit_polynomials.py`, and `expands`, in `functions.py`, says which op a formula is for and how large its error is.
"""

from . import error_function, exponential, hyperbolic, inverse_trigonometric, logarithm, power, trigonometric  # noqa: F401
from .functions import EXPANSIONS, Expansion, error_table
from .lanes import Constants, Scope, Value

__all__ = ["EXPANSIONS", "Constants", "Expansion", "Scope", "Value", "error_table"]
