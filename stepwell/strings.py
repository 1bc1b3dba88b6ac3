"""Functions on strings, which are sequences of bytes."""

from stepwell._names import load_when_used

load_when_used(globals())
