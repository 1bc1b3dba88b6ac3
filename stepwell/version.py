"""Which TensorFlow stepwell follows, and which stepwell it is."""

from stepwell._names import load_when_used

load_when_used(globals())
