"""ONNX models: exporting functions, running models, and loading them."""

from stepwell._names import load_when_used

load_when_used(globals())
