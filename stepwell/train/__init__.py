"""What training programs keep in files: checkpoints of objects, and examples as messages."""

from stepwell._names import load_when_used

load_when_used(globals())
