"""Functions of images: tensors of rows, columns and channels, or several of them."""

from stepwell._names import load_when_used

load_when_used(globals())
