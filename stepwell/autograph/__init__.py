"""AutoGraph: Python's control flow on tensors as control flow of compiled functions."""

from stepwell._names import load_when_used

load_when_used(globals())
