"""Where TensorFlow had generators and functions on seeds first."""

from stepwell._names import load_when_used

load_when_used(globals())
