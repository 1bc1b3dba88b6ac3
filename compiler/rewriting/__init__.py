"""A thin layer over xDSL's rewriter: keeps locations, gives reasons for refusals, names rewrites."""

from .limit import limit_rewrites
from .patterns import Pattern, apply_one, apply_patterns, collect_refusals, refuse

__all__ = ["Pattern", "apply_one", "apply_patterns", "collect_refusals", "limit_rewrites", "refuse"]
