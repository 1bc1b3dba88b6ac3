"""Export to ONNX, and running what was exported."""

from stepwell._names import load_when_used

load_when_used(globals())
