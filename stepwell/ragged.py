"""Tensors of rows that may have different lengths, and functions of them."""

from stepwell._names import load_when_used

load_when_used(globals())
