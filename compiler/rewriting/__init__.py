"""A thin layer over xDSL's rewriter: keeps locations, gives reasons for refusals, names rewrites."""

from .patterns import Pattern, apply_patterns, collect_refusals, refuse

__all__ = ["Pattern", "apply_patterns", "collect_refusals", "refuse"]
