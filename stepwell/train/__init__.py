"""Checkpoints: values of objects in files, from which training goes on."""

from stepwell._names import load_when_used

load_when_used(globals())
