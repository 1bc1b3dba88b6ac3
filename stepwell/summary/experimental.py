"""Summaries: the default step, and what new kinds of summaries are made of."""

from stepwell._names import load_when_used

load_when_used(globals())
