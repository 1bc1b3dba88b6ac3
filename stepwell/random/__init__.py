"""Random numbers: those of TensorFlow for the same seeds, on every engine."""

from stepwell._names import load_when_used

load_when_used(globals())
