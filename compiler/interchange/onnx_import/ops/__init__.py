"""What ONNX's operators mean, in functions of the language: one file a family."""
