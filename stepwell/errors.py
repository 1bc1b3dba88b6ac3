"""Classes of errors, most of them also a class of Python: `InvalidArgumentError` is a `ValueError`."""

from stepwell._names import load_when_used

load_when_used(globals())
