"""The pass base, named pipelines as data, and the manager that runs them."""

from .base import Pass

__all__ = ["Pass"]
