"""Tensors of which only some elements are stored, and functions of them."""

from stepwell._names import load_when_used

load_when_used(globals())
