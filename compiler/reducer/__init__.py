"""Making a module small that shows a failure: while it still shows it, at any level, always valid."""

from .reduce import Predicate, Reduction, reduce

__all__ = ["Predicate", "Reduction", "reduce"]
