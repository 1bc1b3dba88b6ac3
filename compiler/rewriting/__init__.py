"""A thin layer over xDSL's rewriter: keeps locations, gives reasons for refusals, names rewrites."""

from .limit import limit_rewrites
from .observe import Refusal, RewriteObserver, observe_rewrites
from .patterns import Apply, Pattern, apply_one, apply_patterns, collect_refusals, how_to_apply, refuse

__all__ = [
    "Apply",
    "Pattern",
    "Refusal",
    "RewriteObserver",
    "apply_one",
    "apply_patterns",
    "collect_refusals",
    "how_to_apply",
    "limit_rewrites",
    "observe_rewrites",
    "refuse",
]
