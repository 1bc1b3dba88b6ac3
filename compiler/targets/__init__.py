"""The CPUs that code is made for: what is known of each, by name, and of the one this runs on."""

from .cross import cross_target
from .find import VARIABLE, find_target, runs_here
from .named import NAMED
from .target import ALIGNMENT, HOST, Target, bit_width

__all__ = ["ALIGNMENT", "HOST", "NAMED", "VARIABLE", "Target", "bit_width", "cross_target", "find_target", "runs_here"]
