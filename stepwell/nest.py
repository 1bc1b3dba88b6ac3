"""Structures of lists, tuples and dicts, taken apart and put together."""

from stepwell._names import load_when_used

load_when_used(globals())
