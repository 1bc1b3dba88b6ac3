"""Finding what made a result wrong: the pass, the rewrite, the op and the user's line."""

from .bisect import bisect
from .culprit import Culprit

__all__ = ["Culprit", "bisect"]
