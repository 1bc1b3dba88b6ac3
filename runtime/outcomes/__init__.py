"""What a run of a program came to, and whether two runs came to the same."""

from .difference import Difference, array_difference, difference
from .observe import TooLongError, observe, observe_run
from .outcome import Outcome
from .packed import packed_for
from .tolerance import RTOL, Tolerance, tolerance_after

__all__ = [
    "RTOL",
    "Difference",
    "Outcome",
    "Tolerance",
    "TooLongError",
    "array_difference",
    "difference",
    "observe",
    "observe_run",
    "packed_for",
    "tolerance_after",
]
