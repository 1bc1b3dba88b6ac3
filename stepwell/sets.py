"""Sets of the elements along the last axis of tensors."""

from stepwell._names import load_when_used

load_when_used(globals())
