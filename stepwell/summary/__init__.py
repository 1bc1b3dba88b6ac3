"""Summaries: what a program writes for TensorBoard while it runs."""

from stepwell._names import load_when_used

load_when_used(globals())
