"""What watches a pipeline run: prints, times, counts, verifies, and collects reasons. Nothing of it runs unasked."""

from .pattern_verification import VerifyPatterns
from .printing import PrintIR
from .refusals import Refusals
from .statistics import Statistics
from .timing import TimeTree

__all__ = ["PrintIR", "Refusals", "Statistics", "TimeTree", "VerifyPatterns"]
