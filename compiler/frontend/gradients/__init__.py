"""Tapes, and the gradients of what they recorded."""
