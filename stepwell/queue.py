"""Queues of tensors between threads."""

from stepwell._names import load_when_used

load_when_used(globals())
