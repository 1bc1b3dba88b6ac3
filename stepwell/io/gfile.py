"""Files and folders, with the errors that TensorFlow raises."""

from stepwell._names import load_when_used

load_when_used(globals())
