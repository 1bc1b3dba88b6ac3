"""Functions on the elements of tensors, and reductions."""

from stepwell._names import load_when_used

load_when_used(globals())
