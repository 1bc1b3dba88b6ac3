"""Settings of threads, kept and without effect."""

from stepwell._names import load_when_used

load_when_used(globals())
