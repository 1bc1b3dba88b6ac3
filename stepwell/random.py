"""Random numbers: the same bits on every engine for the same seed."""

from stepwell._names import load_when_used

load_when_used(globals())
