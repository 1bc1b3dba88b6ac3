"""What packages need that add dialects, passes, levels and pipelines; `docs/opt.md` shows how.

A package has a `Plugin`, and an entry point of the group `stepwell.plugins` that names it.
"""

from stepwell.compiler.pipeline.base import Pass
from stepwell.compiler.rewriting import Pattern, apply_patterns, refuse
from stepwell.dialects.emitter import Emitter
from stepwell.dialects.levels import Level
from stepwell.dialects.plugins import Plugin, PluginError

__all__ = ["Emitter", "Level", "Pass", "Pattern", "Plugin", "PluginError", "apply_patterns", "refuse"]
