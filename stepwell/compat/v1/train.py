"""The optimizers of TensorFlow 1."""

from stepwell._names import load_when_used

load_when_used(globals())
