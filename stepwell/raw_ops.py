"""Operations that TensorFlow offers only as raw ones; their arguments are named."""

from stepwell._names import load_when_used

load_when_used(globals())
