"""Modules as ONNX models."""
