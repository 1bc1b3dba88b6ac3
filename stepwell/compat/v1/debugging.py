"""Checks with the arguments of TensorFlow 1."""

from stepwell._names import load_when_used

load_when_used(globals())
