"""Functions of TensorFlow 1 for datasets."""

from stepwell._names import load_when_used

load_when_used(globals())
