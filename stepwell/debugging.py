"""A look into programs, and checks of tensors, at once or when a compiled function runs."""

from stepwell._names import load_when_used

load_when_used(globals())
