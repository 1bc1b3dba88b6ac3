"""Loops and branches that carry tensors."""

from __future__ import annotations

from .rewriter import Handler

HANDLERS: dict[type, Handler] = {}
"""How each op is rewritten."""
