"""ONNX models: written, run in ONNX Runtime, and loaded."""
