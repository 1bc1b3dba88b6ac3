"""`stepwell explore`: one page that shows a program at every level and after every pass."""

from .make import explore, explore_module, passes_down

__all__ = ["explore", "explore_module", "passes_down"]
