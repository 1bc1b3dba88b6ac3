"""Dtypes, and what is asked about them."""

from stepwell._names import load_when_used

load_when_used(globals())
