"""From ONNX: models as functions of tensors, which are traced like all others."""
